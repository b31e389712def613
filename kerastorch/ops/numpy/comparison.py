"""Comparisons, and the larger and smaller of two numbers."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.ops.base import op
from kerastorch.ops.numpy.pointwise import alike, binary, floats, narrow

equal = binary("equal", torch.eq, "whether two numbers are equal", ([1, 2], 2), [False, True])
not_equal = binary("not_equal", torch.ne, "whether two numbers differ", ([1, 2], 2), [True, False])
greater = binary("greater", torch.gt, "whether `x1 > x2`", ([1, 2], 1), [False, True])
greater_equal = binary("greater_equal", torch.ge, "whether `x1 >= x2`", ([1, 2], 2), [False, True])
less = binary("less", torch.lt, "whether `x1 < x2`", ([1, 2], 2), [True, False])
less_equal = binary("less_equal", torch.le, "whether `x1 <= x2`", ([1, 2], 1), [True, False])
maximum = binary("maximum", torch.maximum, "the larger of two numbers", ([1, 5], 3), [3, 5], narrow)
minimum = binary("minimum", torch.minimum, "the smaller of two numbers", ([1, 5], 3), [1, 3], narrow)
fmax = binary(
    "fmax", torch.fmax, "the larger of two numbers, NaN only where both are", ([1, 5], 3), [3, 5], narrow
)
fmin = binary(
    "fmin", torch.fmin, "the smaller of two numbers, NaN only where both are", ([1, 5], 3), [1, 3], narrow
)
heaviside = binary(
    "heaviside",
    torch.heaviside,
    "0 where `x1` is negative, 1 where it is positive, and `x2` where it is 0",
    ([-2.0, 0.0, 3.0], 0.5),
    [0.0, 0.5, 1.0],
    floats,
)


def _close(x1: Any, x2: Any, rtol: float, atol: float, equal_nan: bool) -> torch.Tensor:
    if not (isinstance(x1, torch.Tensor) and isinstance(x2, torch.Tensor) and x1.dtype is x2.dtype):
        x1, x2 = alike(x1, x2)
    if x1.is_floating_point():
        return torch.isclose(x1, x2, rtol, atol, equal_nan)
    return torch.eq(x1, x2)


@op("keras.ops.numpy")
def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Returns whether numbers are equal within a tolerance; integers are compared exactly.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; shapes are broadcast.
        rtol: the relative tolerance, a share of `x2`. Default: 1e-5.
        atol: the absolute tolerance. Default: 1e-8.
        equal_nan: whether NaN equals NaN. Default: False.

    Returns:
        A tensor of truth values.

    Example:
        >>> isclose([1.0, 2.0], [1.0000001, 2.1]).tolist()
        [True, False]

    Source: `keras.ops.isclose`, `torch.isclose`.
    """
    return _close(x1, x2, rtol, atol, equal_nan)


@op("keras.ops.numpy")
def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Returns whether all numbers are equal within a tolerance; integers are compared exactly.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise; shapes are broadcast.
        rtol: the relative tolerance, a share of `x2`. Default: 1e-5.
        atol: the absolute tolerance. Default: 1e-8.
        equal_nan: whether NaN equals NaN. Default: False.

    Returns:
        A tensor with one truth value.

    Example:
        >>> allclose([1.0, 2.0], [1.0000001, 2.0]).tolist()
        True

    Source: `keras.ops.allclose`, `torch.isclose`.
    """
    return torch.all(_close(x1, x2, rtol, atol, equal_nan))
