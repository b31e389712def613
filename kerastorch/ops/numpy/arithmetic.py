"""Sums, differences, products and quotients, number by number."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.ops.base import op, pair, tensor


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
