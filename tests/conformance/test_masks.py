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
from tests.conformance.pairs import close, flat, make, pair, params, run, tensors

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
@pytest.mark.parametrize("row", params(row for row in MASKED if row.by_keras))
def test_masks_are_keras_s(row, which):
    ours, theirs = pair(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        a, b = (run(layer, row, inputs_with_masks(row, which)) for layer in (ours, theirs))
    close(a, b, atol=row.tolerance)
    a, b = flat(a), flat(b)
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
    outputs = run(layer, row, masked if row.several else masked[0])
    arrays = [torch.tensor(a) for a in row.arrays()]
    for x in arrays:
        x[1, -2:] = 0.0
    model = Functional(starts, outputs)
    called = [masking(x) for x in arrays]
    expected = run(layer, row, called if row.several else called[0])
    close(model(arrays), expected)
    outputs, expected = flat(outputs), flat(expected)
    assert (getattr(outputs, "_keras_mask", None) is None) == (getattr(expected, "_keras_mask", None) is None)
