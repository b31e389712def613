"""Putting values at coordinates of tensors."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integers, operands, operation
from kerastorch.compat.tensorflow.tensors.choosing import as_index
from kerastorch.errors import ShapeError
from kerastorch.ops.core.scattering import put, put_reduced


@operation()
def scatter_nd(indices: Any, updates: Any, shape: Any) -> Any:
    """Returns zeros with values added at given coordinates.

    Args:
        indices: coordinates along the last axis.
        updates: the values; those of equal coordinates are added.
        shape: the shape of the result.

    Example:
        >>> scatter_nd([[1], [3], [1]], [9, 10, 11], [5]).tolist()
        [0, 20, 0, 10, 0]

    Source: `tf.scatter_nd`, `torch.Tensor.index_put`
    """
    updates = as_tensor(updates)
    return _scattered(updates.new_zeros(integers(shape)), indices, updates, accumulate=True)


def _scattered(tensor: torch.Tensor, indices: Any, updates: torch.Tensor, accumulate: bool) -> torch.Tensor:
    return put(tensor, as_index(indices, tensor), updates, accumulate)


@operation()
def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any) -> Any:
    """Returns a tensor with other values at given coordinates.

    Args:
        tensor: the tensor.
        indices: coordinates along the last axis.
        updates: the new values.

    Example:
        >>> tensor_scatter_nd_update([0, 0, 0], [[1]], [7]).tolist()
        [0, 7, 0]

    Source: `tf.tensor_scatter_nd_update`
    """
    tensor, updates = operands(tensor, updates)
    return _scattered(tensor, indices, updates, accumulate=False)


@operation()
def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any) -> Any:
    """Returns a tensor with values added at given coordinates.

    Args:
        tensor: the tensor.
        indices: coordinates along the last axis.
        updates: what is added.

    Example:
        >>> tensor_scatter_nd_add([1, 1, 1], [[1], [1]], [7, 2]).tolist()
        [1, 10, 1]

    Source: `tf.tensor_scatter_nd_add`
    """
    tensor, updates = operands(tensor, updates)
    return _scattered(tensor, indices, updates, accumulate=True)


@operation()
def tensor_scatter_nd_sub(tensor: Any, indices: Any, updates: Any) -> Any:
    """Returns a tensor with values subtracted at given coordinates.

    Args:
        tensor: the tensor.
        indices: coordinates along the last axis.
        updates: what is subtracted.

    Example:
        >>> tensor_scatter_nd_sub([9, 9], [[0], [0]], [1, 2]).tolist()
        [6, 9]

    Source: `tf.tensor_scatter_nd_sub`
    """
    tensor, updates = operands(tensor, updates)
    return _scattered(tensor, indices, -updates, accumulate=True)


def _scattered_extreme(tensor: Any, indices: Any, updates: Any, kind: str) -> torch.Tensor:
    tensor, updates = operands(tensor, updates)
    return put_reduced(tensor, as_index(indices, tensor), updates, kind)


@operation()
def tensor_scatter_nd_max(tensor: Any, indices: Any, updates: Any) -> Any:
    """Returns a tensor with the larger of two values at given coordinates.

    Args:
        tensor: the tensor.
        indices: coordinates along the last axis.
        updates: the values to compare with.

    Example:
        >>> tensor_scatter_nd_max([0, 5], [[0], [1]], [3, 3]).tolist()
        [3, 5]

    Source: `tf.tensor_scatter_nd_max`
    """
    return _scattered_extreme(tensor, indices, updates, "amax")


@operation()
def tensor_scatter_nd_min(tensor: Any, indices: Any, updates: Any) -> Any:
    """Returns a tensor with the smaller of two values at given coordinates.

    Args:
        tensor: the tensor.
        indices: coordinates along the last axis.
        updates: the values to compare with.

    Example:
        >>> tensor_scatter_nd_min([0, 5], [[0], [1]], [3, 3]).tolist()
        [0, 3]

    Source: `tf.tensor_scatter_nd_min`
    """
    return _scattered_extreme(tensor, indices, updates, "amin")


@operation()
def dynamic_stitch(indices: list, data: list) -> Any:
    """Returns rows put at given places; of several for one place the last stays.

    Args:
        indices: for each tensor of `data` the places of its rows.
        data: the tensors.

    Raises:
        ShapeError: when there is nothing to stitch.

    Example:
        >>> dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).tolist()
        [10, 20, 30]

    Source: `tf.dynamic_stitch`
    """
    if not data:
        raise ShapeError("tf.dynamic_stitch needs at least one tensor. Received: data=[].")
    tensors = [as_tensor(part) for part in data]
    places = [as_index(part, tensors[0]) for part in indices]
    inner = tensors[0].shape[places[0].ndim :]
    length = max(int(part.max()) for part in places if part.numel()) + 1
    result = tensors[0].new_zeros((length, *inner))
    for place, tensor in zip(places, tensors, strict=True):
        result = result.index_copy(0, place.reshape(-1), tensor.reshape(-1, *inner))
    return result
