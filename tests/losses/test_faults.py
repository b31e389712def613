"""What cannot be computed is refused: the error names the loss, what was received and what was expected."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import losses
from kerastorch.errors import InvalidArgumentError, ShapeError
from tests.losses.cases import KINDS, inputs, shapes


def case(name, y_true, y_pred, message, options=None, weight=None):
    return pytest.param(
        name, options or {}, y_true, y_pred, weight, message, id=f"{name}, {y_true}, {y_pred}, {weight}"
    )


LABELS = "SparseCategoricalCrossentropy"
LOGITS = {"from_logits": True}
SHAPES = [
    case("MeanSquaredError", (4, 3), (4, 2), r"'mean_squared_error'.*\(4, 3\), y_pred.shape=\(4, 2\)"),
    case("MeanAbsoluteError", (4,), (3, 1), r"'mean_absolute_error'.*\(4, 1\), y_pred.shape=\(3, 1\)"),
    case("Huber", (4, 3), (4, 2), r"'huber' must have the same shape"),
    case("Hinge", (4, 3), (4, 2), r"'hinge' must have the same shape"),
    case("Dice", (4, 3), (4, 2), r"'dice' must have the same shape"),
    case("KLDivergence", (4, 3), (5, 3), r"'kl_divergence' must have the same shape"),
    case("BinaryCrossentropy", (4, 1), (4, 2), r"'binary_crossentropy'.*\(4, 1\), y_pred.shape=\(4, 2\)"),
    case("CategoricalCrossentropy", (4,), (4, 3), "use `sparse_categorical_crossentropy`"),
    case("CategoricalCrossentropy", (4, 1), (4, 3), "use `sparse_categorical_crossentropy`", LOGITS),
    case(LABELS, (4, 3), (4, 3), "For one-hot targets use `categorical_crossentropy`"),
    case(LABELS, (5,), (4, 3), r"without the class axis: \(4,\).*\(5,\), y_pred.shape=\(4, 3\)"),
    case(LABELS, (5,), (4, 3), r"class axis: \(4,\)", LOGITS),
    case(LABELS, (3, 4), (4, 3, 2), r"class axis: \(4, 3\)", LOGITS),
    case(LABELS, (4,), (4, 3), "axis 5 of the classes", {"axis": 5}),
    case(
        "CategoricalGeneralizedCrossEntropy", (5,), (4, 3), r"'categorical_generalized_cross_entropy'.*\(5,\)"
    ),
    case("CTC", (4,), (4, 3, 2), r"'ctc' expects targets of shape \(batch, labels\).*y_true.shape=\(4,\)"),
    case("CTC", (4, 2), (4, 3), r"'ctc' expects.*y_pred.shape=\(4, 3\)"),
    case("CTC", (3, 2), (4, 3, 2), r"'ctc' expects.*y_true.shape=\(3, 2\)"),
    case(
        "Circle", (5,), (4, 3), r"'circle' expects embeddings of shape \(count, 3\).*labels of shape \(5,\)"
    ),
    case("Circle", (4,), (4, 3, 2), r"'circle' expects embeddings.*\(4, 3, 2\)"),
    case("MeanSquaredError", (4, 3), (4, 3), r"'mean_squared_error'.*\(3,\), do not fit.*\(4,\)", None, (3,)),
    case("MeanSquaredError", (4, 3), (4, 3), r"sample weights or the mask, of shape \(4, 2\)", None, (4, 2)),
]


@pytest.mark.parametrize(("name", "options", "y_true", "y_pred", "weight", "message"), SHAPES)
def test_shapes_that_do_not_fit(name, options, y_true, y_pred, weight, message):
    loss = getattr(losses, name)(**options)
    labels = torch.zeros(y_true, dtype=torch.int64)
    weights = None if weight is None else torch.ones(weight)
    with pytest.raises(ShapeError, match=message):
        loss(labels, torch.full(y_pred, 0.5), sample_weight=weights)


def test_references_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"'circle'.*labels of shape \(2,\), embeddings of shape \(3, 4\)"):
        losses.circle([0, 1], np.ones((2, 4)), ref_labels=[0, 1], ref_embeddings=np.ones((3, 4)))


NO_CLASS = {
    "sparse_categorical_crossentropy": [LABELS, {}],
    "sparse from logits": [LABELS, {"from_logits": True}],
    "sparse, ignoring": [LABELS, {"ignore_class": 7}],
    "sparse from logits, ignoring": [LABELS, {"ignore_class": 7, "from_logits": True}],
    "categorical_generalized_cross_entropy": ["CategoricalGeneralizedCrossEntropy", {}],
    "ctc": ["CTC", {}],
}


@pytest.mark.parametrize("label", [3, -1, -100])
@pytest.mark.parametrize("weight", [None, 1.0], ids=["plain", "weighted"])
@pytest.mark.parametrize("of", NO_CLASS)
def test_labels_that_are_no_classes(of, label, weight):
    name, options = NO_CLASS[of]
    y_true = torch.tensor([[0, label]] if name == "CTC" else [0, label])
    y_pred = torch.full((1, 4, 3) if name == "CTC" else (2, 3), 0.3)
    with pytest.raises(InvalidArgumentError, match=r"outside of \[0, 3\), the 3 classes"):
        getattr(losses, name)(**options)(y_true, y_pred, sample_weight=weight)


def test_hint_for_labels_to_leave_out():
    with pytest.raises(InvalidArgumentError, match="To leave a label out, pass `ignore_class`"):
        losses.SparseCategoricalCrossentropy()([-1], [[0.5, 0.5]])


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", "none"])
@pytest.mark.parametrize(
    "weight", [-1.0, [1.0, -0.5], np.array([[0.0], [-2.0]]), torch.tensor([0, -3])], ids=str
)
@pytest.mark.parametrize("masked", [False, True])
def test_negative_weights(reduction, weight, masked):
    y_pred = torch.ones(2, 1)
    if masked:
        y_pred._keras_mask = torch.tensor([True, True])
    with pytest.raises(InvalidArgumentError, match="In loss 'mine': Sample weights must not be negative"):
        losses.MeanSquaredError(reduction=reduction, name="mine")(torch.ones(2, 1), y_pred, weight)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"])
@pytest.mark.parametrize("name", KINDS)
def test_empty_batch(name, reduction):
    y_true, y_pred = inputs(name, {})
    options = {"axis": (1,)} if name in ("Dice", "Tversky") else {}
    loss = getattr(losses, name)(reduction=reduction, **options)
    with pytest.raises(ShapeError, match=f"In loss '{loss.name}': The batch is empty"):
        loss(y_true[:0], y_pred[:0])


@pytest.mark.parametrize("name", [name for name in KINDS if len(shapes(name)) > 1])
def test_empty_batch_has_no_values(name):
    y_true, y_pred = inputs(name, {})
    options = {"axis": (1,)} if name in ("Dice", "Tversky") else {}
    assert getattr(losses, name)(reduction="none", **options)(y_true[:0], y_pred[:0]).shape == (0,)


@pytest.mark.parametrize("reduction", ["average", "Sum", 3])
def test_unknown_reduction(reduction):
    with pytest.raises(InvalidArgumentError, match="Invalid value for argument `reduction`"):
        losses.MeanSquaredError(reduction=reduction)


@pytest.mark.parametrize("q", [0, 1, -0.5, 2.0])
def test_power_outside_of_its_interval(q):
    with pytest.raises(ValueError, match=r"q must be in the interval \(0, 1\). Received: q="):
        losses.CategoricalGeneralizedCrossEntropy(q=q)


@pytest.mark.parametrize("function", [losses.categorical_crossentropy, losses.categorical_focal_crossentropy])
def test_axis_must_be_a_number(function):
    with pytest.raises(InvalidArgumentError, match="`axis` must be of type `int`"):
        function(torch.ones(2, 2), torch.ones(2, 2), axis=True)


@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "CategoricalFocalCrossentropy"])
def test_single_class_warns(name):
    with pytest.warns(SyntaxWarning, match="Consider using 'binary_crossentropy'"):
        losses.get(name)(torch.ones(2, 1), torch.ones(2, 1))


def test_arrays_of_words_are_refused():
    with pytest.raises(InvalidArgumentError, match="Expected a tensor, an array or numbers"):
        losses.MeanSquaredError()(["a"], [1.0])
