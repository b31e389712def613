"""Masks reach the layer, count as in Keras, and leave on its output."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from kerastorch import Input
from kerastorch.layers.masks import set_mask
from kerastorch.models.functional import Functional
from tests.catalog.layers import LAYERS
from tests.conformance.pairs import flat, make, pair, params, tensors

MASKED = [row for row in LAYERS if row.masked]
WHICH = ["all", "first", "last"]


def inputs_with_masks(row, which):
    inputs = tensors(row)
    rng = np.random.default_rng(3)
    given = inputs if row.several else [inputs]
    for number, x in enumerate(given):
        mask = torch.tensor(rng.random(tuple(x.shape[:2])) < 0.6)
        if which == "all" or number == (0 if which == "first" else len(given) - 1):
            set_mask(x, mask)
    return inputs


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("row", params(MASKED))
def test_masks_are_keras_s(row, which):
    ours, theirs = pair(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a, b = ours(inputs_with_masks(row, which)), theirs(inputs_with_masks(row, which))
    np.testing.assert_allclose(a.detach(), b.detach(), rtol=1e-5, atol=row.tolerance)
    left, right = getattr(a, "_keras_mask", None), getattr(b, "_keras_mask", None)
    assert (left is None) == (right is None)
    if left is not None:
        assert torch.equal(left, right)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.name in ("Masking", "Embedding")))
def test_layers_that_make_masks_make_keras_s(row):
    ours, theirs = pair(row)
    left, right = (getattr(layer(tensors(row)), "_keras_mask", None) for layer in (ours, theirs))
    assert (left is None) == (right is None)
    if left is not None:
        assert torch.equal(left, right)


@pytest.mark.parametrize("row", params(row for row in MASKED if len(row.sample_shapes()[0]) == 2))
def test_graphs_pass_masks_on(row):
    masking = make(next(r for r in LAYERS if r.name == "Masking"), name="masking")
    starts = [Input(shape) for shape in row.sample_shapes()]
    masked = [masking(x) for x in starts]
    layer = make(row)
    outputs = layer(masked if row.several else masked[0])
    arrays = [torch.tensor(a) for a in row.arrays()]
    for x in arrays:
        x[1, -2:] = 0.0
    model = Functional(starts, outputs)
    called = [masking(x) for x in arrays]
    expected = layer(called if row.several else called[0])
    np.testing.assert_allclose(flat(model(arrays)).detach(), expected.detach(), rtol=1e-5, atol=1e-6)
    assert (getattr(outputs, "_keras_mask", None) is None) == (getattr(expected, "_keras_mask", None) is None)
