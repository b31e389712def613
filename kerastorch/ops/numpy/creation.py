"""Tensors from values, and tensors that are filled with one number."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.core.devices import current_device
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import op, tensor


def sizes(shape: Any) -> Any:
    """Returns a shape as a sequence: one integer is a shape of one axis, a tensor holds the sizes.

    Args:
        shape: an integer, a sequence of them, or a tensor or array of them.

    Example:
        >>> sizes(3), sizes(torch.tensor([2, 1])), sizes((2, 3))
        ((3,), [2, 1], (2, 3))
    """
    if isinstance(shape, (torch.Tensor, np.ndarray)) and shape.ndim:
        return shape.tolist()
    return shape if isinstance(shape, (tuple, list)) else (int(shape),)


@op("keras.ops.numpy")
def array(x: Any, dtype: Any = None) -> Any:
    """Returns a value as a tensor.

    Args:
        x: a tensor, array, list or number.
        dtype: the type; None keeps that of tensors and arrays.

    Example:
        >>> array([1, 2], dtype="float32").tolist()
        [1.0, 2.0]

    Source: `keras.ops.array`.
    """
    return tensor(x, dtype)


@op("keras.ops.numpy")
def copy(x: Any) -> Any:
    """Returns a copy of a tensor.

    Args:
        x: a tensor, array, list or number.

    Example:
        >>> copy([1, 2]).tolist()
        [1, 2]

    Source: `keras.ops.copy`, `torch.clone`.
    """
    return torch.clone(x if isinstance(x, torch.Tensor) else tensor(x))


@op("keras.ops.numpy")
def view(x: Any, dtype: Any = None) -> Any:
    """Returns the same bytes as numbers of another type.

    Args:
        x: a tensor, array, list or number.
        dtype: the type, whose size divides the bytes of the last axis; None takes `floatx()`.

    Example:
        >>> view([1.0], "int32").tolist()
        [1065353216]

    Source: `keras.ops.view`, `torch.Tensor.view`.
    """
    return (x if isinstance(x, torch.Tensor) else tensor(x)).view(torch_dtype(dtype))


@op("keras.ops.numpy")
def empty(shape: Any, dtype: Any = None) -> Any:
    """Returns a tensor whose numbers are what happens to lie in memory.

    Args:
        shape: the sizes.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> empty((2, 3)).shape
        torch.Size([2, 3])

    Source: `keras.ops.empty`, `torch.empty`.
    """
    return torch.empty(sizes(shape), dtype=torch_dtype(dtype), device=current_device())


@op("keras.ops.numpy")
def zeros(shape: Any, dtype: Any = None) -> Any:
    """Returns a tensor of zeros.

    Args:
        shape: the sizes.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> zeros(2).tolist()
        [0.0, 0.0]

    Source: `keras.ops.zeros`, `torch.zeros`.
    """
    return torch.zeros(sizes(shape), dtype=torch_dtype(dtype), device=current_device())


@op("keras.ops.numpy")
def ones(shape: Any, dtype: Any = None) -> Any:
    """Returns a tensor of ones.

    Args:
        shape: the sizes.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> ones((1, 2), "int32").tolist()
        [[1, 1]]

    Source: `keras.ops.ones`, `torch.ones`.
    """
    return torch.ones(sizes(shape), dtype=torch_dtype(dtype), device=current_device())


@op("keras.ops.numpy")
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Returns a tensor filled with a value.

    Args:
        shape: the sizes.
        fill_value: a number, or a tensor that is broadcast to the shape.
        dtype: the type; None takes `floatx()`.

    Example:
        >>> full((2, 2), [1, 2]).tolist()
        [[1.0, 2.0], [1.0, 2.0]]

    Source: `keras.ops.full`, `torch.full`.
    """
    kind = torch_dtype(dtype)
    if isinstance(fill_value, (int, float)):
        return torch.full(sizes(shape), fill_value, dtype=kind, device=current_device())
    return torch.broadcast_to(tensor(fill_value, kind), sizes(shape)).clone()


@op("keras.ops.numpy")
def empty_like(x: Any, dtype: Any = None) -> Any:
    """Returns a tensor of the shape of another, whose numbers are what happens to lie in memory.

    Args:
        x: a tensor, array, list or number.
        dtype: the type; None takes that of `x`.

    Example:
        >>> empty_like([[1, 2]]).shape
        torch.Size([1, 2])

    Source: `keras.ops.empty_like`, `torch.empty_like`.
    """
    return torch.empty_like(tensor(x), dtype=None if dtype is None else torch_dtype(dtype))


@op("keras.ops.numpy")
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Returns a tensor of zeros of the shape of another.

    Args:
        x: a tensor, array, list or number.
        dtype: the type; None takes that of `x`.

    Example:
        >>> zeros_like([1.5, 2.5]).tolist()
        [0.0, 0.0]

    Source: `keras.ops.zeros_like`, `torch.zeros_like`.
    """
    return torch.zeros_like(tensor(x), dtype=None if dtype is None else torch_dtype(dtype))


@op("keras.ops.numpy")
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Returns a tensor of ones of the shape of another.

    Args:
        x: a tensor, array, list or number.
        dtype: the type; None takes that of `x`.

    Example:
        >>> ones_like([1.5, 2.5], "int32").tolist()
        [1, 1]

    Source: `keras.ops.ones_like`, `torch.ones_like`.
    """
    return torch.ones_like(tensor(x), dtype=None if dtype is None else torch_dtype(dtype))


@op("keras.ops.numpy")
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Returns a tensor of the shape of another, filled with a value.

    Args:
        x: a tensor, array, list or number.
        fill_value: a number, or a tensor that is broadcast to the shape.
        dtype: the type; None takes that of `x`.

    Example:
        >>> full_like([1, 2], 7).tolist()
        [7, 7]

    Source: `keras.ops.full_like`, `torch.full_like`.
    """
    x = tensor(x)
    kind = x.dtype if dtype is None else torch_dtype(dtype)
    if isinstance(fill_value, (int, float)):
        return torch.full_like(x, fill_value, dtype=kind)
    return torch.broadcast_to(tensor(fill_value, kind).to(x.device), x.shape).clone()
