"""Layers are plain torch code: `torch.compile` takes them whole, and `torch.export` too."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, flat, params, tensors

ONE_EACH = list({row.name: row for row in reversed(LAYERS)}.values())


@pytest.mark.slow
@pytest.mark.parametrize("row", params(row for row in LAYERS))
def test_compiles_as_one_graph(row):
    layer = built(row)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    expected = flat(layer(tensors(row))).detach()
    np.testing.assert_allclose(flat(compiled(tensors(row))).detach(), expected, rtol=1e-5, atol=1e-6)
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.parametrize("row", params(ONE_EACH))
def test_exports(row):
    layer = built(row)
    program = torch.export.export(layer, (tensors(row),))
    expected = flat(layer(tensors(row))).detach()
    np.testing.assert_allclose(flat(program.module()(tensors(row))).detach(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("row", params(row for row in ONE_EACH if row.name in ("Dense", "Add", "Flatten")))
def test_compiles_and_exports(row):
    layer = built(row)
    expected = flat(layer(tensors(row))).detach()
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    assert torch.equal(flat(compiled(tensors(row))), expected)
    program = torch.export.export(layer, (tensors(row),))
    assert torch.equal(flat(program.module()(tensors(row))), expected)
    torch._dynamo.reset()
