"""Sequences of one length: Keras is the measure."""

from __future__ import annotations

import inspect
import itertools

import keras
import numpy as np
import pytest

from kerastorch import preprocessing
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.utils import pad_sequences

RAGGED = [[1], [], [2, 3], [4, 5, 6], np.array([7, 8])]
VECTORS = [np.ones((2, 3)), np.zeros((0, 3)), np.full((4, 3), 2.0)]
SETTINGS = list(itertools.product((None, 1, 2, 5), ("pre", "post"), ("pre", "post"), (0.0, -1)))


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("sequences", [RAGGED, VECTORS, [[], []]], ids=["numbers", "vectors", "empty"])
def test_arrays_are_those_of_keras(sequences, setting):
    maxlen, padding, truncating, value = setting
    arguments = {"maxlen": maxlen, "padding": padding, "truncating": truncating, "value": value}
    ours, theirs = (pad(sequences, **arguments) for pad in (pad_sequences, keras.utils.pad_sequences))
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [object, "float64", "U3", "S2"], ids=str)
def test_types_are_those_of_keras(dtype):
    text = np.dtype(dtype).kind != "f"
    sequences, value = ([["a"], ["b", "cd"]], "x") if text else ([[0.5], [1, 2]], 0.25)
    ours, theirs = (
        pad(sequences, dtype=dtype, value=value) for pad in (pad_sequences, keras.utils.pad_sequences)
    )
    assert ours.dtype == theirs.dtype
    assert ours.tolist() == theirs.tolist()


def test_a_length_of_nothing_leaves_nothing():
    assert pad_sequences(RAGGED, maxlen=0).shape == (5, 0)  # Keras fails on it


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(pad).parameters.values()]
        for pad in (pad_sequences, keras.utils.pad_sequences)
    )
    assert ours == theirs


FAULTS = {
    "no list": ((3,), {}, ArgumentTypeError, "must be a list of sequences. Received: 3"),
    "no sequences": (([[1], 2],), {}, ArgumentTypeError, "Received 2 at place 1"),
    "padding": (([[1]],), {"padding": "left"}, InvalidArgumentError, "`padding` must be"),
    "truncating": (([[1]],), {"truncating": "left"}, InvalidArgumentError, "`truncating` must be"),
    "text": (([[1]],), {"value": "x"}, InvalidArgumentError, "not compatible with the text of `value`"),
    "shapes": (([[[1, 2]], [[1]]],), {}, ShapeError, "in sequence 1"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_cannot_be_padded_is_refused(fault):
    args, kwargs, kind, text = FAULTS[fault]
    with pytest.raises(kind, match=text):
        pad_sequences(*args, **kwargs)


def test_the_old_name_is_the_same_function():
    assert preprocessing.sequence.pad_sequences is pad_sequences
