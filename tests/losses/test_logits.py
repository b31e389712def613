"""Crossentropies of probabilities use the logits that a softmax or sigmoid remembers."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from kerastorch import losses
from kerastorch.activations.functions import sigmoid, softmax

BINARY = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
ONE_HOT = torch.eye(4)[[0, 1, 3]]
LABELS = torch.tensor([0, 1, 3])
CASES = {
    "BinaryCrossentropy": (sigmoid, BINARY),
    "CategoricalCrossentropy": (softmax, ONE_HOT),
    "SparseCategoricalCrossentropy": (softmax, LABELS),
}


def extreme(width: int) -> torch.Tensor:
    """Logits whose probabilities round to 0 and 1."""
    return (torch.linspace(-150.0, 150.0, 3 * width).reshape(3, width)).requires_grad_()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("weight", [None, [1.0, 2.0, 3.0]], ids=["plain", "weighted"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_extreme_logits_are_exact(name, weight, smoothing):
    activation, y_true = CASES[name]
    options = {} if "Sparse" in name else {"label_smoothing": smoothing}
    results = []
    for from_logits in (False, True):
        x = extreme(2 if name.startswith("Binary") else 4)
        loss = getattr(losses, name)(from_logits=from_logits, **options)
        value = loss(y_true, x if from_logits else activation(x), sample_weight=weight)
        value.backward()
        results.append((value.detach(), x.grad))
    torch.testing.assert_close(*results)
    assert results[0][0] > 20  # more than a loss of clipped probabilities can be


@pytest.mark.parametrize("name", CASES)
def test_functions_use_them(name):
    activation, y_true = CASES[name]
    x = extreme(2 if name.startswith("Binary") else 4)
    function = {
        "BinaryCrossentropy": losses.binary_crossentropy,
        "CategoricalCrossentropy": losses.categorical_crossentropy,
        "SparseCategoricalCrossentropy": losses.sparse_categorical_crossentropy,
    }[name]
    torch.testing.assert_close(function(y_true, activation(x)), function(y_true, x, from_logits=True))


@pytest.mark.parametrize("name", CASES)
def test_logits_of_the_other_activation_do_not_count(name):
    activation = softmax if name.startswith("Binary") else sigmoid
    y_true = CASES[name][1]
    x = torch.randn(3, 2 if name.startswith("Binary") else 4)
    loss = getattr(losses, name)()
    torch.testing.assert_close(loss(y_true, activation(x)), loss(y_true, activation(x).detach()))


def test_softmax_over_another_axis_does_not_count():
    x = torch.randn(4, 4)
    probabilities = softmax(x, axis=0)
    loss = losses.SparseCategoricalCrossentropy()
    y_true = torch.tensor([0, 1, 2, 3])
    torch.testing.assert_close(loss(y_true, probabilities), loss(y_true, probabilities.detach()))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_logits_survive_the_cast_to_float32(dtype):
    x = torch.tensor([[40.0, -40.0], [-40.0, 40.0]], dtype=dtype)
    value = losses.SparseCategoricalCrossentropy()(torch.tensor([1, 1]), softmax(x))
    assert value.dtype == torch.float32
    assert value.item() == pytest.approx(40.0)


@pytest.mark.parametrize(("true", "pred"), [((3,), (3, 1)), ((3, 1), (3,)), ((3, 2), (3, 2, 1))], ids=str)
@pytest.mark.parametrize("weight", [None, 2.0], ids=["plain", "weighted"])
def test_logits_survive_an_axis_of_length_one(true, pred, weight):
    x = torch.full(pred, -60.0)
    value = losses.BinaryCrossentropy()(torch.ones(true), sigmoid(x), sample_weight=weight)
    assert value.item() == pytest.approx(60.0 * (weight or 1.0))


@pytest.mark.parametrize("ignore_class", [None, 1])
def test_steps_share_one_call(ignore_class):
    x = torch.randn(3, 5, 4)
    labels = torch.randint(0, 4, (3, 5))
    loss = losses.SparseCategoricalCrossentropy(ignore_class=ignore_class)
    expected = F.cross_entropy(
        x.movedim(-1, 1), labels, ignore_index=-100 if ignore_class is None else ignore_class
    )
    torch.testing.assert_close(loss(labels, softmax(x)), expected)
