"""Layers on a CUDA device: the same values and gradients as on the CPU, and nothing waits for the device."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from kerastorch import tree
from kerastorch.layers.masks import set_mask
from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, leaves, params, run, tensors

pytestmark = pytest.mark.gpu

FLOATS = [row for row in LAYERS if not row.words and row.compiles]
# What these give has as many values as the data say, which has to be known on the host.
COUNTS = {"CategoryEncoding", "Discretization", "Hashing", "HashedCrossing", "IntegerLookup"}


def moved(inputs):
    return tree.map_structure(lambda x: x.cuda(), inputs)


def outcome(layer, row, inputs):
    """The outputs, and the gradients of the weights of their sum."""
    outputs = leaves(run(layer, row, inputs))
    weights = layer.trainable_weights
    total = sum(x.float().sum() for x in outputs if x.is_floating_point() and x.requires_grad)
    grads = torch.autograd.grad(total, weights, allow_unused=True) if isinstance(total, torch.Tensor) else []
    return [*outputs, *(g for g in grads if g is not None)]


@pytest.fixture(autouse=True)
def exact():
    """Products and convolutions in full float32."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    yield
    torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


@pytest.mark.parametrize("row", params(FLOATS))
def test_values_and_gradients_are_those_of_the_cpu(row):
    layer = built(row)
    twin = copy.deepcopy(layer).cuda()
    expected = outcome(layer, row, tensors(row))
    found = outcome(twin, row, moved(tensors(row)))
    for a, b in zip(found, expected, strict=True):
        assert a.device.type == "cuda"
        np.testing.assert_allclose(a.detach().cpu().float(), b.detach().float(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("row", params(row for row in FLOATS if row.name not in COUNTS))
def test_a_call_does_not_wait_for_the_device(row):
    layer = built(row).cuda()
    inputs = moved(tensors(row))
    run(layer, row, inputs)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        run(layer, row, inputs)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("row", params(row for row in FLOATS if row.masked))
def test_masks_count_as_on_the_cpu(row):
    layer = built(row)
    twin = copy.deepcopy(layer).cuda()
    rng = np.random.default_rng(3)
    given = tensors(row)
    found = []
    masks = [torch.tensor(rng.random(tuple(x.shape[:2])) < 0.6) for x in (given if row.several else [given])]
    for one, inputs, device in ((layer, given, "cpu"), (twin, moved(given), "cuda")):
        for x, mask in zip(inputs if row.several else [inputs], masks, strict=True):
            set_mask(x, mask.to(device))
        found.append(leaves(run(one, row, inputs)))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(b.detach().cpu().float(), a.detach().float(), rtol=1e-3, atol=1e-3)
