"""Functions of `keras.ops` agree with NumPy on arrays of any rank, with empty axes, and on Python and NumPy numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes

from kerastorch import ops

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=200)
EFFORT = [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.sweep)]
KINDS = ("bool", "uint8", "int8", "int32", "float16", "float32", "float64")
SHAPES = array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3)

ONE = [
    "negative",
    "abs",
    "square",
    "sign",
    "floor",
    "ceil",
    "isnan",
    "isfinite",
    "logical_not",
    "sin",
    "tanh",
    "exp",
    "sqrt",
]
TWO = [
    "add",
    "subtract",
    "multiply",
    "maximum",
    "minimum",
    "equal",
    "not_equal",
    "less",
    "greater_equal",
    "logical_and",
    "logical_or",
]
ALONG = ["sum", "mean", "max", "min", "prod", "any", "all", "argmax", "argmin", "count_nonzero"]
ARRANGED = ["transpose", "ravel", "squeeze", "flip"]
AXIS = ("flip", "cumsum", "expand_dims", "sort")


def numbers(kind: str, shape: tuple[int, ...] = ()) -> st.SearchStrategy:
    """Arrays of small numbers, which no type has to round."""
    low = 0 if kind in ("bool", "uint8") else -3
    values = st.integers(low, 1 if kind == "bool" else 3)
    return arrays(np.int64, shape, elements=values).map(lambda x: x.astype(kind))


@st.composite
def operands(draw: st.DrawFn) -> tuple:
    """Two arrays of any types whose shapes are broadcast; either may be a number instead."""
    shapes = draw(
        mutually_broadcastable_shapes(num_shapes=2, max_dims=5, min_side=0, max_side=3)
    ).input_shapes
    pair = [draw(st.sampled_from(KINDS).flatmap(lambda kind, s=shape: numbers(kind, s))) for shape in shapes]
    number = draw(st.sampled_from([None, 2, 1.5, True, np.float32(0.5), np.int32(2)]))
    if number is not None:
        pair[draw(st.integers(0, 1))] = number
    return tuple(pair)


@st.composite
def along(draw: st.DrawFn) -> tuple:
    """An array with an axis, negative ones too."""
    shape = draw(array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=3))
    x = draw(st.sampled_from(KINDS).flatmap(lambda kind: numbers(kind, shape)))
    return x, draw(st.integers(-x.ndim, x.ndim - 1))


def check(effort: settings, strategy: st.SearchStrategy, agree) -> None:
    effort(given(strategy)(agree))()


def assert_same(found: torch.Tensor, expected: np.ndarray) -> None:
    assert tuple(found.shape) == np.shape(expected)
    np.testing.assert_allclose(found.double().numpy(), np.asarray(expected, float), rtol=2e-3, atol=1e-6)


def tensor(x):
    return torch.from_numpy(x) if isinstance(x, np.ndarray) else x


def wide(x):
    """Numbers as float64, in which NumPy's results are exact."""
    return np.asarray(x, "float64")


@pytest.mark.parametrize("effort", EFFORT)
@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_array(name, effort):
    strategy = st.tuples(st.sampled_from(KINDS), SHAPES).flatmap(lambda both: numbers(*both))

    def agree(x):
        x = np.abs(x) if name == "sqrt" else x
        if name == "negative" and x.dtype in (bool, np.uint8):
            return
        assert_same(getattr(ops, name)(tensor(x)), getattr(np, name)(wide(x)))

    check(effort, strategy, agree)


@pytest.mark.parametrize("effort", EFFORT)
@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_operands_that_are_broadcast(name, effort):
    def agree(pair):
        if name == "subtract" and any(getattr(x, "dtype", None) in (bool, np.uint8) for x in pair):
            return
        if name in ("add", "multiply") and all(np.asarray(x).dtype == bool for x in pair):
            return
        found = getattr(ops, name)(*map(tensor, pair))
        assert_same(found, getattr(np, name)(*map(wide, pair)))

    check(effort, operands(), agree)


@pytest.mark.parametrize("effort", EFFORT)
@pytest.mark.parametrize("name", ALONG)
def test_functions_along_an_axis(name, effort):
    def agree(case):
        x, axis = case
        if x.shape[axis] == 0 and name in ("max", "min", "argmax", "argmin", "mean"):
            return
        for keepdims in (False, True):
            expected = getattr(np, name)(wide(x), axis=axis, keepdims=keepdims)
            if name == "count_nonzero":
                assert_same(ops.count_nonzero(tensor(x), axis), np.count_nonzero(x, axis))
            else:
                assert_same(getattr(ops, name)(tensor(x), axis=axis, keepdims=keepdims), expected)

    check(effort, along(), agree)


@pytest.mark.parametrize("effort", EFFORT)
@pytest.mark.parametrize("name", ARRANGED)
def test_functions_that_arrange_numbers(name, effort):
    strategy = st.tuples(st.sampled_from(KINDS), SHAPES).flatmap(lambda both: numbers(*both))

    def agree(x):
        found = getattr(ops, name)(tensor(x))
        assert_same(found, getattr(np, name)(x))
        assert str(found.dtype) == f"torch.{x.dtype}"

    check(effort, strategy, agree)


@pytest.mark.parametrize("effort", EFFORT)
@pytest.mark.parametrize("name", AXIS)
def test_functions_that_arrange_numbers_along_an_axis(name, effort):
    def agree(case):
        x, axis = case
        expected = getattr(np, name)(wide(x) if name == "cumsum" else x, axis=axis)
        assert_same(getattr(ops, name)(tensor(x), axis=axis), expected)

    check(effort, along(), agree)
