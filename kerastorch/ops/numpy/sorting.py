"""Tensors in order, where their elements belong in it, and what they have in common."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor, together


def _sortable(x: Any, axis: int | None) -> tuple[torch.Tensor, int]:
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return (x.reshape(-1), 0) if axis is None else (x, axis)


@op("keras.ops.numpy")
def sort(x: Any, axis: int | None = -1) -> Any:
    """Returns a tensor with its elements in increasing order along an axis.

    Args:
        x: a tensor, array or list.
        axis: the axis; None sorts the flat tensor. Default: the last.

    Example:
        >>> sort([3, 1, 2]).tolist()
        [1, 2, 3]

    Source: `keras.ops.sort`, `torch.sort`.
    """
    x, axis = _sortable(x, axis)
    return torch.sort(x, axis).values


@op("keras.ops.numpy")
def argsort(x: Any, axis: int | None = -1) -> Any:
    """Returns the places of the elements in increasing order along an axis; equal ones keep their order.

    Args:
        x: a tensor, array or list.
        axis: the axis; None sorts the flat tensor. Default: the last.

    Example:
        >>> argsort([3, 1, 2]).tolist()
        [1, 2, 0]

    Source: `keras.ops.argsort`, `torch.argsort`.
    """
    x, axis = _sortable(x, axis)
    return torch.argsort(x, dim=axis, stable=True).to(torch.int32)


@op("keras.ops.numpy")
def argpartition(x: Any, kth: int, axis: int | None = -1) -> Any:
    """Returns places such that the smaller elements come before the one at `kth`, and the larger ones after it.

    Args:
        x: a tensor, array or list.
        kth: the place that gets the element that it has in the sorted order.
        axis: the axis; None takes the flat tensor. Default: the last.

    Raises:
        InvalidArgumentError: when `kth` is no integer, or out of range.

    Example:
        >>> argpartition([3, 1, 2], 0)[0].item()
        1

    Source: `keras.ops.argpartition`, `torch.argsort`.
    """
    x, axis = _sortable(x, axis)
    length = x.shape[axis]
    if not isinstance(kth, int) or not (-length <= kth < length or x.is_meta):
        raise InvalidArgumentError(f"`kth` must be an integer, and a place on an axis of {length} elements.")
    return torch.argsort(x, dim=axis, stable=True).to(torch.int32)


@op("keras.ops.numpy")
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Returns where values would have to be inserted into sorted numbers.

    Args:
        sorted_sequence: numbers in increasing order, along one axis.
        values: the values.
        side: `"left"` gives the first place among equal numbers, `"right"` the one after the last.

    Raises:
        ShapeError: when the sorted numbers have not one axis.

    Example:
        >>> searchsorted([0, 3, 9, 9, 10], [0, 4, 9]).tolist()
        [0, 2, 2]

    Source: `keras.ops.searchsorted`, `torch.searchsorted`.
    """
    if isinstance(sorted_sequence, torch.Tensor) and isinstance(values, torch.Tensor):
        row = sorted_sequence
    else:
        row = tensor(sorted_sequence)
        values = tensor(values).to(row.device)
    if row.ndim != 1:
        raise ShapeError(
            "`searchsorted` only supports 1-D sorted sequences; `keras.ops.vectorized_map` extends it to more axes. "
            f"It has shape {tuple(row.shape)}."
        )
    if row.dtype != values.dtype:
        row, values = together(row, values)
    return torch.searchsorted(row, values, side=side, out_int32=True)


@op("keras.ops.numpy")
def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Returns whether each element of a tensor is among those of another.

    Args:
        x1: a tensor, array, list or number.
        x2: the elements to look for.
        assume_unique: whether no element appears twice in either, which saves time.
        invert: whether to return the contrary.

    Example:
        >>> isin([1, 2, 3], [3, 1]).tolist()
        [True, False, True]

    Source: `keras.ops.isin`, `torch.isin`.
    """
    if not (isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor) and x1.dtype is x2.dtype):
        x1, x2 = together(x1, x2)
    if x1.dtype is torch.bool:
        x1, x2 = x1.to(torch.uint8), x2.to(torch.uint8)
    return torch.isin(x1, x2, assume_unique=assume_unique, invert=invert)
