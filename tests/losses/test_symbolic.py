"""Losses of symbolic tensors are symbolic tensors, for models that add a loss of their own."""

from __future__ import annotations

import pytest
import torch

import kerastorch.core.tracing  # noqa: F401  # teaches symbolic tensors to record
from kerastorch import losses
from kerastorch.core.spec import KerasTensor
from tests.losses.cases import KINDS

SYMBOLS = {
    "labels": ((None, 5), (None, 5, 4)),
    "sequences": ((None, 3), (None, 5, 4)),
    "embeddings": ((None,), (None, 4)),
}
VALUES = {"Dice": (), "Tversky": (), "CTC": (None,), "Circle": (None,)}


def symbols(name: str) -> list[KerasTensor]:
    return [KerasTensor(shape) for shape in SYMBOLS.get(KINDS[name], [(None, 5, 4)] * 2)]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "none"])
def test_loss(name, reduction):
    shape = VALUES.get(name, (None, 5)) if reduction == "none" else ()
    assert getattr(losses, name)(reduction=reduction)(*symbols(name)).shape == shape


@pytest.mark.parametrize("function", ["mse", "binary_crossentropy", "kl_divergence", "cosine_similarity"])
def test_function(function):
    value = getattr(losses, function)(*symbols("MeanSquaredError"))
    assert value.shape == (None, 5)
    assert value.dtype == "float32"


def test_only_one_argument_is_symbolic():
    assert losses.mse(torch.zeros(1, 4), KerasTensor((None, 4))).shape == (None,)


def test_symbolic_weights():
    y_true, y_pred = symbols("MeanSquaredError")
    assert losses.MeanSquaredError()(y_true, y_pred, sample_weight=KerasTensor((None,))).shape == ()
