"""`keras.backend`: products of matrices and of batches of them."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.merging.dot import multiply_samples
from kerastorch.ops.base import op, tensor, together


@op("keras.backend")
def dot(x: Any, y: Any) -> Any:
    """Returns the product of matrices: the last axis of one with the second last axis of the other.

    Args:
        x: a tensor with one axis or more.
        y: a tensor with two axes or more; the axes besides the second last follow those of `x`.

    Returns:
        A tensor.

    Raises:
        ShapeError: when the lengths of these axes differ.

    Example:
        >>> dot(torch.ones(2, 3), torch.ones(4, 3, 5)).shape
        torch.Size([2, 4, 5])

    Source: `keras.backend.dot` of Keras 2, `torch.tensordot`.
    """
    x, y = together(x, y)
    if x.ndim < 1 or y.ndim < 2 or x.shape[-1] != y.shape[-2]:
        raise ShapeError(
            f"Shapes {tuple(x.shape)} and {tuple(y.shape)} cannot be multiplied: the last axis of the first must be "
            "as long as the second last of the second."
        )
    return torch.matmul(x, y) if y.ndim == 2 else torch.tensordot(x, y, ([-1], [-2]))


@op("keras.backend")
def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Returns the products of two batches, sample by sample, summed over an axis of each.

    Args:
        x: a tensor with two axes or more, the first of them the batch.
        y: likewise, with the same batch.
        axes: the axis of both, or one of each, counted with the batch axis, which it cannot be. None takes the last
            axis of `x` and the second last of `y`, its last where it has two.

    Returns:
        A tensor with the other axes of `x`, then those of `y` but for the batch; `(batch, 1)` where there are none.

    Raises:
        InvalidArgumentError: when `axes` is not an integer or two, or names the batch axis.
        ShapeError: when an input has fewer than two axes, or lengths differ.

    Example:
        >>> batch_dot(torch.ones(8, 20), torch.ones(8, 30, 20), axes=(1, 2)).shape
        torch.Size([8, 30])

    Source: `keras.backend.batch_dot` of Keras 2, `torch.bmm`.
    """
    x, y = together(x, y)
    shapes = f"shapes {tuple(x.shape)} and {tuple(y.shape)}"
    if x.ndim < 2 or y.ndim < 2:
        raise ShapeError(f"Cannot do batch_dot on inputs with rank < 2. Received inputs with {shapes}.")
    first, second = _summed(axes, x.ndim, y.ndim)
    if x.shape[0] != y.shape[0]:
        raise ShapeError(f"Cannot do batch_dot on inputs with different batch sizes: {shapes}.")
    if x.shape[first] != y.shape[second]:
        raise ShapeError(
            f"Cannot do batch_dot on inputs with {shapes}: axes {first} and {second} have different lengths."
        )
    return multiply_samples(x, y, first, second)


def _summed(axes: Any, first_rank: int, second_rank: int) -> tuple[int, int]:
    """The axes to sum over as positive numbers."""
    if axes is None:
        axes = (first_rank - 1, max(second_rank - 2, 1))
    pair = (axes, axes) if isinstance(axes, int) else tuple(axes)
    if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
        raise InvalidArgumentError(
            f"Multiple target dimensions are not supported. Expected None, an integer or two. Received: axes={axes!r}."
        )
    first, second = (
        axis + rank if axis < 0 else axis for axis, rank in zip(pair, (first_rank, second_rank), strict=True)
    )
    if not (0 < first < first_rank and 0 < second < second_rank):
        raise InvalidArgumentError(
            f"`axes` must name axes of the inputs other than axis 0, the batch. Received: axes={axes!r} for inputs "
            f"with {first_rank} and {second_rank} axes. Where there is no batch, `K.expand_dims(x, 0)` adds one."
        )
    return first, second


@op("keras.backend")
def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """Returns a tensor with a number for each channel added.

    Args:
        x: a tensor whose first axis is the batch.
        bias: a tensor with one axis, or with one axis less than `x`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor.

    Raises:
        InvalidArgumentError: when the data format is unknown.
        ShapeError: when `bias` has another number of axes.

    Example:
        >>> bias_add(torch.zeros(1, 2, 2), [1.0, 2.0]).tolist()
        [[[1.0, 2.0], [1.0, 2.0]]]

    Source: `keras.backend.bias_add` of Keras 2.
    """
    channels_first = standardize_data_format(data_format) == "channels_first"
    x, bias = tensor(x), tensor(bias)
    if bias.ndim not in (1, x.ndim - 1):
        raise ShapeError(
            f"Unexpected bias dimensions {bias.ndim}. Expected it to be 1 or {x.ndim - 1}, as the input has shape "
            f"{tuple(x.shape)}."
        )
    if channels_first and x.ndim > 2:
        # As in Keras 2 the numbers keep their order in memory: this is no transposition.
        bias = bias.reshape(bias.shape[-1], *(bias.shape[:-1] or (1,) * (x.ndim - 2)))
    return x + bias
