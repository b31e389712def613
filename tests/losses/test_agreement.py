"""Losses give Keras's values and gradients."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import losses
from kerastorch.naming import to_snake_case
from tests.losses.cases import CASES, KINDS, case_id, inputs

REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]


def pair(name: str, options: dict, reduction: str | None = "sum_over_batch_size", **more: object) -> tuple:
    kwargs = {**options, "reduction": reduction, **more}
    return getattr(losses, name)(**kwargs), getattr(keras.losses, name)(**kwargs)


def agree(ours: torch.Tensor, theirs: torch.Tensor, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=atol)


def value_and_gradient(loss: object, y_true: np.ndarray, y_pred: np.ndarray, weight: object = None) -> tuple:
    x = torch.tensor(y_pred, requires_grad=True)
    out = loss(torch.tensor(y_true), x, sample_weight=weight)
    out.sum().backward()
    return out, x.grad


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4), (2, 3, 5, 4)], ids=str)
def test_value(name, options, shape):
    y_true, y_pred = inputs(name, options, shape)
    ours, theirs = pair(name, options)
    agree(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4)], ids=str)
def test_value_and_gradient(name, options, shape):
    y_true, y_pred = inputs(name, options, shape)
    ours, theirs = pair(name, options)
    got = value_and_gradient(ours, y_true, y_pred)
    expected = value_and_gradient(theirs, y_true, y_pred)
    agree(got[0], expected[0])
    agree(got[1], expected[1])


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_reduction(name, options, reduction):
    y_true, y_pred = inputs(name, options, (3, 5, 4))
    ours, theirs = pair(name, options, reduction)
    agree(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_function(name, options):
    function = to_snake_case(name)
    y_true, y_pred = inputs(name, options, (3, 5, 4))
    ours = getattr(losses, function)(y_true, y_pred, **options)
    agree(ours, getattr(keras.losses, function)(torch.tensor(y_true), y_pred, **options))


WEIGHTS = {"scalar": (), "one": (1,), "column": (6, 1), "full": (6, 3), "with axis": (6, 3, 1)}


@pytest.mark.parametrize("shape", WEIGHTS.values(), ids=WEIGHTS.keys())
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy", "SparseCategoricalCrossentropy"])
def test_sample_weight(name, reduction, shape):
    y_true, y_pred = inputs(name, {}, (6, 3, 4))
    weight = np.random.default_rng(1).uniform(0.5, 2.0, size=shape).astype("float32")
    ours, theirs = pair(name, {}, reduction)
    got = value_and_gradient(ours, y_true, y_pred, weight)
    expected = value_and_gradient(theirs, y_true, y_pred, weight)
    agree(got[0], expected[0])
    agree(got[1], expected[1])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", [(6,), (6, 1)], ids=str)
def test_weight_per_sample(name, shape):
    y_true, y_pred = inputs(name, {}, (6, 4))
    options = {"axis": (1,)} if name in ("Dice", "Tversky") else {}
    weight = np.arange(6, dtype="float32").reshape(shape)
    ours, theirs = pair(name, options)
    agree(ours(y_true, y_pred, weight), theirs(y_true, y_pred, weight))


@pytest.mark.parametrize("steps", [4, 3], ids=["square", "oblong"])
def test_weight_per_sample_spans_the_steps(steps):
    # Keras 3 on torch lines the weights up with the last axis; TensorFlow's documentation has one weight per sample.
    y_true, y_pred = inputs("MeanSquaredError", {}, (4, steps, 2))
    weight = np.array([0.0, 1.0, 2.0, 3.0], dtype="float32")
    got = losses.MeanSquaredError()(y_true, y_pred, weight)
    expected = (((y_true - y_pred) ** 2).mean(-1) * weight[:, None]).mean()
    assert got.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "name", ["MeanSquaredError", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]
)
@pytest.mark.parametrize("masked", ["some", "all", "none"])
def test_mask_of_predictions(name, reduction, weighted, masked):
    y_true, y_pred = inputs(name, {}, (4, 3, 5))
    mask = {
        "some": np.arange(12).reshape(4, 3) % 3 > 0,
        "all": np.zeros((4, 3), bool),
        "none": np.ones((4, 3), bool),
    }
    weight = np.linspace(0.5, 2.0, 12, dtype="float32").reshape(4, 3) if weighted else None
    results = []
    for loss in pair(name, {}, reduction):
        x = torch.tensor(y_pred)
        x._keras_mask = torch.tensor(mask[masked])
        results.append(loss(torch.tensor(y_true), x, sample_weight=weight))
    agree(*results)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", "none"])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("labels", [[0, 1, 2, 1], [1, 1, 1, 1]], ids=["some", "all"])
def test_ignored_class_joins_mask(reduction, from_logits, labels):
    _, y_pred = inputs("SparseCategoricalCrossentropy", {"from_logits": from_logits}, (4, 3))
    results = []
    for loss in pair(
        "SparseCategoricalCrossentropy", {"from_logits": from_logits, "ignore_class": 1}, reduction
    ):
        x = torch.tensor(y_pred)
        x._keras_mask = torch.tensor([True, True, True, False])
        results.append((loss(torch.tensor(labels), x), loss(torch.tensor(labels), torch.tensor(y_pred))))
    for got, expected in zip(*results, strict=True):
        agree(got, expected)


@pytest.mark.parametrize(
    "name", [n for n, kind in KINDS.items() if kind in ("numbers", "binary", "rates", "signs")]
)
@pytest.mark.parametrize(
    ("true", "pred"), [((5,), (5, 1)), ((5, 1), (5,)), ((3, 2), (3, 2, 1)), ((3, 2, 1), (3, 2))]
)
def test_last_axis_of_length_one(name, true, pred):
    y_true, y_pred = inputs(name, {}, (*true, 1))
    y_true, y_pred = y_true.reshape(true), y_pred.reshape(pred)
    ours, theirs = pair(name, {})
    got = value_and_gradient(ours, y_true, y_pred)
    expected = value_and_gradient(theirs, y_true, y_pred)
    agree(got[0], expected[0])
    agree(got[1], expected[1])


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh"])
@pytest.mark.parametrize(
    ("true", "pred"), [((5, 1), (5, 4)), ((1, 4), (5, 4)), ((5, 4), (5, 1)), ((4,), (5, 4))]
)
def test_broadcast(name, true, pred):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=true).astype("float32"), rng.normal(size=pred).astype("float32")
    ours, theirs = pair(name, {})
    agree(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "int16", "float32", "float64"])
@pytest.mark.parametrize("form", ["plain", "column"])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("shape", [(6, 4), (3, 5, 4)], ids=str)
def test_types_of_labels(dtype, form, from_logits, shape):
    options = {"from_logits": from_logits}
    y_true, y_pred = inputs("SparseCategoricalCrossentropy", options, shape)
    y_true = y_true.astype(dtype)[..., None] if form == "column" else y_true.astype(dtype)
    ours, theirs = pair("SparseCategoricalCrossentropy", options)
    agree(
        ours(torch.tensor(y_true), torch.tensor(y_pred)), theirs(torch.tensor(y_true), torch.tensor(y_pred))
    )


@pytest.mark.parametrize("from_logits", [False, True])
def test_class_axis(from_logits):
    # torch's own loss is the oracle, because Keras's gradients fail for some axes.
    y_pred = torch.randn(2, 5, 3, 4)
    y_true = torch.randint(0, 5, (2, 3, 4))
    given = y_pred if from_logits else y_pred.softmax(1)
    loss = losses.SparseCategoricalCrossentropy(from_logits=from_logits, axis=1)
    expected = torch.nn.functional.cross_entropy(y_pred, y_true)
    torch.testing.assert_close(loss(y_true, given), expected)
    torch.testing.assert_close(loss(y_true.unsqueeze(1), given), expected)


@pytest.mark.parametrize(
    "name",
    [
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy",
        "BinaryFocalCrossentropy",
        "CategoricalFocalCrossentropy",
        "KLDivergence",
    ],
)
def test_certain_probabilities(name):
    y_pred = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], dtype="float32")
    y_true = np.array([0, 0, 1]) if "Sparse" in name else np.array([[1, 0], [1, 0], [0, 1]], dtype="float32")
    ours, theirs = pair(name, {}, "none")
    got = value_and_gradient(ours, y_true, y_pred)
    expected = value_and_gradient(theirs, y_true, y_pred)
    agree(got[0], expected[0])
    agree(got[1], expected[1], rtol=1e-4)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "list"])
def test_types_of_arrays(name, dtype):
    y_true, y_pred = inputs(name, {}, (3, 4))
    if dtype == "list":
        ours, theirs = pair(name, {})
        agree(ours(y_true.tolist(), y_pred.tolist()), theirs(y_true, y_pred))
        return
    ours, theirs = pair(name, {})
    agree(
        ours(y_true.astype(dtype), y_pred.astype("float64")),
        theirs(y_true.astype(dtype), y_pred.astype("float64")),
    )


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "mixed_bfloat16"])
def test_type_of_computation(name, dtype):
    y_true, y_pred = inputs(name, {}, (3, 4))
    ours, theirs = pair(name, {}, dtype=dtype)
    assert ours.dtype == theirs.dtype
    got, expected = ours(y_true, y_pred), theirs(y_true, y_pred)
    assert got.dtype == getattr(torch, ours.dtype)  # Keras returns float32 for a mean in float64
    close = 1e-6 if dtype == "float64" else 0.05
    np.testing.assert_allclose(got.double().numpy(), expected.double().numpy(), rtol=close, atol=close)


@pytest.mark.parametrize("name", KINDS)
def test_half_precision_predictions_are_computed_in_float32(name):
    y_true, y_pred = inputs(name, {}, (3, 4))
    half = torch.tensor(y_pred).bfloat16()
    ours, theirs = pair(name, {})
    agree(ours(torch.tensor(y_true), half), theirs(torch.tensor(y_true), half), rtol=1e-4)


@pytest.mark.parametrize("name", KINDS)
def test_nan_stays_nan(name):
    y_true, y_pred = inputs(name, {}, (3, 4))
    y_pred[0, 0] = np.nan
    y_true = y_true * 0 if KINDS[name] == "labels" else y_true
    assert losses.get(name)(y_true, y_pred).isnan()


@pytest.mark.parametrize("name", [n for n in KINDS if n != "CategoricalHinge"])  # where Keras raises
def test_empty_batch(name):
    y_true, y_pred = inputs(name, {}, (3, 4))
    ours, theirs = pair(name, {})
    agree(ours(y_true[:0], y_pred[:0]), theirs(y_true[:0], y_pred[:0]))


@pytest.mark.parametrize(
    "targets", [[[0.0, 1.0], [1.0, 1.0]], [[-1.0, 1.0], [1.0, 1.0]], [[0.0, 0.5], [1.0, 2.0]]]
)
@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_hinge_turns_zeros_and_ones_into_signs(name, targets):
    y_pred = np.array([[0.3, -0.7], [1.2, 0.1]], dtype="float32")
    y_true = np.array(targets, dtype="float32")
    agree(getattr(losses, name)(y_true, y_pred), getattr(keras.losses, name)(y_true, y_pred))
