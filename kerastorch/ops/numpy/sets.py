"""The different elements of a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.core.context import state
from kerastorch.core.shapes import unknown_size
from kerastorch.ops.base import axes, op, tensor


def _fitted(x: torch.Tensor, axis: int, size: int | None, fill: Any) -> torch.Tensor:
    """A tensor cut or filled up to a size along an axis."""
    if size is None:
        return x
    if x.shape[axis] >= size:
        return x.narrow(axis, 0, size)
    return F.pad(x, [0, 0] * (x.ndim - 1 - axis) + [0, size - x.shape[axis]], value=fill)


def _first_places(inverse: torch.Tensor, count: int) -> torch.Tensor:
    """Where each element appears first, given which element each place holds."""
    inverse = inverse.reshape(-1)
    places = torch.arange(len(inverse), device=inverse.device)
    return inverse.new_empty(count).scatter_reduce_(0, inverse, places, "amin", include_self=False)


def _distinct(x: torch.Tensor, ordered: bool, inverse: bool, counts: bool, axis: int | None) -> tuple:
    """The different elements, which of them each place holds, and how often each appears."""
    if not (x.is_meta and state.inferring):
        found = torch.unique(x, sorted=ordered, return_inverse=inverse, return_counts=counts, dim=axis)
        return found if inverse or counts else (found,)
    number = x.new_empty(unknown_size(), dtype=torch.int64)
    if axis is None:
        values, places = x.new_empty(len(number)), torch.empty_like(x, dtype=torch.int64)
    else:
        values = x.new_empty([len(number) if i == axis % x.ndim else n for i, n in enumerate(x.shape)])
        places = x.new_empty(x.shape[axis], dtype=torch.int64)
    return (values, *([places] if inverse else []), *([number] if counts else []))


@op("keras.ops.numpy")
def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """Returns the different elements of a tensor.

    Args:
        x: a tensor, array or list.
        sorted: whether they are returned in increasing order. Default: True.
        return_index: whether to return where each of them appears first. Default: False.
        return_inverse: whether to return which of them each place holds. Default: False.
        return_counts: whether to return how often each of them appears. Default: False.
        axis: the axis whose slices are compared; None compares single elements.
        size: how many to return: some are left out, or `fill_value` added.
        fill_value: what is added. Default: 0.

    Returns:
        The elements; a tuple with what else is asked for, in the order of the arguments.

    Example:
        >>> unique([3, 1, 1]).tolist()
        [1, 3]
        >>> [part.tolist() for part in unique([3, 1, 1], return_index=True, return_counts=True)]
        [[1, 3], [1, 0], [2, 1]]

    Source: `keras.ops.unique`, `torch.unique`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axis is size is None and not (return_index or return_inverse or return_counts or x.is_meta):
        return torch.unique(x, sorted)
    parts: Iterator[Any] = iter(_distinct(x, sorted, return_index or return_inverse, return_counts, axis))
    values = next(parts)
    along = 0 if axis is None else axes(axis, x.ndim)[0]
    found = [_fitted(values, along, size, fill_value or 0)]
    inverse: Any = next(parts) if return_index or return_inverse else None
    if return_index:
        found.append(_fitted(_first_places(inverse, values.shape[along]), 0, size, 1))
    if return_inverse:
        found.append(inverse)
    if return_counts:
        found.append(_fitted(next(parts), 0, size, 0))
    return found[0] if len(found) == 1 else tuple(found)
