"""Class numbers as vectors of zeros and ones."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import floatx
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import op, tensor

_nn = op("keras.ops.nn")


def _one_hot(x: torch.Tensor, num_classes: int, axis: int, dtype: Any) -> torch.Tensor:
    classes = torch.arange(num_classes, device=x.device)
    places = x.ndim - (axis % (x.ndim + 1))
    if places:
        classes = classes.view(-1, *[1] * places)
    x = x if x.dtype is torch.int64 else x.long()
    return (x.unsqueeze(axis) == classes).to(torch_dtype(floatx() if dtype is None else dtype))


@_nn
def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Any:
    """Returns a vector for each class number, with a one in its place and zeros elsewhere.

    Args:
        x: class numbers; those that are negative or too large give zeros alone.
        num_classes: the length of the vectors.
        axis: the axis of the result that holds the vectors.
        dtype: the type of the result; None takes `floatx()`.
        sparse: whether the result is a sparse tensor.

    Returns:
        A tensor with one axis more than `x`.

    Raises:
        InvalidArgumentError: when the result has no such axis.

    Example:
        >>> one_hot([2, 0, -1], 3).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]

    Source: `keras.ops.one_hot`, `torch.nn.functional.one_hot`.
    """
    found = _one_hot(tensor(x), num_classes, axis, dtype)
    return found.to_sparse() if sparse and not found.is_meta else found


@_nn
def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Any:
    """Returns a vector for each list of class numbers, with ones in their places and zeros elsewhere.

    Args:
        inputs: class numbers; the second axis, or the only one, holds those that share a vector.
        num_classes: the length of the vectors.
        axis: the axis that holds the vectors, as long as those that are shared are there.
        dtype: the type of the result; None takes `floatx()`.
        sparse: whether the result is a sparse tensor.
        **kwargs: `num_tokens`, the older name of `num_classes`.

    Returns:
        A tensor with as many axes as `inputs`.

    Raises:
        InvalidArgumentError: when `num_classes` is missing, or there is no such axis.

    Example:
        >>> multi_hot([[2, 0], [1, 1]], 4).tolist()
        [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]

    Source: `keras.ops.multi_hot`.
    """
    num_classes = kwargs.pop("num_tokens", None) if num_classes is None else num_classes
    if num_classes is None or kwargs:
        raise InvalidArgumentError(
            f"Argument `num_classes` must be specified, and there are no others. Received also: {sorted(kwargs)}."
        )
    x = tensor(inputs)
    found = torch.amax(_one_hot(x, num_classes, axis, dtype), 1 if x.ndim > 1 else 0)
    return found.to_sparse() if sparse and not found.is_meta else found
