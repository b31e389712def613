"""`keras.backend`: tensors joined, reshaped, turned and repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.backend.creation import as_shape
from kerastorch.config import floatx
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import axes as standardize_axes
from kerastorch.ops.base import op, tensor, together


@op("keras.backend")
def concatenate(tensors: Sequence[Any], axis: int = -1) -> torch.Tensor:
    """Returns tensors joined along an axis.

    Args:
        tensors: the tensors, which agree in all other axes.
        axis: the axis.

    Returns:
        A tensor.

    Example:
        >>> concatenate([[1, 2], [3]]).tolist()
        [1, 2, 3]

    Source: `keras.backend.concatenate` of Keras 2, `torch.cat`.
    """
    return torch.cat(together(*tensors), axis)


@op("keras.backend")
def stack(x: Sequence[Any], axis: int = 0) -> torch.Tensor:
    """Returns tensors of one shape joined along a new axis.

    Args:
        x: the tensors.
        axis: where the new axis is.

    Returns:
        A tensor.

    Example:
        >>> stack([[1, 2], [3, 4]], axis=1).tolist()
        [[1, 3], [2, 4]]

    Source: `keras.backend.stack` of Keras 2, `torch.stack`.
    """
    return torch.stack(together(*x), axis)


@op("keras.backend")
def reshape(x: Any, shape: Any) -> torch.Tensor:
    """Returns the same numbers in another shape.

    Args:
        x: a tensor, array or list.
        shape: the shape; -1 stands for the size that is left over.

    Returns:
        A tensor.

    Example:
        >>> reshape(torch.ones(2, 6), (-1, 3)).shape
        torch.Size([4, 3])

    Source: `keras.backend.reshape` of Keras 2, `torch.reshape`.
    """
    return tensor(x).reshape(as_shape(shape))


@op("keras.backend")
def permute_dimensions(x: Any, pattern: Sequence[int]) -> torch.Tensor:
    """Returns a tensor with its axes in another order.

    Args:
        x: a tensor, array or list.
        pattern: the old axes in the new order.

    Returns:
        A tensor.

    Example:
        >>> permute_dimensions(torch.ones(1, 2, 3), (2, 0, 1)).shape
        torch.Size([3, 1, 2])

    Source: `keras.backend.permute_dimensions` of Keras 2, `torch.permute`.
    """
    return tensor(x).permute(*pattern)


@op("keras.backend")
def transpose(x: Any) -> torch.Tensor:
    """Returns a tensor with its axes in the opposite order.

    Args:
        x: a tensor, array or list.

    Returns:
        A tensor.

    Example:
        >>> transpose([[1, 2], [3, 4]]).tolist()
        [[1, 3], [2, 4]]

    Source: `keras.backend.transpose` of Keras 2.
    """
    x = tensor(x)
    return x.permute(tuple(reversed(range(x.ndim))))


@op("keras.backend")
def flatten(x: Any) -> torch.Tensor:
    """Returns all numbers along one axis.

    Args:
        x: a tensor, array or list.

    Returns:
        A tensor with one axis.

    Example:
        >>> flatten([[1, 2], [3, 4]]).tolist()
        [1, 2, 3, 4]

    Source: `keras.backend.flatten` of Keras 2, `torch.flatten`.
    """
    return tensor(x).reshape(-1)


@op("keras.backend")
def batch_flatten(x: Any) -> torch.Tensor:
    """Returns the numbers of each sample along one axis.

    Args:
        x: a tensor whose first axis is the batch.

    Returns:
        A tensor with two axes.

    Example:
        >>> batch_flatten(torch.ones(2, 3, 4)).shape
        torch.Size([2, 12])

    Source: `keras.backend.batch_flatten` of Keras 2, `torch.flatten`.
    """
    x = tensor(x)
    return x.flatten(1) if x.ndim > 1 else x.unsqueeze(1)


@op("keras.backend")
def expand_dims(x: Any, axis: int = -1) -> torch.Tensor:
    """Returns a tensor with a new axis of length one.

    Args:
        x: a tensor, array, list or number.
        axis: where it is.

    Returns:
        A tensor.

    Example:
        >>> expand_dims([1, 2]).tolist()
        [[1], [2]]

    Source: `keras.backend.expand_dims` of Keras 2, `torch.unsqueeze`.
    """
    return tensor(x).unsqueeze(axis)


@op("keras.backend")
def squeeze(x: Any, axis: Any) -> torch.Tensor:
    """Returns a tensor without an axis of length one.

    Args:
        x: a tensor, array or list.
        axis: the axis, or several; None for all that have length one.

    Returns:
        A tensor.

    Raises:
        InvalidArgumentError: when the axis is longer.

    Example:
        >>> squeeze([[1], [2]], 1).tolist()
        [1, 2]

    Source: `keras.backend.squeeze` of Keras 2, `torch.squeeze`.
    """
    x = tensor(x)
    if axis is None:
        return x.squeeze()
    found = standardize_axes(axis, x.ndim)
    if any(x.shape[a] != 1 for a in found):
        raise InvalidArgumentError(f"Axis {axis} of a tensor of shape {tuple(x.shape)} has not length one.")
    return x.squeeze(found)


@op("keras.backend")
def repeat_elements(x: Any, rep: int, axis: int) -> torch.Tensor:
    """Returns a tensor with each element along an axis several times in a row.

    Args:
        x: a tensor, array or list.
        rep: how many times.
        axis: the axis.

    Returns:
        A tensor.

    Example:
        >>> repeat_elements([1, 2], 2, axis=0).tolist()
        [1, 1, 2, 2]

    Source: `keras.backend.repeat_elements` of Keras 2, `torch.repeat_interleave`.
    """
    return tensor(x).repeat_interleave(rep, axis)


@op("keras.backend")
def repeat(x: Any, n: int) -> torch.Tensor:
    """Returns a matrix repeated along a new second axis.

    Args:
        x: a tensor with two axes.
        n: how many times.

    Returns:
        A tensor with three axes.

    Raises:
        InvalidArgumentError: when it has not two axes.

    Example:
        >>> repeat([[1, 2]], 2).tolist()
        [[[1, 2], [1, 2]]]

    Source: `keras.backend.repeat` of Keras 2.
    """
    x = tensor(x)
    if x.ndim != 2:
        raise InvalidArgumentError(
            f"`K.repeat` takes a tensor with two axes. Received one of shape {tuple(x.shape)}."
        )
    return x.unsqueeze(1).repeat(1, n, 1)


@op("keras.backend")
def tile(x: Any, n: Any) -> torch.Tensor:
    """Returns a tensor laid side by side several times.

    Args:
        x: a tensor, array or list.
        n: how many times along each axis, or an integer for the last one.

    Returns:
        A tensor.

    Example:
        >>> tile([[1, 2]], [2, 2]).tolist()
        [[1, 2, 1, 2], [1, 2, 1, 2]]

    Source: `keras.backend.tile` of Keras 2, `torch.tile`.
    """
    return tensor(x).tile(as_shape(n))


@op("keras.backend")
def reverse(x: Any, axes: Any) -> torch.Tensor:
    """Returns a tensor in the opposite order along axes.

    Args:
        x: a tensor, array or list.
        axes: the axis, or several.

    Returns:
        A tensor.

    Example:
        >>> reverse([1, 2, 3], 0).tolist()
        [3, 2, 1]

    Source: `keras.backend.reverse` of Keras 2, `torch.flip`.
    """
    x = tensor(x)
    return x.flip(standardize_axes(axes, x.ndim))


@op("keras.backend")
def gather(reference: Any, indices: Any) -> torch.Tensor:
    """Returns the elements of the first axis at given places.

    Args:
        reference: a tensor, array or list.
        indices: the places, integers in a tensor of any shape.

    Returns:
        A tensor: the axes of `indices`, then those of `reference` but for the first.

    Example:
        >>> gather([[1, 2], [3, 4], [5, 6]], [2, 0]).tolist()
        [[5, 6], [1, 2]]

    Source: `keras.backend.gather` of Keras 2, `torch.index_select`.
    """
    reference = tensor(reference)
    places = tensor(indices).to(reference.device).long()
    rows = reference.index_select(0, places.reshape(-1))
    return rows.reshape(*places.shape, *reference.shape[1:])


@op("keras.backend")
def one_hot(indices: Any, num_classes: int) -> torch.Tensor:
    """Returns class numbers as rows of zeros with one 1 each.

    Args:
        indices: integers; one that is no class gives zeros alone.
        num_classes: the number of classes.

    Returns:
        A tensor of `floatx()` with one axis more.

    Example:
        >>> one_hot([1, 0], 3).tolist()
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]

    Source: `keras.backend.one_hot` of Keras 2.
    """
    numbers = tensor(indices)
    classes = torch.arange(num_classes, device=numbers.device)
    return (numbers.unsqueeze(-1) == classes).to(torch_dtype(floatx()))
