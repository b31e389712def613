"""Layers survive `state_dict`, `deepcopy`, pickling and a move to another type."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

from tests.catalog.layers import LAYERS
from tests.conformance.pairs import built, flat, make, params, tensors


@pytest.mark.parametrize("row", params(LAYERS))
def test_state_dict_carries_all_weights(row):
    layer, other = built(row), make(row)
    other(tensors(row))
    other.load_state_dict(layer.state_dict())
    assert torch.equal(flat(other(tensors(row))), flat(layer(tensors(row))))


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"]
)
@pytest.mark.parametrize("row", params(LAYERS))
def test_copies_are_equal_and_apart(row, duplicate):
    layer = built(row)
    twin = duplicate(layer)
    expected = flat(layer(tensors(row)))
    assert torch.equal(flat(twin(tensors(row))), expected)
    assert [w.path for w in twin.weights] == [w.path for w in layer.weights]
    twin.set_weights([0 * w for w in twin.get_weights()])
    assert torch.equal(flat(layer(tensors(row))), expected)
