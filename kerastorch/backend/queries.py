"""`keras.backend`: what is asked of tensors: their shape, type and kind."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from kerastorch.config import floatx
from kerastorch.core.shapes import unknown_axes
from kerastorch.core.spec import KerasTensor
from kerastorch.dtypes import standardize_dtype
from kerastorch.errors import ArgumentTypeError
from kerastorch.ops.base import op, tensor


@op("keras.backend")
def cast(x: Any, dtype: Any) -> torch.Tensor:
    """Returns a tensor with another type of numbers.

    Args:
        x: a tensor, array, list or number.
        dtype: the type.

    Returns:
        A tensor.

    Example:
        >>> cast([True, False], "float32").tolist()
        [1.0, 0.0]

    Source: `keras.backend.cast` of Keras 2.
    """
    return tensor(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """Returns numbers in the default float type.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor for a tensor, a NumPy array for anything else.

    Example:
        >>> cast_to_floatx([1, 2])
        array([1., 2.], dtype=float32)

    Source: `keras.backend.cast_to_floatx` of Keras 2.
    """
    if isinstance(x, (torch.Tensor, KerasTensor)):
        return cast(x, floatx())
    return np.asarray(x, dtype=floatx())


@op("keras.backend")
def shape(x: Any) -> tuple[int, ...]:
    """Returns the sizes of the axes as they are when the model runs.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tuple; of a symbolic tensor the unknown sizes are symbolic numbers.

    Example:
        >>> shape(torch.ones(2, 3))
        (2, 3)

    Source: `keras.backend.shape` of Keras 2.
    """
    return tuple(tensor(x).shape)


def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """Returns the sizes of the axes as far as they are known beforehand.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tuple with None for unknown sizes; None for what has no shape.

    Example:
        >>> int_shape(KerasTensor((None, 3))), int_shape([[1, 2]])
        ((None, 3), (1, 2))

    Source: `keras.backend.int_shape` of Keras 2.
    """
    if isinstance(x, KerasTensor):
        return tuple(x.shape)
    try:
        return unknown_axes(tuple(tensor(x).shape))
    except ArgumentTypeError:
        return None


def ndim(x: Any) -> int:
    """Returns the number of axes.

    Args:
        x: a tensor, array, list or number.

    Returns:
        An integer.

    Example:
        >>> ndim(torch.ones(2, 3))
        2

    Source: `keras.backend.ndim` of Keras 2.
    """
    return x.ndim if hasattr(x, "ndim") else tensor(x).ndim


def dtype(x: Any) -> str:
    """Returns the name of the type of a tensor's numbers.

    Args:
        x: a tensor, array, list or number.

    Returns:
        Such as `"float32"`.

    Example:
        >>> dtype(torch.ones(2)), dtype(3)
        ('float32', 'int32')

    Source: `keras.backend.dtype` of Keras 2.
    """
    return standardize_dtype(x.dtype if hasattr(x, "dtype") else tensor(x).dtype)


def count_params(x: Any) -> int:
    """Returns the number of numbers in a tensor.

    Args:
        x: a tensor, array, list or number of known shape.

    Returns:
        An integer.

    Example:
        >>> count_params(torch.ones(2, 3))
        6

    Source: `keras.backend.count_params` of Keras 2.
    """
    return math.prod(size for size in int_shape(x) or () if size is not None)


def is_keras_tensor(x: Any) -> bool:
    """Returns whether a tensor is the symbolic result of an `Input` or a layer.

    Args:
        x: a tensor.

    Returns:
        True or False.

    Raises:
        ArgumentTypeError: when it is no tensor at all.

    Example:
        >>> is_keras_tensor(KerasTensor((None, 3))), is_keras_tensor(torch.ones(3))
        (True, False)

    Source: `keras.backend.is_keras_tensor`.
    """
    if isinstance(x, (torch.Tensor, KerasTensor)):
        return isinstance(x, KerasTensor)
    raise ArgumentTypeError(
        f"Unexpectedly found an instance of type `{type(x)}`. Expected a symbolic tensor instance. Received: {x!r}."
    )


def is_tensor(x: Any) -> bool:
    """Returns whether a value is a tensor, real or symbolic.

    Args:
        x: anything.

    Returns:
        True or False.

    Example:
        >>> is_tensor(torch.ones(3)), is_tensor([1.0])
        (True, False)

    Source: `keras.backend.is_tensor` of Keras 2.
    """
    return isinstance(x, (torch.Tensor, KerasTensor))


def is_sparse(tensor: Any) -> bool:
    """Returns whether a tensor stores only the numbers that are not 0.

    Args:
        tensor: a tensor.

    Returns:
        True or False.

    Example:
        >>> is_sparse(torch.ones(2).to_sparse()), is_sparse(torch.ones(2))
        (True, False)

    Source: `keras.backend.is_sparse` of Keras 2, `torch.Tensor.is_sparse`.
    """
    return bool(getattr(tensor, "is_sparse", False)) if isinstance(tensor, torch.Tensor) else False


def to_dense(tensor: Any) -> Any:
    """Returns a sparse tensor as one that stores all numbers; any other as it is.

    Args:
        tensor: a tensor.

    Returns:
        A tensor.

    Example:
        >>> to_dense(torch.eye(2).to_sparse()).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: `keras.backend.to_dense` of Keras 2, `torch.Tensor.to_dense`.
    """
    return tensor.to_dense() if is_sparse(tensor) else tensor
