"""Small helpers for labels and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError


def to_categorical(
    x: Any = None, num_classes: int | None = None, dtype: str = "float32", **kwargs: Any
) -> Any:
    """Returns class numbers as one-hot rows.

    Args:
        x: class numbers from 0, an array, list or tensor of any shape; a last axis of length one is dropped.
        num_classes: the number of classes; None takes the largest class number plus one.
        dtype: the type of the result.
        **kwargs: `y`, Keras 2's name of `x`.

    Returns:
        An array, or a tensor for a tensor, of shape `x.shape + (num_classes,)`.

    Raises:
        InvalidArgumentError: when a class number is negative or not below `num_classes`.

    Example:
        >>> to_categorical([0, 2])
        array([[1., 0., 0.],
               [0., 0., 1.]], dtype=float32)

    Source: `keras.utils.to_categorical`.
    """
    x = kwargs.pop("y", x)
    if kwargs:
        raise InvalidArgumentError(f"`to_categorical` received unknown arguments: {sorted(kwargs)}.")
    if isinstance(x, torch.Tensor):
        rows = to_categorical(x.detach().cpu().numpy(), num_classes)
        return torch.as_tensor(rows, dtype=torch_dtype(dtype), device=x.device)
    labels = np.asarray(x, dtype="int64")
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    flat = labels.reshape(-1)
    classes = num_classes or (int(flat.max()) + 1 if flat.size else 0)
    if flat.size and (flat.min() < 0 or flat.max() >= classes):
        raise InvalidArgumentError(
            f"Class numbers must lie between 0 and {classes - 1} for num_classes={classes}. Received numbers from "
            f"{flat.min()} to {flat.max()}."
        )
    rows = np.zeros((flat.size, classes), dtype=dtype)
    rows[np.arange(flat.size), flat] = 1
    return rows.reshape((*shape, classes))


def to_ordinal(y: Any, num_classes: int | None = None, dtype: str = "float32") -> np.ndarray:
    """Returns ranks as rows that begin with as many ones.

    Args:
        y: ranks from 0, an array, list or tensor of any shape; a last axis of length one is dropped.
        num_classes: the number of ranks; None takes the greatest rank plus one.
        dtype: the type of the result.

    Returns:
        An array of shape `y.shape + (num_classes - 1,)`.

    Example:
        >>> to_ordinal([0, 2, 1])
        array([[0., 0.],
               [1., 1.],
               [1., 0.]], dtype=float32)

    Source: `keras.utils.to_ordinal` of Keras 2.
    """
    ranks = np.asarray(y.detach().cpu() if isinstance(y, torch.Tensor) else y, dtype="int64")
    ranks = ranks[..., 0] if ranks.ndim > 1 and ranks.shape[-1] == 1 else ranks
    steps = np.arange((num_classes or int(ranks.max()) + 1) - 1)
    return (steps < ranks[..., np.newaxis]).astype(dtype)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """Returns an array divided by its norm along an axis; rows of zeros stay zeros.

    Args:
        x: an array or tensor.
        axis: the axis along which to take the norm.
        order: the order of the norm, such as 2 for the Euclidean one.

    Example:
        >>> normalize(np.array([[3.0, 4.0]]))
        array([[0.6, 0.8]])

    Source: `keras.utils.normalize`.
    """
    if isinstance(x, torch.Tensor):
        norm = torch.linalg.vector_norm(x, ord=order, dim=axis, keepdim=True)
        return x / torch.where(norm == 0, torch.ones_like(norm), norm)
    x = np.atleast_1d(np.asarray(x))
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, axis)
