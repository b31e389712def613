"""Tensors, NumPy arrays and data types, and the way from one to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.devices import current_device
from kerastorch.core.strings import StringTensor
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.plans import planned


def _is_elsewhere(x: torch.Tensor, device: torch.device) -> bool:
    """Whether a tensor is not on a device; the first GPU has two names, and a tensor without values is everywhere."""
    if x.device == device or x.is_meta:
        return False
    return x.device.type != device.type or (x.device.index or 0) != (device.index or 0)


@op()
def convert_to_tensor(
    x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Any:
    """Returns a value as a tensor on the current device.

    Args:
        x: a tensor, a variable, a NumPy array, a number, text, or a nested list of them.
        dtype: the type of the result; None keeps that of tensors and arrays.
        sparse: False makes a sparse tensor of torch dense; True keeps it, and is refused for what is no tensor yet.
            Default: None.
        ragged: True is refused for what is no tensor yet. Default: None.

    Returns:
        A tensor; `x` itself where it is one already.

    Raises:
        InvalidArgumentError: when a sparse or ragged tensor is asked for.
        ArgumentTypeError: when a tensor cannot be made from the value.

    Example:
        >>> convert_to_tensor([1, 2], "float32").tolist()
        [1.0, 2.0]

    Source: `keras.ops.convert_to_tensor`, `torch.as_tensor`.
    """
    if (sparse or ragged) and not isinstance(x, torch.Tensor):
        raise InvalidArgumentError("Only dense tensors can be made, neither sparse nor ragged ones.")
    found = tensor(x, dtype)
    if sparse is False and isinstance(found, torch.Tensor) and found.layout is not torch.strided:
        found = found.to_dense()
    if isinstance(found, torch.Tensor) and _is_elsewhere(found, current_device()):
        return found.to(current_device())
    return found


def convert_to_numpy(x: Any) -> np.ndarray:
    """Returns the values of a tensor as a NumPy array, a copy in the memory of the processor.

    Args:
        x: a tensor, an array, a number, or a list of tensors of one shape.

    Returns:
        An array; of float32 for bfloat16, which NumPy does not have.

    Raises:
        ArgumentTypeError: for a symbolic tensor, which has no values.

    Example:
        >>> convert_to_numpy(torch.ones(2, requires_grad=True))
        array([1., 1.], dtype=float32)

    Source: `keras.ops.convert_to_numpy`, `torch.Tensor.numpy`.
    """
    if isinstance(x, (list, tuple)):
        return np.array([convert_to_numpy(item) for item in x])
    if isinstance(x, torch.Tensor):
        x = x.detach()
        x = (x.float() if x.dtype is torch.bfloat16 else x).numpy(force=True)
    return np.array(x)


def is_tensor(x: Any) -> bool:
    """Returns whether an object is a tensor with values.

    Args:
        x: anything; symbolic tensors and NumPy arrays are none.

    Example:
        >>> is_tensor(torch.ones(2)), is_tensor(np.ones(2))
        (True, False)

    Source: `keras.ops.is_tensor`.
    """
    return isinstance(x, (torch.Tensor, StringTensor))


def shape(x: Any) -> tuple[int | None, ...]:
    """Returns the shape as a tuple of integers, with None for the unknown axes of symbolic tensors.

    Args:
        x: a tensor, symbolic tensor, array, list or number.

    Example:
        >>> shape(torch.ones(2, 3)), shape([1, 2])
        ((2, 3), (2,))

    Source: `keras.ops.shape`.
    """
    return tuple(x.shape if hasattr(x, "shape") else tensor(x).shape)


def dtype(x: Any) -> str:
    """Returns the name of the data type.

    Args:
        x: a tensor, symbolic tensor, array, list or number.

    Example:
        >>> dtype(torch.ones(2)), dtype([1, 2])
        ('float32', 'int32')

    Source: `keras.ops.dtype`.
    """
    return standardize_dtype(x.dtype if hasattr(x, "dtype") else tensor(x).dtype)


@op()
def cast(x: Any, dtype: Any) -> Any:
    """Returns the values in another type.

    Args:
        x: a tensor, array, list or number.
        dtype: the type of the result, by name or as a type of torch or NumPy.

    Returns:
        A tensor; the real part where complex numbers become others.

    Example:
        >>> cast([1.8, -1.8], "int32").tolist()
        [1, -1]

    Source: `keras.ops.cast`, `torch.Tensor.to`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    wanted = torch_dtype(dtype)
    if x.is_complex() and not wanted.is_complex:
        x = x.real
    return x.to(wanted)


@op()
def saturate_cast(x: Any, dtype: Any) -> Any:
    """Returns the values in another type, cut off at the limits of that type.

    Args:
        x: a tensor, array, list or number.
        dtype: the type of the result, by name or as a type of torch or NumPy.

    Returns:
        A tensor. Where the limit of an integer type is no float of the type of `x`, the next one inside is the limit.

    Example:
        >>> saturate_cast([-3.0, 300.0], "uint8").tolist()
        [0, 255]

    Source: `keras.ops.saturate_cast`, `torch.clamp`.
    """
    return saturated(x if isinstance(x, torch.Tensor) else tensor(x), torch_dtype(dtype))


def saturated(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Returns a tensor in another type, cut off at the limits of both types.

    Args:
        x: the tensor.
        dtype: the torch type of the result.

    Example:
        >>> saturated(torch.tensor([3e9]), torch.int32).tolist()
        [2147483520]
    """
    if x.dtype is torch.bool:
        return x.to(dtype)
    return torch.clamp(x, *_common(x.dtype, dtype)).to(dtype)


@planned
def _common(dtype: torch.dtype, other: torch.dtype) -> tuple[float, float]:
    """The smallest and the largest number that two types hold, as the first writes them."""
    (low, high), (lowest, highest) = _limits(dtype), _limits(other)
    low, high = max(low, lowest), min(high, highest)
    if not dtype.is_floating_point:
        return low, high
    digits = 1 - int(np.log2(torch.finfo(dtype).eps))  # of its numbers, in bits
    return -_shortened(-low, digits), _shortened(high, digits)


def _limits(dtype: torch.dtype) -> tuple[int, int]:
    """The lowest and the highest number of a type, which are integers for floats as well."""
    if dtype is torch.bool:
        return 0, 1
    info = torch.finfo(dtype) if dtype.is_floating_point else torch.iinfo(dtype)
    return int(info.min), int(info.max)


def _shortened(number: int, digits: int) -> float:
    """The nearest number towards zero that has at most so many binary digits."""
    surplus = max(number.bit_length() - digits, 0)
    return float(number >> surplus << surplus)


@op()
def stop_gradient(variable: Any) -> Any:
    """Returns the values without the record of how they were computed: no gradient goes further back.

    Args:
        variable: a tensor, a variable, or a nested structure of them.

    Returns:
        A tensor that shares its memory with `variable`, or a structure of them.

    Example:
        >>> stop_gradient(torch.ones(2, requires_grad=True)).requires_grad
        False

    Source: `keras.ops.stop_gradient`, `torch.Tensor.detach`.
    """
    if isinstance(variable, torch.Tensor):
        return variable.detach()
    if isinstance(variable, (tuple, dict)) or any(
        isinstance(v, torch.Tensor) for v in tree.flatten(variable)
    ):
        return tree.map_structure(stop_gradient, variable)
    return tensor(variable)
