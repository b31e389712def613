"""The same numbers in another shape, or with the axes in another order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.shapes import unknown_axes, unknown_size
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.numpy.creation import sizes


@op("keras.ops.numpy")
def reshape(x: Any, newshape: Any) -> Any:
    """Returns a tensor with another shape.

    Args:
        x: a tensor, array, list or number.
        newshape: the sizes; one of them may be -1 (or None), which stands for what is left.

    Raises:
        ShapeError: when the numbers do not fit into the shape.

    Example:
        >>> reshape([1, 2, 3, 4], (2, -1)).tolist()
        [[1, 2], [3, 4]]

    Source: `keras.ops.reshape`, `torch.reshape`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    try:
        return torch.reshape(x, sizes(newshape))
    except (RuntimeError, TypeError) as error:
        if isinstance(newshape, (tuple, list)) and None in newshape:
            return reshape(x, [-1 if n is None else n for n in newshape])
        if state.inferring and (shape := _known_later(newshape) or _fitting(x, newshape)):
            return x.new_empty(shape)
        raise ShapeError(
            f"A tensor of shape {unknown_axes(x.shape)} does not fit. Sizes are non-negative integers, and at most one "
            f"unknown dimension is -1: newshape={newshape}."
        ) from error


def _known_later(shape: Any) -> list[int]:
    """Sizes in which what depends on the values of symbolic tensors is unknown; none where nothing does."""
    if isinstance(shape, torch.Tensor):
        return [unknown_size()] * len(shape)
    if not any(isinstance(n, torch.Tensor) for n in shape):
        return []
    return [unknown_size() if isinstance(n, torch.Tensor) or n == -1 else n for n in shape]


def _fitting(x: torch.Tensor, shape: Any) -> list[int]:
    """The sizes themselves where those of the unknown axes of a symbolic tensor can be such that they fit."""
    known = unknown_axes(x.shape)
    count = math.prod(n for n in known if n is not None)
    fits = None in known and min(shape, default=-1) > 0 and count and math.prod(shape) % count == 0
    return list(shape) if fits else []


@op("keras.ops.numpy")
def ravel(x: Any) -> Any:
    """Returns all numbers of a tensor along one axis.

    Args:
        x: a tensor, array, list or number.

    Example:
        >>> ravel([[1, 2], [3, 4]]).tolist()
        [1, 2, 3, 4]

    Source: `keras.ops.ravel`, `torch.ravel`.
    """
    return torch.ravel(x if isinstance(x, torch.Tensor) else tensor(x))


@op("keras.ops.numpy")
def ndim(x: Any) -> Any:
    """Returns the number of axes.

    Args:
        x: a tensor, array, list or number.

    Example:
        >>> ndim([[1, 2]])
        2

    Source: `keras.ops.ndim`.
    """
    return (x if isinstance(x, torch.Tensor) else tensor(x)).ndim


@op("keras.ops.numpy")
def size(x: Any) -> Any:
    """Returns the number of elements, as a tensor.

    Args:
        x: a tensor, array, list or number.

    Example:
        >>> size([[1, 2], [3, 4]]).item()
        4

    Source: `keras.ops.size`, `torch.numel`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return torch.full((), x.numel(), dtype=torch.int64, device=x.device)


@op("keras.ops.numpy")
def expand_dims(x: Any, axis: Any) -> Any:
    """Returns a tensor with new axes of length one.

    Args:
        x: a tensor, array, list or number.
        axis: where they lie in the result: an integer or a sequence of them.

    Raises:
        ShapeError: when the result has no such axes.

    Example:
        >>> expand_dims([1, 2], 0).shape, expand_dims([1, 2], (0, -1)).shape
        (torch.Size([1, 2]), torch.Size([1, 2, 1]))

    Source: `keras.ops.expand_dims`, `torch.unsqueeze`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if isinstance(axis, int):
        return torch.unsqueeze(x, axis)
    rank = x.ndim + len(axis)
    if any(not -rank <= a < rank for a in axis):
        raise ShapeError(f"Axis {axis} is out of range for a result with {rank} axes.")
    for place in sorted(a % rank for a in axis):
        x = torch.unsqueeze(x, place)
    return x


@op("keras.ops.numpy")
def squeeze(x: Any, axis: Any = None) -> Any:
    """Returns a tensor without axes of length one.

    Args:
        x: a tensor, array, list or number.
        axis: which of them: an integer, a sequence, or None for all.

    Raises:
        ShapeError: when an axis has another length.

    Example:
        >>> squeeze([[[1, 2]]], axis=0).shape, squeeze([[[1, 2]]]).shape
        (torch.Size([1, 2]), torch.Size([2]))

    Source: `keras.ops.squeeze`, `torch.squeeze`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axis is None:
        return torch.squeeze(x)
    places = (axis,) if isinstance(axis, int) else tuple(axis)
    result = torch.squeeze(x, places)
    if result.ndim == x.ndim - len(places):
        return result
    kind = InvalidArgumentError if state.inferring else ShapeError  # that an unknown size is 1 is not assumed
    raise kind(f"Only axes of length 1 can go: axis={axis} of shape {unknown_axes(x.shape)}.")


@op("keras.ops.numpy")
def broadcast_to(x: Any, shape: Any) -> Any:
    """Returns a tensor repeated to fill a shape; it shares memory with the tensor.

    Args:
        x: a tensor, array, list or number.
        shape: the sizes.

    Example:
        >>> broadcast_to([1, 2], (2, 2)).tolist()
        [[1, 2], [1, 2]]

    Source: `keras.ops.broadcast_to`, `torch.broadcast_to`.
    """
    return torch.broadcast_to(x if isinstance(x, torch.Tensor) else tensor(x), sizes(shape))


@op("keras.ops.numpy")
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Returns a tensor with its axes in another order.

    Args:
        x: a tensor, array, list or number.
        axes: the order; None reverses it.

    Raises:
        InvalidArgumentError: when the order does not name each axis once.

    Example:
        >>> transpose([[1, 2], [3, 4]]).tolist()
        [[1, 3], [2, 4]]

    Source: `keras.ops.transpose`, `torch.permute`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axes is None:
        return torch.permute(x, tuple(range(x.ndim)[::-1]))
    try:
        return torch.permute(x, sizes(axes))
    except (RuntimeError, IndexError) as error:
        rank = x.ndim
        raise InvalidArgumentError(
            f"`axes` must be a list of the same length as the input shape, and a valid permutation. Each axis in "
            f"`axes` must be an integer in [-{rank}, {rank}): axes={axes}."
        ) from error


def _checked(axis: Any, rank: int) -> Any:
    for place in (axis,) if isinstance(axis, int) else axis:
        if not -rank <= place < rank:
            raise InvalidArgumentError(f"axis {place} is out of bounds for a tensor with {rank} axes.")
    return axis


@op("keras.ops.numpy")
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Returns a tensor with two axes exchanged.

    Args:
        x: a tensor, array or list.
        axis1: one axis.
        axis2: the other.

    Example:
        >>> swapaxes([[1, 2, 3]], 0, 1).tolist()
        [[1], [2], [3]]

    Source: `keras.ops.swapaxes`, `torch.swapaxes`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return torch.swapaxes(x, _checked(axis1, x.ndim), _checked(axis2, x.ndim))


@op("keras.ops.numpy")
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Returns a tensor with some axes moved; the others keep their order.

    Args:
        x: a tensor, array or list.
        source: the axes: an integer or a sequence of them.
        destination: where each of them lies in the result.

    Example:
        >>> moveaxis([[1, 2, 3]], 0, -1).shape
        torch.Size([3, 1])

    Source: `keras.ops.moveaxis`, `torch.movedim`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return torch.movedim(x, _checked(source, x.ndim), _checked(destination, x.ndim))
