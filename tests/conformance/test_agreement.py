"""Same weights and inputs in, same outputs, gradients, losses and state out as Keras's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, flat, pair, params, tensors

IN_KERAS = [row for row in LAYERS if row.twin is None]


def outcome(layer, row, training):
    """The output, the gradients of inputs and weights, the losses and the state after one call."""
    inputs = tensors(row)
    given = inputs if row.several else [inputs]
    if not row.integer:
        given = [x.requires_grad_() for x in given]
    output = flat(layer(inputs, training=training))
    losses = [torch.as_tensor(v) for v in layer.losses]
    probe = torch.linspace(-1.0, 1.0, output.numel()).reshape(output.shape)
    total = (output * probe).sum() + sum(losses)
    weights = [getattr(w, "value", w) for w in layer.trainable_weights]
    sources = [*([] if row.integer else given), *weights]
    grads = torch.autograd.grad(total, sources, allow_unused=True) if sources else []
    return [output, *grads, *losses, *(torch.as_tensor(w) for w in layer.get_weights())]


def assert_same(ours, theirs, tolerance):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape
            np.testing.assert_allclose(a.detach(), b.detach(), rtol=1e-5, atol=tolerance)


@pytest.mark.parametrize("row", params(IN_KERAS))
def test_inference_is_keras_s(row):
    ours, theirs = pair(row)
    assert_same(outcome(ours, row, False), outcome(theirs, row, False), row.tolerance)


@pytest.mark.parametrize("row", params(row for row in IN_KERAS if not row.random))
def test_training_is_keras_s(row):
    ours, theirs = pair(row)
    assert_same(outcome(ours, row, True), outcome(theirs, row, True), row.tolerance)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.random))
def test_training_draws_anew_and_keeps_shape_and_type(row):
    layer, inputs = built(row), tensors(row)
    first, second = layer(inputs, training=True), layer(inputs, training=True)
    assert first.shape == inputs.shape
    assert first.dtype == inputs.dtype
    assert not torch.equal(first, second)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.twin is not None))
def test_layers_of_keras_2_follow_their_formula(row):
    expected = row.twin(row.arrays()[0])
    np.testing.assert_allclose(built(row)(tensors(row)), expected, atol=row.tolerance)


@pytest.mark.parametrize("row", params(LAYERS))
def test_a_second_call_gives_the_same(row):
    layer, inputs = built(row), tensors(row)
    assert torch.equal(flat(layer(inputs)), flat(layer(inputs)))
