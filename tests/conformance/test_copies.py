"""Layers survive `state_dict`, `deepcopy`, pickling and a move to another type."""

from __future__ import annotations

import copy
import pickle

import pytest

from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, make, params, run, same, tensors


@pytest.mark.parametrize("row", params(LAYERS))
def test_state_dict_carries_all_weights(row):
    layer, other = built(row), make(row)
    run(other, row, tensors(row))
    other.load_state_dict(layer.state_dict())
    assert same(run(other, row, tensors(row)), run(layer, row, tensors(row)))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"]
)
@pytest.mark.parametrize("row", params(LAYERS))
def test_copies_are_equal_and_apart(row, duplicate):
    layer = built(row)
    twin = duplicate(layer)
    expected = run(layer, row, tensors(row))
    assert same(run(twin, row, tensors(row)), expected)
    assert [w.path for w in twin.weights] == [w.path for w in layer.weights]
    twin.set_weights([0 * w for w in twin.get_weights()])
    assert same(run(layer, row, tensors(row)), expected)
