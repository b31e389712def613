"""Tensors and arrays of numbers among the symbolic arguments of layers, in graphs and in their files."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input, Model, layers
from kerastorch.models import load_model

KEPT = np.array([True, False, True, True])
CAUSAL = np.tril(np.ones((1, 3, 3), bool))
FACTOR = np.linspace(0, 1, 12, dtype="float32").reshape(1, 3, 4)

CALLS = {
    "a mask of softmax": lambda x, given: layers.Softmax()(x, mask=given(KEPT)),
    "a mask of attention": lambda x, given: layers.Attention()([x, x], mask=[None, given(KEPT[None, 1:])]),
    "which steps attend": lambda x, given: layers.MultiHeadAttention(2, 4)(
        x, x, attention_mask=given(CAUSAL)
    ),
    "a mask of normalization": lambda x, given: layers.BatchNormalization()(x, mask=given(CAUSAL[:, 1])),
    "a factor": lambda x, given: layers.Multiply()([x, given(FACTOR)]),
    "the first term": lambda x, given: layers.Add()([given(FACTOR), x]),
}


@pytest.mark.parametrize("given", [torch.as_tensor, np.array], ids=["tensor", "array"])
@pytest.mark.parametrize("name", CALLS)
def test_constants_are_held_by_graphs_and_files(tmp_path, name, given):
    x = Input((3, 4))
    output = CALLS[name](x, given)
    assert output.shape == (None, 3, 4)
    model, numbers = Model(x, output), torch.rand(2, 3, 4)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    torch.testing.assert_close(again(numbers), model(numbers))


@pytest.mark.parametrize("given", [torch.as_tensor, np.array], ids=["tensor", "array"])
def test_a_constant_means_what_it_means_in_a_call_with_numbers(given):
    x, numbers = Input((3, 4)), torch.rand(2, 3, 4)
    expected = torch.softmax(numbers.masked_fill(torch.as_tensor(~KEPT), -torch.inf), -1)
    torch.testing.assert_close(Model(x, layers.Softmax()(x, mask=given(KEPT)))(numbers), expected)
    torch.testing.assert_close(Model(x, layers.Multiply()([x, given(FACTOR)]))(numbers), numbers * FACTOR)
