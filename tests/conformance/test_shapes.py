"""What is said about shapes before the data comes is what happens."""

from __future__ import annotations

import pytest
import torch

from kerastorch import Input
from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, flat, make, make_keras, params, shapes, tensors

IN_KERAS = [row for row in LAYERS if row.twin is None]


def symbols(row, is_open=False):
    kind = "int64" if row.integer else "float32"
    found = shapes(row, None, is_open)
    made = [Input(batch_shape=s, dtype=kind) for s in (found if row.several else [found])]
    return made if row.several else made[0]


def fits(symbolic, real):
    return len(symbolic) == len(real) and all(s in (None, r) for s, r in zip(symbolic, real, strict=True))


@pytest.mark.parametrize("row", params(LAYERS))
def test_symbolic_output_has_the_real_shape_and_type(row):
    layer = make(row)
    symbolic = flat(layer(symbols(row)))
    real = flat(layer(tensors(row)))
    assert symbolic.shape[1:] == tuple(real.shape[1:])
    assert symbolic.shape[0] is None
    assert symbolic.dtype == str(real.dtype).removeprefix("torch.")


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.open_axes))
def test_open_axes_stay_open(row):
    layer = make(row)
    symbolic = flat(layer(symbols(row, is_open=True)))
    real = flat(layer(tensors(row)))
    assert fits(symbolic.shape, tuple(real.shape))


@pytest.mark.parametrize("row", params(IN_KERAS))
def test_compute_output_shape_is_keras_s(row):
    assert make(row).compute_output_shape(shapes(row, None)) == tuple(
        make_keras(row).compute_output_shape(shapes(row, None))
    )


@pytest.mark.parametrize("row", params(row for row in IN_KERAS if row.open_axes))
def test_compute_output_shape_with_open_axes_is_keras_s(row):
    asked = shapes(row, None, is_open=True)
    assert make(row).compute_output_shape(asked) == tuple(make_keras(row).compute_output_shape(asked))


@pytest.mark.parametrize("row", params(LAYERS))
def test_another_batch_size_is_welcome(row):
    layer = built(row)
    inputs = [torch.tensor(a) for a in row.arrays(batch=2)]
    layer(inputs if row.several else inputs[0])


@pytest.mark.parametrize("row", params(LAYERS))
def test_build_by_shape_is_enough(row):
    layer = make(row)
    layer.build(shapes(row, None))
    assert [tuple(w.shape) for w in layer.weights] == [tuple(w.shape) for w in built(row).weights]
