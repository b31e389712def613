"""Values at the edge: probabilities of 0 and 1, extreme logits, zero vectors, infinity and NaN."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import losses
from kerastorch.activations.functions import sigmoid, softmax
from tests.losses.cases import KINDS, inputs, shapes
from tests.losses.oracle import agree, pair, value_and_gradient

CERTAIN = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], dtype="float32")
PROBABILISTIC = [name for name, kind in KINDS.items() if kind in ("binary", "classes", "labels", "rates")]


def certain_targets(name):
    labels = np.array([0, 0, 1])
    return labels if KINDS[name] == "labels" else np.eye(2, dtype="float32")[labels]


@pytest.mark.parametrize("name", PROBABILISTIC)
def test_certain_probabilities(name):
    y_true, y_pred = certain_targets(name), CERTAIN
    ours, theirs = pair(name, {}, "none")
    value, gradient = value_and_gradient(ours, y_true, y_pred)
    expected, its_gradient = value_and_gradient(theirs, y_true, y_pred)
    agree(value, expected)
    assert gradient.isfinite().all()
    if its_gradient.isfinite().all() and name != "CategoricalHinge":  # which has a kink here
        agree(gradient, its_gradient, rtol=1e-4)


@pytest.mark.parametrize("name", PROBABILISTIC)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("weight", [None, np.array([0.0, 1.0, 2.0], "float32")], ids=["plain", "weighted"])
def test_certain_probabilities_keep_gradients_finite(name, reduction, weight):
    options = {"axis": (1,)} if name in ("Dice", "Tversky") else {}
    loss = getattr(losses, name)(reduction=reduction, **options)
    value, gradient = value_and_gradient(loss, certain_targets(name), CERTAIN, weight)
    assert value.isfinite()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", ["BinaryFocalCrossentropy", "CategoricalFocalCrossentropy"])
def test_focal_gradients_are_finite_at_every_power(name, gamma):
    # The slope of a root is infinite at 0, and Keras's gradient with it.
    loss = getattr(losses, name)(gamma=gamma)
    theirs = pair(name, {"gamma": gamma})[1]
    value, gradient = value_and_gradient(loss, certain_targets(name), CERTAIN)
    agree(value, theirs(certain_targets(name), CERTAIN), rtol=1e-4)
    assert gradient.isfinite().all()


LOGITS = np.array([[90.0, -90.0], [-90.0, 90.0], [1e4, -1e4]], dtype="float32")


@pytest.mark.parametrize("name", [name for name in PROBABILISTIC if "rossentropy" in name])
def test_extreme_logits(name):
    both = pair(name, {"from_logits": True}, "none")
    ours, theirs = (value_and_gradient(loss, certain_targets(name), LOGITS) for loss in both)
    agree(ours[0], theirs[0], rtol=1e-4)
    assert ours[1].isfinite().all()
    agree(ours[1], theirs[1])


@pytest.mark.parametrize("name", PROBABILISTIC)
def test_saturated_activations_keep_gradients_finite(name):
    x = torch.tensor(LOGITS, requires_grad=True)
    y_pred = (sigmoid if KINDS[name] == "binary" else softmax)(x)
    losses.get(name)(torch.tensor(certain_targets(name)), y_pred).backward()
    assert x.grad.isfinite().all()


def test_generalized_crossentropy_of_remembered_logits_keeps_its_slope():
    x = torch.tensor([[30.0, -30.0]], requires_grad=True)
    losses.CategoricalGeneralizedCrossEntropy(q=0.1)([1], softmax(x)).backward()
    assert x.grad[0, 0] > 1e-3  # Keras's is that of a probability that may have rounded to 0


@pytest.mark.parametrize("name", ["MeanSquaredError", "CosineSimilarity", "MeanAbsolutePercentageError"])
def test_zero_vectors(name):
    zeros = np.zeros((3, 2), "float32")
    both = pair(name, {}, "none")
    ours, theirs = (value_and_gradient(loss, zeros, zeros) for loss in both)
    agree(ours[0], theirs[0])
    agree(ours[1], theirs[1])


@pytest.mark.parametrize("name", ["LogCosh", "Huber", "MeanAbsoluteError", "Hinge"])
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_large_numbers(name, size):
    y_true, y_pred = np.ones((2, 2), "float32"), np.array([[size, -size], [0.0, size]], "float32")
    both = pair(name, {}, "none")
    ours, theirs = (value_and_gradient(loss, y_true, y_pred) for loss in both)
    agree(ours[0], theirs[0])
    agree(ours[1], theirs[1])


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "none"])
@pytest.mark.parametrize("weight", [None, 1.0], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", KINDS)
def test_nan_stays_nan(name, reduction, weight):
    y_true, y_pred = inputs(name, {}, shapes(name)[0])
    y_pred[0, ..., 0] = np.nan
    y_true = y_true * 0 if KINDS[name] == "labels" else y_true
    y_true = np.zeros(6) if KINDS[name] == "embeddings" else y_true
    assert getattr(losses, name)(reduction=reduction)(y_true, y_pred, weight).isnan().any()


@pytest.mark.parametrize(
    "name", ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "KLDivergence"]
)
def test_nan_in_targets_stays_nan(name):
    y_true, y_pred = inputs(name, {})
    y_true[2, 1] = np.nan
    value = getattr(losses, name)(reduction="none")(y_true, y_pred)
    assert value.isnan().tolist() == [False, False, True, False, False, False]


def test_sequence_longer_than_its_frames_is_impossible():
    value = losses.CTC()(np.array([[1, 1, 1]]), np.zeros((1, 4, 2), "float32"))
    assert value.item() == np.inf  # three times the same label needs five frames
