"""Each layer that has a rule gives source whose outputs are those of the layer, bit for bit, and which trains."""

from __future__ import annotations

import re

import pytest
import torch

from tests.catalog.row import Row
from tests.conformance.pairs import leaves, params, tensors
from tests.export.rows import OTHER_KERNEL, ROWS, model_of, module_of, source_or_reason

REASONS = (
    "torch has no|it attends over|it is called with|it normalizes|its inputs have|its output has|"
    "it computes with|there is no rule for|it has a scale or an offset"
)


@pytest.mark.parametrize("row", params(ROWS))
def test_the_source_does_what_the_layer_does(row: Row):
    model = model_of(row)
    source, reason = source_or_reason(model)
    if source is None:
        assert re.search(REASONS, reason)
        return
    module, inputs = module_of(source), tensors(row)
    given = inputs if row.several else [inputs]
    with torch.no_grad():
        ours, theirs = leaves(model(inputs, training=False)), leaves(module(*given))
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        if row.name in OTHER_KERNEL:
            torch.testing.assert_close(b, a, rtol=1e-6, atol=2e-6)
        else:
            assert torch.equal(a, b)


@pytest.mark.parametrize("row", params(ROWS))
def test_the_source_trains_the_same_weights(row: Row):
    model = model_of(row)
    source, _ = source_or_reason(model)
    if source is None:
        return
    module = module_of(source).train()
    output = leaves(module(*(tensors(row) if row.several else [tensors(row)])))[0]
    trained = [p for p in module.parameters() if p.requires_grad]
    wanted = [getattr(w, "value", w) for w in model.trainable_weights]
    assert sum(p.numel() for p in trained) == sum(w.numel() for w in wanted)
    if trained:
        output.sum().backward()
        assert any(p.grad is not None for p in trained)


@pytest.mark.sweep
def test_few_rows_have_no_source():
    refused = [row.id for row in ROWS if source_or_reason(model_of(row))[0] is None]
    assert len(refused) < 0.15 * len(ROWS)
