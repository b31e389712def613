"""Weights have Keras's order, names, paths, shapes and kinds."""

from __future__ import annotations

import pytest

from tests.catalog.layers import LAYERS
from tests.conformance.pairs import pair, params


def described(weights):
    return [(w.name, w.path, tuple(w.shape)) for w in weights]


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.in_keras))
def test_weights_are_keras_s(row):
    ours, theirs = pair(row)
    assert described(ours.weights) == described(theirs.weights)
    assert described(ours.trainable_weights) == described(theirs.trainable_weights)
    assert described(ours.non_trainable_weights) == described(theirs.non_trainable_weights)
    assert ours.count_params() == theirs.count_params()


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.in_keras))
def test_freezing_is_keras_s(row):
    ours, theirs = pair(row)
    ours.trainable = theirs.trainable = False
    assert described(ours.trainable_weights) == described(theirs.trainable_weights) == []
    assert described(ours.non_trainable_weights) == described(theirs.non_trainable_weights)
