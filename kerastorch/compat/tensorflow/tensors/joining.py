"""Joining, cutting and repeating tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operands, operation
from kerastorch.core.strings import StringTensor
from kerastorch.errors import ShapeError


@operation()
def concat(values: Sequence[Any], axis: Any) -> Any:
    """Returns tensors joined along an axis.

    Args:
        values: the tensors.
        axis: the axis along which they are joined.

    Example:
        >>> concat([[[1, 2]], [[3, 4]]], 0).tolist(), concat([[[1, 2]], [[3, 4]]], axis=-1).tolist()
        ([[1, 2], [3, 4]], [[1, 2, 3, 4]])

    Source: `tf.concat`, `torch.cat`
    """
    tensors = operands(*values) if isinstance(values, (list, tuple)) else (as_tensor(values),)
    if any(isinstance(tensor, StringTensor) for tensor in tensors):
        return _joined_strings(tensors, integer(axis))
    return torch.cat(tensors, integer(axis))


def _joined_strings(tensors: Sequence[StringTensor], axis: int) -> StringTensor:
    return StringTensor(np.concatenate([np.asarray(tensor) for tensor in tensors], axis))


@operation()
def stack(values: Sequence[Any], axis: Any = 0) -> Any:
    """Returns tensors of one shape joined along a new axis.

    Args:
        values: the tensors.
        axis: where the new axis goes. Default: 0.

    Example:
        >>> stack([[1, 4], [2, 5]], axis=1).tolist()
        [[1, 2], [4, 5]]

    Source: `tf.stack`, `torch.stack`
    """
    tensors = operands(*values)
    if any(isinstance(tensor, StringTensor) for tensor in tensors):
        return _joined_strings(
            [StringTensor(np.expand_dims(np.asarray(t), axis)) for t in tensors], integer(axis)
        )
    return torch.stack(tensors, integer(axis))


parallel_stack = stack


@operation()
def unstack(value: Any, num: int | None = None, axis: Any = 0) -> Any:
    """Returns a tensor's slices along an axis, as a list.

    Args:
        value: a tensor.
        num: how many slices there are; None reads it from the shape.
        axis: the axis. Default: 0.

    Raises:
        ShapeError: when there are not `num` slices.

    Example:
        >>> [x.tolist() for x in unstack([[1, 2], [3, 4]], axis=1)]
        [[1, 3], [2, 4]]

    Source: `tf.unstack`, `torch.unbind`
    """
    slices = list(torch.unbind(as_tensor(value), integer(axis)))
    if num is not None and len(slices) != num:
        raise ShapeError(f"tf.unstack found {len(slices)} slices where num={num} was given.")
    return slices


@operation()
def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None) -> Any:
    """Returns a tensor cut along an axis, as a list.

    Args:
        value: a tensor.
        num_or_size_splits: how many equal parts, or the size of each; one size may be -1.
        axis: the axis. Default: 0.
        num: how many parts, checked where it is given.

    Raises:
        ShapeError: when the axis cannot be cut so.

    Example:
        >>> [x.tolist() for x in split([1, 2, 3, 4], 2)], [x.tolist() for x in split([1, 2, 3], [1, -1])]
        ([[1, 2], [3, 4]], [[1], [2, 3]])

    Source: `tf.split`, `torch.split`
    """
    tensor, axis = as_tensor(value), integer(axis)
    length = tensor.shape[axis]
    single = not isinstance(num_or_size_splits, (list, tuple)) and getattr(num_or_size_splits, "ndim", 0) == 0
    sizes = integers(num_or_size_splits)
    if single:
        if length % sizes[0]:
            raise ShapeError(
                f"tf.split cannot cut an axis of length {length} into {sizes[0]} equal parts. "
                f"Received: shape {tuple(tensor.shape)}, axis={axis}."
            )
        sizes = [length // sizes[0]] * sizes[0]
    if -1 in sizes:
        sizes = [length - sum(sizes) - 1 if size == -1 else size for size in sizes]
    if sum(sizes) != length or (num is not None and num != len(sizes)):
        raise ShapeError(
            f"tf.split: the sizes {sizes} do not add up to the {length} of axis {axis} of shape {tuple(tensor.shape)}."
        )
    return list(torch.split(tensor, sizes, axis))


@operation()
def tile(input: Any, multiples: Any) -> Any:
    """Returns a tensor repeated as a whole along each axis.

    Args:
        input: a tensor.
        multiples: how often, for each axis.

    Example:
        >>> tile([[1, 2]], [2, 2]).tolist()
        [[1, 2, 1, 2], [1, 2, 1, 2]]

    Source: `tf.tile`, `torch.tile`
    """
    return as_tensor(input).repeat(integers(multiples))


@operation()
def repeat(input: Any, repeats: Any, axis: Any = None) -> Any:
    """Returns a tensor with each element repeated along an axis.

    Args:
        input: a tensor.
        repeats: how often, for all or for each element of the axis.
        axis: the axis; None repeats the elements of the flat tensor.

    Example:
        >>> repeat([1, 2], 2).tolist(), repeat([[1, 2]], [1, 2], axis=1).tolist()
        ([1, 1, 2, 2], [[1, 2, 2]])

    Source: `tf.repeat`, `torch.repeat_interleave`
    """
    tensor = as_tensor(input)
    counts = integers(repeats)
    each: Any = counts[0] if len(counts) == 1 else torch.tensor(counts, device=tensor.device)
    return torch.repeat_interleave(tensor, each, None if axis is None else integer(axis))


@operation()
def meshgrid(*args: Any, indexing: str = "xy") -> Any:
    """Returns coordinates of a grid, a tensor for each axis.

    Args:
        args: the coordinates along each axis.
        indexing: `"xy"`, where the first two axes change places, or `"ij"`. Default: `"xy"`.

    Example:
        >>> x, y = meshgrid([1, 2, 3], [4, 5])
        >>> x.tolist(), y.tolist()
        ([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])

    Source: `tf.meshgrid`, `torch.meshgrid`
    """
    return list(torch.meshgrid(*(as_tensor(x).reshape(-1) for x in args), indexing=indexing))
