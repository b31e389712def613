"""Every call of the table gives what the Keras of TensorFlow 2.21 gave, and symbolically the shape of that."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from kerastorch import KerasTensor, backend, tree
from kerastorch.core.variable import host_array
from tests.backend.table import CALLS, PINS, given, label, split

EXPECTED = json.loads(PINS.read_text())
# What has an example of each function runs always, the rest in the sweep.
_FIRST = {name: number for number, (name, *_) in reversed(list(enumerate(CALLS)))}
NUMBERS = [
    pytest.param(n, id=label(n), marks=[] if _FIRST[CALLS[n][0]] == n else [pytest.mark.sweep])
    for n in range(len(CALLS))
]
# These answer with values or functions of Python, not with a step of a graph.
_NOT_RECORDED = {
    "eval",
    "cast_to_floatx",
    "constant",
    "eye",
    "zeros",
    "ones",
    "arange",
    "map_fn",
    "foldl",
    "foldr",
}


def numbers(value):
    return host_array(value) if isinstance(value, torch.Tensor) else np.asarray(value)


def paired(found, expected):
    """Each tensor of a result with what is expected of it."""
    if not isinstance(found, (tuple, list)):
        return [(found, expected)]
    return [pair for parts in zip(found, expected, strict=True) for pair in paired(*parts)]


@pytest.mark.parametrize("number", NUMBERS)
def test_values_are_those_of_tf_keras(number):
    name, args, kwargs = split(CALLS[number])
    found = getattr(backend, name)(*(given(arg, backend, torch.tensor) for arg in args), **kwargs)
    for mine, other in paired(found, EXPECTED[label(number)]):
        np.testing.assert_allclose(numbers(mine), np.asarray(other).reshape(mine.shape), rtol=1e-5, atol=3e-6)
        assert mine.shape == np.shape(other) or 0 in mine.shape


@pytest.mark.parametrize("number", [p for p in NUMBERS if "cast_to_floatx" not in p.id])
def test_arrays_give_what_tensors_give(number):
    name, args, kwargs = split(CALLS[number])
    function = getattr(backend, name)
    expected = function(*(given(arg, backend, torch.tensor) for arg in args), **kwargs)
    found = function(*(given(arg, backend, np.asarray) for arg in args), **kwargs)
    for mine, other in zip(tree.flatten(found), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(numbers(mine), numbers(other), rtol=1e-5)
        assert mine.dtype == other.dtype


@pytest.mark.parametrize(
    "number", [p for p in NUMBERS if CALLS[p.values[0]][0] not in _NOT_RECORDED and "ctc" not in p.id]
)
def test_symbolic_results_have_the_shapes_and_types_of_real_ones(number):
    name, args, kwargs = split(CALLS[number])
    function = getattr(backend, name)

    def symbol(array):
        return KerasTensor(array.shape, str(array.dtype))

    real = function(*(given(arg, backend, torch.tensor) for arg in args), **kwargs)
    symbolic = function(*(given(arg, backend, symbol) for arg in args), **kwargs)
    for spec, x in zip(tree.flatten(symbolic), tree.flatten(real), strict=True):
        assert spec.shape == tuple(x.shape)
        assert spec.dtype == backend.dtype(x)
