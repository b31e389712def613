"""Layers run in other floating-point types, alone and mixed."""

from __future__ import annotations

import pytest
import torch

from kerastorch import Input
from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, close, flat, leaves, make, pair, params, run, tensors
from tests.conformance.test_shapes import symbols

BY_KERAS = [row for row in LAYERS if row.by_keras]


def takes_any_type(row):
    """Whether the layer can be asked for floats: numbers of bins are integers."""
    return row.name != "Hashing" or row.kwargs.get("output_mode", "int") != "int"


FLOATS = [row for row in LAYERS if not row.words and takes_any_type(row)]


@pytest.mark.parametrize("row", params(BY_KERAS))
def test_float64_is_keras_s(row):
    ours, theirs = pair(row, dtype="float64")
    inputs = tensors(row, dtype=torch.float64)
    a, b = leaves(run(ours, row, inputs)), leaves(run(theirs, row, inputs))
    floats = [x.is_floating_point() for x in a]
    # Keras's Dense gives integers for integers when it has no bias.
    assert floats == [x.is_floating_point() or (row.integer and row.name == "Dense") for x in b]
    assert {x.dtype for x, is_float in zip(a, floats, strict=True) if is_float} <= {torch.float64}
    close(
        a, b, atol=max(row.tolerance, 1e-6)
    )  # Keras on torch is exact to float32, and returns it now and then


@pytest.mark.parametrize("policy", ["bfloat16", "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("row", params(row for row in BY_KERAS if row.low))
def test_low_precision_has_keras_s_type_and_nearly_its_values(row, policy):
    ours, theirs = pair(row, dtype=policy)
    a, b = leaves(run(ours, row, tensors(row))), leaves(run(theirs, row, tensors(row)))
    assert [x.dtype for x in a] == [x.dtype for x in b]
    assert [w.dtype for w in ours.weights] == [w.value.dtype for w in theirs.weights]
    scale = max(float(x.abs().max()) for x in b if x.numel()) if b else 1.0
    close(a, b, rtol=0.05, atol=0.05 * max(1.0, scale / 50))


@pytest.mark.parametrize("policy", ["float64", "mixed_bfloat16"])
@pytest.mark.parametrize("row", params(FLOATS))
def test_symbolic_type_is_the_real_one(row, policy):
    layer = make(row, dtype=policy)
    symbolic, real = leaves(run(layer, row, symbols(row))), leaves(run(layer, row, tensors(row)))
    assert [s.dtype for s in symbolic] == [str(r.dtype).removeprefix("torch.") for r in real]


def gradients(row, policy):
    """The gradients of inputs and weights of a sum of the outputs in training, None where there is none."""
    torch.manual_seed(0)  # which augmentations are drawn decides whether there is a gradient
    layer, inputs = built(row, dtype=policy), tensors(row)
    given = inputs if row.several else [inputs]
    for x in given:
        x.requires_grad_()
    outputs = flat(run(layer, row, inputs, training=True))
    sources = [*given, *layer.trainable_weights]
    if not outputs.requires_grad:
        return [None] * len(sources)
    return list(torch.autograd.grad(outputs.float().sum(), sources, allow_unused=True))


@pytest.mark.parametrize("row", params(row for row in FLOATS if not row.integer))
def test_mixed_precision_has_the_gradients_of_float32_in_float32(row):
    mixed, full = gradients(row, "mixed_bfloat16"), gradients(row, "float32")
    assert [g is None for g in mixed] == [g is None for g in full]
    assert all(g.dtype == torch.float32 for g in mixed if g is not None)


def test_input_keeps_its_type():
    assert Input((3,), dtype="float64").dtype == "float64"
