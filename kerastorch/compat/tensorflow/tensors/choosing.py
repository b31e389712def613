"""Choosing elements by index, mask or order, and putting values at indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operands, operation
from kerastorch.core.strings import StringTensor
from kerastorch.errors import InvalidArgumentError


def as_index(value: Any, like: Any) -> torch.Tensor:
    """Returns places as the integers that torch indexes with, beside a tensor.

    Args:
        value: the places.
        like: the tensor that they are places of.

    Example:
        >>> as_index([1, 2], torch.ones(3)).dtype
        torch.int64
    """
    return as_tensor(value).to(like.device, torch.int64)


@operation()
def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: Any = None, batch_dims: int = 0
) -> Any:
    """Returns the slices of a tensor at given places along an axis.

    Args:
        params: the tensor.
        indices: the places, integers in a tensor of any shape.
        validate_indices: without meaning, as in TensorFlow.
        axis: the axis. Default: `batch_dims`.
        batch_dims: how many first axes `params` and `indices` have in common. Default: 0.

    Example:
        >>> gather([[1, 2], [3, 4]], [1, 0]).tolist(), gather([[1, 2], [3, 4]], [[1], [0]], batch_dims=1).tolist()
        ([[3, 4], [1, 2]], [[2], [3]])

    Source: `tf.gather`, `torch.index_select`
    """
    params = as_tensor(params)
    if isinstance(params, StringTensor):
        return StringTensor(
            np.take(np.asarray(params), as_tensor(indices).numpy(), axis=0 if axis is None else axis)
        )
    index = as_index(indices, params)
    shared = batch_dims % (index.ndim + 1) if batch_dims < 0 else batch_dims
    axis = shared if axis is None else integer(axis) % params.ndim
    if shared:
        return _gathered_in_batches(params, index, axis, shared)
    if index.ndim == 1:
        return torch.index_select(params, axis, index)
    found = torch.index_select(params, axis, index.reshape(-1))
    return found.reshape(*params.shape[:axis], *index.shape, *params.shape[axis + 1 :])


def _gathered_in_batches(params: torch.Tensor, index: torch.Tensor, axis: int, shared: int) -> torch.Tensor:
    """Slices by places that each of the first `shared` axes has of its own."""
    batch, middle, inner = params.shape[:shared], params.shape[shared:axis], params.shape[axis + 1 :]
    moved = torch.movedim(params, axis, shared)  # batch, axis, middle, inner
    flat = index.reshape(*batch, -1)
    spread = flat.reshape(*flat.shape, *[1] * (len(middle) + len(inner))).expand(*flat.shape, *middle, *inner)
    found = torch.gather(moved, shared, spread)
    found = torch.movedim(found, shared, axis)
    return found.reshape(*batch, *middle, *index.shape[shared:], *inner)


@operation()
def gather_nd(params: Any, indices: Any, batch_dims: int = 0) -> Any:
    """Returns the elements or slices of a tensor at given coordinates.

    Args:
        params: the tensor.
        indices: coordinates along the last axis: fewer than `params` has axes give slices.
        batch_dims: how many first axes `params` and `indices` have in common. Default: 0.

    Example:
        >>> gather_nd([[1, 2], [3, 4]], [[0, 0], [1, 1]]).tolist()
        [1, 4]

    Source: `tf.gather_nd`
    """
    params = as_tensor(params)
    index = as_index(indices, params)
    if batch_dims:
        sizes = params.shape[:batch_dims]
        grid = torch.meshgrid(*(torch.arange(n, device=index.device) for n in sizes), indexing="ij")
        lead = [
            g.reshape(*sizes, *[1] * (index.ndim - batch_dims - 1)).expand(index.shape[:-1]) for g in grid
        ]
        return params[(*lead, *index.unbind(-1))]
    return params[index.unbind(-1)] if index.shape[-1] else params.expand(*index.shape[:-1], *params.shape)


@operation()
def boolean_mask(tensor: Any, mask: Any, axis: Any = None) -> Any:
    """Returns the elements or slices where a mask is True.

    Args:
        tensor: the tensor.
        mask: truth values in the shape of some of its axes.
        axis: the first of these axes. Default: 0.

    Example:
        >>> boolean_mask([[1, 2], [3, 4]], [True, False]).tolist()
        [[1, 2]]

    Source: `tf.boolean_mask`
    """
    tensor, mask = as_tensor(tensor), as_tensor(mask)
    axis = 0 if axis is None else integer(axis)
    if isinstance(tensor, StringTensor):
        return StringTensor(np.asarray(tensor)[mask.numpy()])
    return tensor[(*(slice(None),) * axis, mask.to(tensor.device, torch.bool))]


@operation()
def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Returns one tensor where a condition holds and another elsewhere, or the coordinates where it holds.

    Args:
        condition: truth values.
        x: what is taken where it holds.
        y: what is taken elsewhere; without both, coordinates are returned, a row for each.

    Raises:
        InvalidArgumentError: when only one of `x` and `y` is given.

    Example:
        >>> where([True, False], [1, 2], 0).tolist(), where([[True, False], [False, True]]).tolist()
        ([1, 0], [[0, 0], [1, 1]])

    Source: `tf.where`, `torch.where`
    """
    condition = as_tensor(condition)
    if x is None and y is None:
        return torch.nonzero(condition)
    if x is None or y is None:
        raise InvalidArgumentError("tf.where takes both `x` and `y`, or neither of them.")
    x, y = operands(x, y)
    return torch.where(condition.to(torch.bool), x, y)


@operation()
def slice_(input_: Any, begin: Any, size: Any) -> Any:
    """Returns a block of a tensor.

    Args:
        input_: the tensor.
        begin: where it begins on each axis.
        size: its length on each axis; -1 goes to the end.

    Example:
        >>> slice_([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]).tolist()
        [[2, 3], [5, 6]]

    Source: `tf.slice`, `torch.narrow`
    """
    tensor = as_tensor(input_)
    for axis, (first, length) in enumerate(zip(integers(begin), integers(size), strict=True)):
        length = tensor.shape[axis] - first if length == -1 else length
        tensor = tensor.narrow(axis, first, length)
    return tensor


@operation()
def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Any:
    """Returns what `input_[begin:end:strides]` gives, for each axis.

    Args:
        input_: the tensor.
        begin: where to begin on each axis.
        end: where to stop on each axis, excluded.
        strides: the step on each axis; negative ones go backwards. Default: 1.
        begin_mask: bits of the axes on which `begin` is left out.
        end_mask: bits of the axes on which `end` is left out.
        ellipsis_mask: the bit of the entry that stands for all axes between.
        new_axis_mask: bits of the entries that add an axis.
        shrink_axis_mask: bits of the entries that take one element and drop the axis.

    Example:
        >>> strided_slice([1, 2, 3, 4, 5], [0], [4], [2]).tolist()
        [1, 3]

    Source: `tf.strided_slice`
    """
    tensor, starts, stops = as_tensor(input_), integers(begin), integers(end)
    steps = [1] * len(starts) if strides is None else integers(strides)
    key: list[Any] = []
    for place, (start, stop, step) in enumerate(zip(starts, stops, steps, strict=True)):
        bit = 1 << place
        if ellipsis_mask & bit:
            key.append(Ellipsis)
        elif new_axis_mask & bit:
            key.append(None)
        elif shrink_axis_mask & bit:
            key.append(start)
        else:
            key.append(slice(None if begin_mask & bit else start, None if end_mask & bit else stop, step))
    return _indexed(tensor, key)


def _indexed(tensor: torch.Tensor, key: list) -> torch.Tensor:
    """`tensor[key]`, with the steps backwards that torch lacks."""
    if not any(isinstance(part, slice) and (part.step or 1) < 0 for part in key):
        return tensor[tuple(key)]
    if Ellipsis in key or None in key:
        raise InvalidArgumentError(
            "tf.strided_slice: steps backwards do not go with new axes or an ellipsis."
        )
    for axis, part in enumerate(key):
        if isinstance(part, slice) and (part.step or 1) < 0:
            places = range(tensor.shape[axis])[part]
            tensor = tensor.index_select(
                axis, torch.tensor(list(places), dtype=torch.int64, device=tensor.device)
            )
            key[axis] = slice(None)
    return tensor[tuple(key)]


@operation()
def dynamic_partition(data: Any, partitions: Any, num_partitions: int) -> Any:
    """Returns the rows of a tensor sorted into partitions, as a list.

    Args:
        data: a tensor; its first axes are those of `partitions`.
        partitions: the number of the partition of each row.
        num_partitions: how many partitions there are.

    Example:
        >>> [x.tolist() for x in dynamic_partition([10, 20, 30], [0, 1, 0], 2)]
        [[10, 30], [20]]

    Source: `tf.dynamic_partition`
    """
    data = as_tensor(data)
    numbers = as_tensor(partitions).to(data.device)
    return [data[numbers == part] for part in range(num_partitions)]
