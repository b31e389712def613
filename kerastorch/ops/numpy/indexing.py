"""Elements chosen by their places or by a condition."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.shapes import unknown_size
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, pair, tensor
from kerastorch.ops.numpy.creation import sizes
from kerastorch.ops.promotion import result_dtype

_BEFORE = [
    (slice(None),) * axis for axis in range(9)
]  # the index of the axes before one, which are taken whole
_INDICES = frozenset([torch.int32, torch.int64])


@op("keras.ops.numpy")
def get_item(x: Any, key: Any) -> Any:
    """Returns what `x[key]` gives.

    Args:
        x: a tensor, array or list.
        key: integers, slices (also with steps backwards), `...`, None, tensors of indices or of truth values, or a
            tuple of these.

    Example:
        >>> get_item([[1, 2, 3], [4, 5, 6]], (0, slice(None, None, -1))).tolist()
        [3, 2, 1]

    Source: `keras.ops.get_item`, `torch.Tensor.__getitem__`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    parts = key if isinstance(key, tuple) else (key,)
    for part in parts:
        if isinstance(part, slice) and isinstance(part.step, int) and part.step < 0:
            return indexed_backwards(x, parts)
    return x[key]


def indexed_backwards(x: torch.Tensor, key: tuple) -> torch.Tensor:
    """Returns `x[key]` for slices with steps backwards, which torch lacks.

    Args:
        x: a tensor.
        key: what stands between the brackets.

    Example:
        >>> indexed_backwards(torch.arange(5), (slice(None, None, -2),)).tolist()
        [4, 2, 0]
    """
    taken = sum(part is not None and part is not Ellipsis for part in key)
    parts, axis = [], 0
    for part in key:
        if isinstance(part, slice) and (part.step or 1) < 0:
            length, places = x.shape[axis], range(x.shape[axis])[part]
            x = torch.flip(x, (axis,))
            part = slice(length - 1 - places[0], length - places[-1], -part.step) if places else slice(0, 0)
        parts.append(part)
        axis += x.ndim - taken if part is Ellipsis else int(part is not None)
    return x[tuple(parts)]


@op("keras.ops.numpy")
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Returns the elements of a tensor at some places along an axis.

    Args:
        x: a tensor, array or list.
        indices: the places; negative ones count from the end.
        axis: the axis; None takes from the flat tensor.

    Returns:
        A tensor in which the axes of the indices stand in the place of the axis.

    Raises:
        InvalidArgumentError: when a place, or the axis, is out of range.

    Example:
        >>> take([[1, 2, 3], [4, 5, 6]], [0, -1], axis=1).tolist()
        [[1, 3], [4, 6]]

    Source: `keras.ops.take`, `torch.index_select`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    indices = indices if isinstance(indices, torch.Tensor) else tensor(indices).to(x.device)
    if indices.dtype not in _INDICES:
        indices = indices.long()
    if axis is None:
        x, axis = x.reshape(-1), 0
    elif not -x.ndim <= axis < x.ndim:
        raise InvalidArgumentError(f"Axis {axis} is out of range for a tensor of shape {tuple(x.shape)}.")
    axis = axis % x.ndim
    if indices.ndim:
        return x[(*_BEFORE[axis], indices)] if axis else x[indices]
    before = _BEFORE[axis]
    return x[(*before, indices[None])].squeeze(axis)  # torch would wait for the value of a single index


@op("keras.ops.numpy")
def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Returns the elements of a tensor at places that are given for each row along an axis.

    Args:
        x: a tensor, array or list.
        indices: the places along the axis; negative ones count from the end. The other axes are broadcast.
        axis: the axis; None takes from the flat tensor.

    Example:
        >>> take_along_axis([[1, 2, 3], [4, 5, 6]], [[0], [-1]], axis=1).tolist()
        [[1], [6]]

    Source: `keras.ops.take_along_axis`, `torch.take_along_dim`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    indices = (indices if isinstance(indices, torch.Tensor) else tensor(indices).to(x.device)).long()
    length = x.numel() if axis is None else x.shape[axis]
    return torch.take_along_dim(x, torch.where(indices < 0, indices + length, indices), axis)


def _places(x: torch.Tensor) -> torch.Tensor:
    """The places of the elements that are not zero, a row for each axis."""
    if x.is_meta and state.inferring:
        return torch.empty((x.ndim, unknown_size()), dtype=torch.int64, device="meta")
    return torch.nonzero(x).T


@op("keras.ops.numpy")
def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """Returns one tensor where a condition holds and another elsewhere, or the places where it holds.

    Args:
        condition: truth values.
        x1: what is taken where it holds.
        x2: what is taken elsewhere.

    Returns:
        A tensor. Without `x1` and `x2`, the places: a row for each axis.

    Raises:
        InvalidArgumentError: when only one of `x1` and `x2` is given.

    Example:
        >>> where([True, False], [1, 2], 0).tolist(), where([False, True, True]).tolist()
        ([1, 0], [[1, 2]])

    Source: `keras.ops.where`, `torch.where`.
    """
    condition = condition if isinstance(condition, torch.Tensor) else tensor(condition)
    if condition.dtype is not torch.bool:
        condition = condition.to(torch.bool)
    if x1 is None and x2 is None:
        return _places(condition)
    if x1 is None or x2 is None:
        raise InvalidArgumentError("`x1` and `x2` either both should be `None` or both should have a value.")
    x1, x2 = pair(x1, x2)
    return torch.where(condition, x1, x2)


@op("keras.ops.numpy")
def nonzero(x: Any) -> Any:
    """Returns the places of the elements that are not zero: a row for each axis.

    Args:
        x: a tensor, array or list.

    Example:
        >>> nonzero([[0, 2], [3, 0]]).tolist()
        [[0, 1], [1, 0]]

    Source: `keras.ops.nonzero`, `torch.nonzero`.
    """
    return _places(x if isinstance(x, torch.Tensor) else tensor(x)).to(torch.int32)


@op("keras.ops.numpy")
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Returns elements from the first of several tensors whose condition holds.

    Args:
        condlist: a list of conditions.
        choicelist: a list of tensors, one for each condition.
        default: what is taken where no condition holds. Default: 0.

    Raises:
        ArgumentTypeError: when they are no lists.
        ShapeError: when the lists are empty, or not of one length.

    Example:
        >>> select([[True, False, False], [True, True, False]], [[1, 1, 1], [2, 2, 2]], 9).tolist()
        [1, 2, 9]

    Source: `keras.ops.select`, `numpy.select`.
    """
    if not isinstance(condlist, (list, tuple)) or not isinstance(choicelist, (list, tuple)):
        raise ArgumentTypeError("`condlist` and `choicelist` must be lists.")
    if not condlist or len(condlist) != len(choicelist):
        raise ShapeError("`condlist` and `choicelist` must not be empty, and of one length.")
    chosen = default
    for place in range(len(condlist) - 1, -1, -1):
        condition, choice = condlist[place], choicelist[place]
        if not isinstance(condition, torch.Tensor) or condition.dtype is not torch.bool:
            condition = tensor(condition).to(torch.bool)
        if not (isinstance(choice, torch.Tensor) and isinstance(chosen, torch.Tensor)):
            choice, chosen = pair(choice, chosen)
        chosen = torch.where(condition, choice, chosen)
    return chosen


@op("keras.ops.numpy")
def unravel_index(indices: Any, shape: Any) -> Any:
    """Returns the places in a tensor of some shape for places in the flat one.

    Args:
        indices: the places in the flat tensor.
        shape: the sizes.

    Returns:
        A tuple with a tensor for each axis.

    Example:
        >>> [part.tolist() for part in unravel_index([1, 3], (2, 2))]
        [[0, 1], [1, 1]]

    Source: `keras.ops.unravel_index`, `torch.unravel_index`.
    """
    indices = indices if isinstance(indices, torch.Tensor) else tensor(indices)
    if indices.is_floating_point():
        indices = indices.long()
    kind = result_dtype(indices.dtype)
    return tuple(part.to(kind) for part in torch.unravel_index(indices, sizes(shape)))
