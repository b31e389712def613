"""Functions in front of others: parameters, arguments as they are recorded, and faults."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from kerastorch import ops
from kerastorch.core.spec import KerasTensor
from kerastorch.ops.calls import guarded


def _listed(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return x, axis, keepdims


def _open(x: Any, *others: Any, axis: Any = None, **more: Any) -> Any:
    return x, others, axis, more


def _plain() -> str:
    return "called"


def _seen(function: Any) -> Any:
    """A function whose symbolic calls give their arguments."""
    return guarded(function, lambda args, kwargs: (args, kwargs), _raise)


def _raise(args: tuple, kwargs: dict, error: Exception) -> Any:
    raise ValueError(f"{args} {kwargs}") from error


X = KerasTensor((2, 3))
NUMBERS = np.ones(2)


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "expected"),
    [
        pytest.param(_listed, (X,), {}, ((X,), {}), id="required"),
        pytest.param(_listed, (), {"x": X}, ((X,), {}), id="required, by name"),
        pytest.param(_listed, (X, 1), {}, ((X,), {"axis": 1}), id="optional"),
        pytest.param(_listed, (X, None, True), {}, ((X,), {"keepdims": True}), id="one that is the default"),
        pytest.param(_listed, (1, X), {}, ((1,), {"axis": X}), id="an optional symbolic tensor"),
        pytest.param(_listed, ([1, (2, X)],), {}, (([1, (2, X)],), {}), id="in a list"),
        pytest.param(_listed, ({"a": X},), {}, (({"a": X},), {}), id="in a dict"),
        pytest.param(_open, (1, X), {"axis": 2}, ((1, X), {"axis": 2}), id="any number of arguments"),
        pytest.param(_open, (1,), {"other": X}, ((1,), {"other": X}), id="any names"),
    ],
)
def test_symbolic_calls_are_recorded_as_scripts_write_them(function, args, kwargs, expected):
    assert _seen(function)(*args, **kwargs) == expected


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "expected"),
    [
        pytest.param(_listed, (1,), {}, (1, None, False), id="defaults"),
        pytest.param(_listed, (1, 2), {"keepdims": True}, (1, 2, True), id="by place and by name"),
        pytest.param(_listed, (NUMBERS, [1]), {}, (NUMBERS, [1], False), id="arrays and lists"),
        pytest.param(
            _open, (1, 2), {"axis": 3, "b": 4}, (1, (2,), 3, {"b": 4}), id="any number of arguments"
        ),
        pytest.param(_plain, (), {}, "called", id="no parameters"),
    ],
)
def test_other_calls_reach_the_function(function, args, kwargs, expected):
    assert _seen(function)(*args, **kwargs) == expected


@pytest.mark.parametrize("function", [_listed, _open], ids=["listed", "open"])
def test_faults_come_with_the_arguments(function):
    def fails(x: Any, axis: Any = None) -> Any:
        raise IndexError(axis)

    def fails_openly(x: Any, **more: Any) -> Any:
        raise IndexError(more)

    with pytest.raises(ValueError, match=r"\(1,\) {'axis': 2}"):
        _seen(fails if function is _listed else fails_openly)(1, axis=2)


@pytest.mark.parametrize("name", ["sum", "relu", "conv", "image.resize"])
def test_functions_show_the_parameters_of_the_one_behind(name):
    function = ops
    for part in name.split("."):
        function = getattr(function, part)
    code = function.__code__
    assert [*inspect.signature(function).parameters] == [*code.co_varnames[: code.co_argcount]]
    assert function.__wrapped__.__defaults__ == function.__defaults__


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda x: ops.sum(x, axs=1), "unexpected keyword argument 'axs'"),
        (lambda x: ops.relu(), "relu.* missing 1 required positional argument: 'x'"),
        (lambda x: ops.relu(x, 1, 2), "relu.* takes 1 positional argument but 3 were given"),
    ],
    ids=["name", "missing", "too many"],
)
def test_wrong_calls_name_the_function(call, match):
    with pytest.raises(TypeError, match=match):
        call(torch.ones(2))
