"""Losses give Keras's values and gradients: for every rank, as classes and functions, under every reduction."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
import torch

from kerastorch import losses
from kerastorch.naming import to_snake_case
from tests.losses.cases import CASES, KINDS, case_id, inputs, shapes
from tests.losses.oracle import REDUCTIONS, agree, agree_with_gradients, pair, value_and_gradient

FUNCTIONS = {"CTC": "ctc"}
SHAPED = [(name, options, shape) for name, options in CASES for shape in shapes(name)]
ONE_RANK = ("sequences", "embeddings", "labels")
SQUEEZED = [name for name, kind in KINDS.items() if kind in ("numbers", "binary", "rates", "signs")]


def functions(name, options):
    function = FUNCTIONS.get(name, to_snake_case(name))
    options = {"q": 0.5, **options} if "Generalized" in name else options
    return [functools.partial(getattr(k, function), **options) for k in (losses, keras.losses)]


@pytest.mark.parametrize(("name", "options", "shape"), SHAPED, ids=case_id)
def test_class(name, options, shape):
    agree_with_gradients(pair(name, options), *inputs(name, options, shape))


@pytest.mark.parametrize(("name", "options", "shape"), SHAPED, ids=case_id)
def test_function(name, options, shape):
    agree_with_gradients(functions(name, options), *inputs(name, options, shape))


@pytest.mark.parametrize("rank", [1, 5])
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind not in ONE_RANK])
def test_lowest_and_highest_rank(name, rank):
    agree_with_gradients(pair(name, {}), *inputs(name, {}, (2, 3, 2, 3, 4)[-rank:]))


@pytest.mark.parametrize(
    ("name", "options"), [case for case in CASES if KINDS[case[0]] == "labels"], ids=case_id
)
@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (2, 1, 3, 5, 4)], ids=str)
def test_high_ranks_of_labels(name, options, shape):
    # Compared with rank 2: the gradients of Keras on torch fail beyond rank 3, for probabilities.
    loss = getattr(losses, name)(**options)
    y_true, y_pred = inputs(name, options, shape)
    value, gradient = value_and_gradient(loss, y_true, y_pred)
    flat, flat_gradient = value_and_gradient(loss, y_true.reshape(-1), y_pred.reshape(-1, 4))
    agree(value, flat)
    agree(gradient.reshape(-1, 4), flat_gradient)


@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_reduction(name, options, reduction):
    agree_with_gradients(pair(name, options, reduction), *inputs(name, options, shapes(name)[-1]))


@pytest.mark.parametrize("name", SQUEEZED)
@pytest.mark.parametrize(
    ("true", "pred"), [((5,), (5, 1)), ((5, 1), (5,)), ((3, 2), (3, 2, 1)), ((3, 2, 1), (3, 2))]
)
def test_last_axis_of_length_one(name, true, pred):
    y_true, y_pred = inputs(name, {}, (*true, 1))
    agree_with_gradients(pair(name, {}), y_true.reshape(true), y_pred.reshape(pred))


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind in ("labels", "embeddings")])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "none"])
def test_column_of_labels(name, reduction):
    y_true, y_pred = inputs(name, {}, (6, 4))
    # Keras compares a column of labels with every row in the generalized crossentropy, against its documentation.
    ours, theirs = pair(name, {}, reduction)
    agree(ours(y_true[:, None], y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh"])
@pytest.mark.parametrize(
    ("true", "pred"), [((5, 1), (5, 4)), ((1, 4), (5, 4)), ((5, 4), (5, 1)), ((4,), (5, 4))]
)
def test_broadcast(name, true, pred):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.normal(size=true).astype("float32"), rng.normal(size=pred).astype("float32")
    agree_with_gradients(pair(name, {}), y_true, y_pred)


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
    "targets", [[[0.0, 1.0], [1.0, 1.0]], [[-1.0, 1.0], [1.0, 1.0]], [[0.0, 0.5], [1.0, 2.0]]]
)
@pytest.mark.parametrize("name", ["hinge", "squared_hinge"])
def test_hinge_turns_zeros_and_ones_into_signs(name, targets):
    y_pred = np.array([[0.3, -0.7], [1.2, 0.1]], dtype="float32")
    y_true = np.array(targets, dtype="float32")
    agree(getattr(losses, name)(y_true, y_pred), getattr(keras.losses, name)(y_true, y_pred))


@pytest.mark.parametrize("remove", [True, False])
@pytest.mark.parametrize("references", ["labels and embeddings", "embeddings", "labels"])
def test_circle_with_references(remove, references):
    y_true, y_pred = inputs("Circle", {}, (6, 4))
    labels, embeddings = inputs("Circle", {}, (8 if references == "labels and embeddings" else 6, 4), seed=1)
    given = {"remove_diagonal": remove}
    given |= {"ref_labels": labels} if "labels" in references else {}
    given |= {"ref_embeddings": embeddings} if "embeddings" in references else {}
    agree_with_gradients(
        [functools.partial(k.circle, **given) for k in (losses, keras.losses)], y_true, y_pred
    )


def test_zero_within_ctc_labels_ends_what_counts():
    # As in Keras, the number of labels is that of those other than 0, wherever they stand.
    y_pred = inputs("CTC", {}, (2, 5, 4))[1]
    agree_with_gradients([losses.ctc, keras.losses.ctc], np.array([[1, 0, 3], [0, 0, 0]]), y_pred)
