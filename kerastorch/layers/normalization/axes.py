"""The axes over which layers normalize, and the type in which they do it."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError

_HALF = (torch.float16, torch.bfloat16)


def some_axes(axis: Any) -> int | list[int]:
    """Returns an `axis` argument as an integer or a list of integers.

    Raises:
        ArgumentTypeError: when it is neither.
    """
    several = isinstance(axis, (list, tuple))
    axes = list(axis) if several else [axis]
    if not axes or any(isinstance(a, bool) or not hasattr(a, "__index__") for a in axes):
        raise ArgumentTypeError(
            f"Expected an int or a list/tuple of ints for the argument 'axis'. Received: axis={axis!r}."
        )
    return [int(a) for a in axes] if several else int(axis)


def one_axis(axis: Any) -> int:
    """Returns an `axis` argument as an integer; files of Keras 2 hold a list of one.

    Raises:
        InvalidArgumentError: when it is no integer.
    """
    if isinstance(axis, (list, tuple)) and len(axis) == 1:
        axis = axis[0]
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise InvalidArgumentError(f"Expected an integer for the argument `axis`. Received: axis={axis!r}.")
    return int(axis)


def positions(axis: int | list[int], shape: tuple) -> tuple[int, ...]:
    """Returns the axes counted from the front, in order.

    Raises:
        ShapeError: when the shape has no such axis.
    """
    axes = axis if isinstance(axis, list) else [axis]
    for a in axes:
        if not -len(shape) <= a < len(shape):
            raise ShapeError(f"Axis {a} is out of bounds for input shape {shape}. Received: axis={axis}")
    return tuple(sorted({a % len(shape) for a in axes}))


def known_sizes(axes: tuple[int, ...], shape: tuple) -> tuple[int, ...]:
    """Returns the sizes of axes.

    Raises:
        ShapeError: when one is unknown.
    """
    sizes = tuple(shape[a] for a in axes)
    if None in sizes:
        raise ShapeError(
            f"The axes {list(axes)} to normalize over must have known sizes. Received: input shape={shape}."
        )
    return sizes


def known_size(axis: int, shape: tuple) -> int:
    """Returns the number of channels, the size of one axis.

    Raises:
        ShapeError: when the shape has no such axis, or its size is unknown.
    """
    (position,) = positions(axis, shape)
    size = shape[position]
    if size is None:
        raise ShapeError(
            f"Axis {axis} of input tensor should have a defined dimension but the layer received an input with shape "
            f"{shape}."
        )
    return size


def at_least_float32(x: torch.Tensor) -> torch.Tensor:
    """Returns a tensor in float32 where it has a lower precision, or integers: their squares would not fit."""
    return x if x.is_floating_point() and x.dtype not in _HALF else x.float()


def in_type(weight: torch.Tensor | None, x: torch.Tensor) -> torch.Tensor | None:
    """Returns a weight in the type of `x`; None stays None."""
    return weight if weight is None or weight.dtype is x.dtype else weight.to(x.dtype)
