"""The same shape with the elements in another order: reversed, rolled and rotated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import axes, op, tensor


@op("keras.ops.numpy")
def flip(x: Any, axis: Any = None) -> Any:
    """Returns a tensor with the order along some axes reversed.

    Args:
        x: a tensor, array, list or number.
        axis: an integer, a sequence of them, or None for all axes.

    Example:
        >>> flip([[1, 2], [3, 4]]).tolist(), flip([[1, 2], [3, 4]], 0).tolist()
        ([[4, 3], [2, 1]], [[3, 4], [1, 2]])

    Source: `keras.ops.flip`, `torch.flip`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return torch.flip(x, axes(axis, x.ndim))


@op("keras.ops.numpy")
def fliplr(x: Any) -> Any:
    """Returns a tensor with the order along its second axis reversed.

    Args:
        x: a tensor, array or list of at least two axes.

    Example:
        >>> fliplr([[1, 2], [3, 4]]).tolist()
        [[2, 1], [4, 3]]

    Source: `keras.ops.fliplr`, `torch.fliplr`.
    """
    return torch.fliplr(x if isinstance(x, torch.Tensor) else tensor(x))


@op("keras.ops.numpy")
def flipud(x: Any) -> Any:
    """Returns a tensor with the order along its first axis reversed.

    Args:
        x: a tensor, array or list.

    Example:
        >>> flipud([[1, 2], [3, 4]]).tolist()
        [[3, 4], [1, 2]]

    Source: `keras.ops.flipud`, `torch.flipud`.
    """
    return torch.flipud(x if isinstance(x, torch.Tensor) else tensor(x))


@op("keras.ops.numpy")
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Returns a tensor with its elements moved along axes; those that leave at one end enter at the other.

    Args:
        x: a tensor, array, list or number.
        shift: how far: an integer, or one for each axis.
        axis: an integer, a sequence of them, or None, which rolls the flat tensor.

    Raises:
        InvalidArgumentError: when there is no such axis.

    Example:
        >>> roll([1, 2, 3], 1).tolist()
        [3, 1, 2]

    Source: `keras.ops.roll`, `torch.roll`.
    """
    if isinstance(shift, int) and isinstance(axis, (list, tuple)):
        shift = (shift,) * len(axis)
    elif isinstance(axis, int) and isinstance(shift, (list, tuple)):
        axis = (axis,) * len(shift)
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if isinstance(axis, int) and not -x.ndim <= axis < x.ndim:
        raise InvalidArgumentError(f"Axis {axis} is out of range for a tensor with {x.ndim} axes.")
    return torch.roll(x, shift, axis)


@op("keras.ops.numpy")
def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """Returns a tensor turned by right angles in the plane of two axes.

    Args:
        array: a tensor, array or list of at least two axes.
        k: how often it is turned, from the first axis towards the second. Default: 1.
        axes: the two axes. Default: (0, 1).

    Raises:
        ShapeError: when the tensor has fewer than two axes.
        InvalidArgumentError: when `axes` is no pair of different axes.

    Example:
        >>> rot90([[1, 2], [3, 4]]).tolist()
        [[2, 4], [1, 3]]

    Source: `keras.ops.rot90`, `torch.rot90`.
    """
    array = array if isinstance(array, torch.Tensor) else tensor(array)
    if array.ndim < 2:
        raise ShapeError(f"A tensor of at least two axes can be turned. It has {array.ndim}.")
    if len(axes) != 2 or len({axis % array.ndim for axis in axes}) < 2:
        raise InvalidArgumentError(f"Invalid axes: {axes}. Two different ones are needed.")
    return torch.rot90(array, k, tuple(axes))
