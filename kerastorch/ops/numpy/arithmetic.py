"""Sums, differences, products, quotients and remainders, number by number."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.ops.base import floating, op, pair, tensor
from kerastorch.ops.numpy.pointwise import binary, floats, integers, narrowed, unary


@op("keras.ops.numpy")
def add(x1: Any, x2: Any) -> Any:
    """Returns the sum of two tensors, number by number.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; shapes are broadcast.

    Returns:
        A tensor.

    Example:
        >>> add([1, 2], 0.5).tolist()
        [1.5, 2.5]

    Source: `keras.ops.add`, `torch.add`.
    """
    x1, x2 = pair(x1, x2)
    return torch.add(x1, x2)


@op("keras.ops.numpy")
def subtract(x1: Any, x2: Any) -> Any:
    """Returns the difference of two tensors, number by number.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; shapes are broadcast.

    Returns:
        A tensor.

    Example:
        >>> subtract([1, 2], [3, 5]).tolist()
        [-2, -3]

    Source: `keras.ops.subtract`, `torch.sub`.
    """
    x1, x2 = pair(x1, x2)
    if x1.dtype is torch.bool:  # torch subtracts no truth values
        x1 = x1.to(x2.dtype)
    elif isinstance(x2, bool):
        x2 = int(x2)
    elif isinstance(x2, torch.Tensor) and x2.dtype is torch.bool:
        x2 = x2.to(x1.dtype)
    return torch.sub(x1, x2)


@op("keras.ops.numpy")
def multiply(x1: Any, x2: Any) -> Any:
    """Returns the product of two tensors, number by number.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; shapes are broadcast.

    Returns:
        A tensor.

    Example:
        >>> multiply([1, 2], [3, 5]).tolist()
        [3, 10]

    Source: `keras.ops.multiply`, `torch.mul`.
    """
    x1, x2 = pair(x1, x2)
    return torch.mul(x1, x2)


@op("keras.ops.numpy")
def divide(x1: Any, x2: Any) -> Any:
    """Returns the quotient of two tensors, number by number.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; shapes are broadcast.

    Returns:
        A tensor of floating-point numbers, also for integers.

    Example:
        >>> divide([1, 2], 4).tolist()
        [0.25, 0.5]

    Source: `keras.ops.divide`, `torch.div`.
    """
    x1, x2 = pair(x1, x2)
    return torch.div(x1, x2)


@op("keras.ops.numpy")
def negative(x: Any) -> Any:
    """Returns the numbers with the other sign.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor.

    Example:
        >>> negative([1, -2]).tolist()
        [-1, 2]

    Source: `keras.ops.negative`, `torch.neg`.
    """
    return torch.neg(x if isinstance(x, torch.Tensor) else tensor(x))


def _absolute(x: torch.Tensor) -> torch.Tensor:
    return x if x.dtype is torch.bool else torch.abs(x)


def _quotient_below(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    return narrowed(torch.div(x1, x2, rounding_mode="floor"))


def _quotient_or_zero(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    is_zero = x2 == 0  # the division sees no zero, so that gradients stay finite
    return torch.where(is_zero, 0, torch.div(x1, torch.where(is_zero, 1, x2)))


abs = unary("abs", _absolute, "the absolute values", [-3, 2], [3, 2])
fabs = unary(
    "fabs", torch.abs, "the absolute values, as floating-point numbers", [-3, 2], [3.0, 2.0], floating
)
sign = unary("sign", torch.sign, "the sign: -1, 0 or 1", [-2.5, 0.0, 3.0], [-1.0, 0.0, 1.0])
floor_divide = binary(
    "floor_divide", _quotient_below, "the quotient rounded down", ([7, -7], 2), [3, -4], integers
)
mod = binary("mod", torch.remainder, "the remainder, with the sign of `x2`", ([7, -7], 3), [1, 2], integers)
fmod = binary("fmod", torch.fmod, "the remainder, with the sign of `x1`", ([7, -7], 3), [1, -1], integers)
divide_no_nan = binary(
    "divide_no_nan",
    _quotient_or_zero,
    "the quotient, 0 where `x2` is 0",
    ([1.0, 2.0], [2.0, 0.0]),
    [0.5, 0.0],
    floats,
)
