"""Layers run in other floating-point types, alone and mixed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input
from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, flat, make, pair, params, tensors
from tests.conformance.test_shapes import symbols

IN_KERAS = [row for row in LAYERS if row.twin is None]


@pytest.mark.parametrize("row", params(IN_KERAS))
def test_float64_is_keras_s(row):
    ours, theirs = pair(row, dtype="float64")
    inputs = tensors(row, dtype=torch.float64)
    a, b = flat(ours(inputs)), flat(theirs(inputs))
    assert a.dtype == (torch.int64 if row.name == "Flatten" and row.integer else torch.float64)
    np.testing.assert_allclose(
        a.detach(), b.detach(), rtol=1e-5, atol=1e-6
    )  # Keras on torch is exact to float32


# torch has no kernel for the one on the CPU; Keras gives float32 for means of integers whatever the policy.
LOW = [
    row
    for row in IN_KERAS
    if row.name != "AveragePooling3D" and not (row.integer and row.name == "GlobalAveragePooling1D")
]


@pytest.mark.parametrize("policy", ["bfloat16", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("row", params(LOW))
def test_low_precision_has_keras_s_type_and_nearly_its_values(row, policy):
    ours, theirs = pair(row, dtype=policy)
    a, b = flat(ours(tensors(row))), flat(theirs(tensors(row)))
    assert a.dtype == b.dtype
    assert [w.dtype for w in ours.weights] == [w.value.dtype for w in theirs.weights]
    np.testing.assert_allclose(a.detach().float(), b.detach().float(), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("policy", ["float64", "mixed_bfloat16"])
@pytest.mark.parametrize("row", params(LAYERS))
def test_symbolic_type_is_the_real_one(row, policy):
    layer = make(row, dtype=policy)
    symbolic = flat(layer(symbols(row)))
    assert symbolic.dtype == str(flat(layer(tensors(row))).dtype).removeprefix("torch.")


@pytest.mark.parametrize("row", params(row for row in LAYERS if not row.integer))
def test_mixed_precision_trains_weights_in_float32(row):
    layer = built(row, dtype="mixed_bfloat16")
    inputs = tensors(row)
    for x in inputs if row.several else [inputs]:
        x.requires_grad_()
    flat(layer(inputs, training=True)).float().sum().backward()
    assert all(x.grad.dtype == torch.float32 for x in (inputs if row.several else [inputs]))
    assert all(w.grad is None or w.grad.dtype == torch.float32 for w in layer.trainable_weights)


def test_input_keeps_its_type():
    assert Input((3,), dtype="float64").dtype == "float64"
