"""What is said about shapes before the data comes is what happens."""

from __future__ import annotations

import json

import pytest

from kerastorch import Input
from tests.catalog.layers import LAYERS
from tests.catalog.row import BATCH
from tests.conformance.pairs import built, flat, leaves, make, make_keras, params, run, shapes, tensors

IN_KERAS = [row for row in LAYERS if row.in_keras]


def symbols(row, is_open=False):
    kind = {"integers": "int64", "words": "string"}.get(row.values, "float32")
    found = shapes(row, None, is_open)
    made = [Input(batch_shape=s, dtype=kind) for s in (found if row.several else [found])]
    return made if row.several else made[0]


def fits(symbolic, real):
    return len(symbolic) == len(real) and all(s in (None, r) for s, r in zip(symbolic, real, strict=True))


@pytest.mark.parametrize("row", params(LAYERS))
def test_symbolic_output_has_the_real_shape_and_type(row):
    layer = make(row)
    symbolic = leaves(run(layer, row, symbols(row)))
    real = leaves(run(layer, row, tensors(row)))
    assert [s.shape[1:] for s in symbolic] == [tuple(r.shape[1:]) for r in real]
    assert symbolic[0].shape[0] is None
    assert [s.dtype for s in symbolic] == [str(r.dtype).removeprefix("torch.") for r in real]


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.open_axes))
def test_open_axes_stay_open(row):
    layer = make(row)
    symbolic = leaves(run(layer, row, symbols(row, is_open=True)))
    real = leaves(run(layer, row, tensors(row)))
    assert all(fits(s.shape, tuple(r.shape)) for s, r in zip(symbolic, real, strict=True))


def asked_of(layer, row, asked):
    """What a layer says of its output shape; lists and tuples count as one."""
    found = layer.compute_output_shape(*asked) if row.apart else layer.compute_output_shape(asked)
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("row", params(row for row in IN_KERAS if not row.call))
def test_compute_output_shape_is_keras_s(row):
    asked = shapes(row, None)
    assert asked_of(make(row), row, asked) == asked_of(make_keras(row), row, asked)


@pytest.mark.parametrize("row", params(row for row in IN_KERAS if row.open_axes and not row.call))
def test_compute_output_shape_with_open_axes_is_keras_s(row):
    asked = shapes(row, None, is_open=True)
    assert asked_of(make(row), row, asked) == asked_of(make_keras(row), row, asked)


@pytest.mark.parametrize("row", params(row for row in LAYERS if not row.call))
def test_another_batch_size_is_welcome(row):
    layer = built(row)
    outputs = leaves(run(layer, row, tensors(row, batch=2)))
    assert len(outputs[0]) == 2 or len(flat(run(layer, row, tensors(row)))) != BATCH


@pytest.mark.parametrize("row", params(LAYERS))
def test_build_by_shape_is_enough(row):
    layer = make(row)
    asked = shapes(row, None)
    layer.build(*asked) if row.apart else layer.build(asked)
    assert [tuple(w.shape) for w in layer.weights] == [tuple(w.shape) for w in built(row).weights]
