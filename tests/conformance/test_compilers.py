"""Layers are plain torch code: `torch.compile` takes them whole, and `torch.export` too."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, close, flat, params, run, tensors

ONE_EACH = list({row.name: row for row in reversed(LAYERS) if row.compiles}.values())


@pytest.mark.slow
@pytest.mark.parametrize("row", params(row for row in LAYERS if row.compiles))
def test_compiles_as_one_graph(row):
    layer = built(row)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    close(run(compiled, row, tensors(row)), run(layer, row, tensors(row)))
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.parametrize("row", params(ONE_EACH))
def test_exports(row):
    layer = built(row)
    inputs = tuple(tensors(row)) if row.apart else (tensors(row),)
    call = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in row.call.items()}
    if row.random:
        layer.eval()
    program = torch.export.export(layer, inputs, call)
    close(program.module()(*inputs, **call), run(layer, row, tensors(row)))


@pytest.mark.parametrize("row", params(row for row in ONE_EACH if row.name in ("Dense", "Add", "Flatten")))
def test_compiles_and_exports(row):
    layer = built(row)
    expected = flat(layer(tensors(row))).detach()
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    assert torch.equal(flat(compiled(tensors(row))), expected)
    program = torch.export.export(layer, (tensors(row),))
    assert torch.equal(flat(program.module()(tensors(row))), expected)
    torch._dynamo.reset()
