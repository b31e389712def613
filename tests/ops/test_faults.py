"""Every function of `keras.ops` says who failed, and on what, when it gets a wrong axis, shape or kind of value."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from kerastorch import KerasTensor, ops, tree
from kerastorch.errors import KerasTorchError
from tests.ops.cases import Row
from tests.ops.table import ROWS
from tests.ops.test_agreement import function, tensors

FIRST: dict[str, Row] = {}
for _row in ROWS:
    if (
        _row.args and isinstance(_row.args[0], np.ndarray) and _row.name != "cond"
    ):  # which takes a truth value
        FIRST.setdefault(_row.name, _row)

NAMES = {  # a second name of a function: errors tell the first
    "true_divide": "divide",
    "left_shift": "bitwise_left_shift",
    "right_shift": "bitwise_right_shift",
    "bitwise_not": "bitwise_invert",
    "swish": "silu",
    "hard_swish": "hard_silu",
    "absolute": "abs",
    "conjugate": "conj",
}
TAKE_TEXT = {"ndim", "convert_to_tensor", "stop_gradient", "array"}
AXES = {
    name: parameter
    for name in FIRST
    for parameter in ("axis", "axes", "axis1")
    if parameter in inspect.signature(function(ops, name)).parameters
}


def assert_fails(name: str, args: Any, kwargs: Any, *words: str) -> None:
    """The call raises an error of ours that names the function and holds the words."""
    short = name.split(".")[-1]
    label = f"keras.ops.{NAMES.get(short, short)}"
    with pytest.raises(KerasTorchError, match=label.replace(".", r"\.")) as caught:
        function(ops, name)(*args, **kwargs)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("name", AXES)
def test_an_axis_that_is_not_there(name):
    args, kwargs = tensors(FIRST[name])
    bound = inspect.signature(function(ops, name)).bind(*args, **kwargs)
    bound.arguments[AXES[name]] = (9, 0) if AXES[name] == "axes" else 9
    assert_fails(name, bound.args, bound.kwargs, "of shape")


@pytest.mark.parametrize("name", [name for name in FIRST if name not in TAKE_TEXT])
def test_text_in_place_of_numbers(name):
    args, kwargs = tensors(FIRST[name])
    assert_fails(name, ("text", *args[1:]), kwargs)


@pytest.mark.parametrize("name", FIRST)
def test_a_shape_that_does_not_fit_is_told(name):
    args, kwargs = tensors(FIRST[name])
    odd = torch.zeros(5, 7, 11, 13, 1, 1, 1, 1, 17, dtype=args[0].dtype)
    try:
        function(ops, name)(odd, *args[1:], **kwargs)
    except KerasTorchError:
        assert_fails(name, (odd, *args[1:]), kwargs, "(5, 7, 11, 13, 1, 1, 1, 1, 17)")


@pytest.mark.parametrize("name", [name for name in AXES if FIRST[name].symbolic])
def test_an_axis_that_a_symbolic_tensor_does_not_have(name):
    def symbol(leaf):
        return KerasTensor(leaf.shape, str(leaf.dtype)) if isinstance(leaf, np.ndarray) else leaf

    args, kwargs = tree.map_structure(symbol, (FIRST[name].args, FIRST[name].kwargs))
    bound = inspect.signature(function(ops, name)).bind(*args, **kwargs)
    bound.arguments[AXES[name]] = (9, 0) if AXES[name] == "axes" else 9
    with pytest.raises(KerasTorchError, match=name.split(".")[-1]):
        function(ops, name)(*bound.args, **bound.kwargs)
