"""Masks that layers leave on predictions: on every loss, with and without weights, under every reduction."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import losses
from tests.losses.cases import KINDS, inputs, shapes
from tests.losses.oracle import DISTINCT, agree, agree_with_gradients, pair

STEPS = [name for name in KINDS if (3, 5, 4) in shapes(name)]
MASKS = {
    "some": np.arange(12).reshape(4, 3) % 3 > 0,
    "all": np.zeros((4, 3), bool),
    "none": np.ones((4, 3), bool),
    "a row": np.arange(12).reshape(4, 3) >= 3,
}
WEIGHTS = {
    "plain": None,
    "number": 0.5,
    "samples": np.array([[0.0], [1.0], [2.0], [3.0]], "float32"),
    "steps": np.linspace(0.5, 2.0, 12, dtype="float32").reshape(4, 3),
    "zeros": np.zeros((4, 3), "float32"),
}


def options_of(name):
    return {"axis": (2,)} if name in ("Dice", "Tversky") else {}


@pytest.mark.parametrize("reduction", DISTINCT)
@pytest.mark.parametrize("masked", MASKS)
@pytest.mark.parametrize("name", STEPS)
def test_steps(name, reduction, masked):
    both = pair(name, options_of(name), reduction)
    agree_with_gradients(both, *inputs(name, {}, (4, 3, 5)), None, MASKS[masked])


@pytest.mark.parametrize("reduction", DISTINCT)
@pytest.mark.parametrize("weighted", WEIGHTS)
@pytest.mark.parametrize("name", STEPS)
def test_steps_with_weights(name, reduction, weighted):
    both = pair(name, options_of(name), reduction)
    agree_with_gradients(both, *inputs(name, {}, (4, 3, 5)), WEIGHTS[weighted], MASKS["some"])


@pytest.mark.parametrize("reduction", DISTINCT)
@pytest.mark.parametrize("weighted", [None, np.arange(6, dtype="float32")], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", KINDS)
def test_samples(name, reduction, weighted):
    options = {"axis": (1,)} if name in ("Dice", "Tversky") else {}
    mask = np.array([True, False, True, True, False, True])
    agree_with_gradients(pair(name, options, reduction), *inputs(name, options), weighted, mask)


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight"])
def test_type_of_mask(dtype, reduction):
    both = pair("MeanSquaredError", {}, reduction)
    mask = MASKS["some"].astype(dtype)
    agree_with_gradients(both, *inputs("MeanSquaredError", {}, (4, 3, 5)), None, mask)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", "none"])
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("labels", [[0, 1, 2, 1], [1, 1, 1, 1]], ids=["some", "all"])
def test_ignored_class_joins_mask(reduction, from_logits, labels):
    options = {"from_logits": from_logits, "ignore_class": 1}
    _, y_pred = inputs("SparseCategoricalCrossentropy", options, (4, 3))
    both = pair("SparseCategoricalCrossentropy", options, reduction)
    for mask in (None, [True, True, True, False]):
        for weight in (None, [1.0, 2.0, 3.0, 4.0]):
            agree_with_gradients(both, np.array(labels), y_pred, weight, mask)


@pytest.mark.parametrize("ignore", [-1, 255])
def test_ignored_class_may_be_no_class(ignore):
    _, y_pred = inputs("SparseCategoricalCrossentropy", {}, (4, 3))
    both = pair("SparseCategoricalCrossentropy", {"ignore_class": ignore})
    agree_with_gradients(both, np.array([0, ignore, 2, ignore]), y_pred)


def test_mask_of_the_targets_is_not_read():
    y_true, y_pred = (torch.tensor(a) for a in inputs("MeanSquaredError", {}, (4, 3, 5)))
    expected = losses.MeanSquaredError()(y_true, y_pred)
    y_true._keras_mask = torch.zeros(4, 3, dtype=torch.bool)
    agree(losses.MeanSquaredError()(y_true, y_pred), expected)
