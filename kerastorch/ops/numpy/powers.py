"""Powers, roots, exponentials and logarithms."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import ArgumentTypeError
from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.numpy.pointwise import binary, counted, floats, narrowed, unary, wide


def _cube_root(x: torch.Tensor) -> torch.Tensor:
    return torch.sign(x) * torch.abs(x) ** (1.0 / 3.0)


exp = unary("exp", torch.exp, "the exponential function", [0, 1], "[1.0, 2.71828...]", floating)
exp2 = unary("exp2", torch.exp2, "two to the power of `x`", [0, 3], [1.0, 8.0], floating)
expm1 = unary("expm1", torch.expm1, "`exp(x) - 1`, exact near zero", 0.0, 0.0, floating)
log = unary("log", torch.log, "the natural logarithm", 1.0, 0.0, floating)
log10 = unary("log10", torch.log10, "the logarithm to base 10", 100, 2.0, floating)
log1p = unary("log1p", torch.log1p, "`log(1 + x)`, exact near zero", 0.0, 0.0, floating)
log2 = unary("log2", torch.log2, "the logarithm to base 2", 8, 3.0, floating)
sqrt = unary("sqrt", torch.sqrt, "the square root", [4, 9], [2.0, 3.0], floating)
cbrt = unary("cbrt", _cube_root, "the cube root", -8.0, -2.0, wide)
reciprocal = unary("reciprocal", torch.reciprocal, "`1 / x`", [2, 4], [0.5, 0.25], floating)
i0 = unary("i0", torch.i0, "the modified Bessel function of order 0", 0.0, "0.99999...", wide)
logaddexp = binary("logaddexp", torch.logaddexp, "`log(exp(x1) + exp(x2))`", (1.0, 1.0), "1.69314...", floats)
logaddexp2 = binary("logaddexp2", torch.logaddexp2, "`log2(2 ** x1 + 2 ** x2)`", (1.0, 1.0), 2.0, floats)
power = binary("power", torch.pow, "`x1` to the power of `x2`", ([2, 3], 2), [4, 9])


@op("keras.ops.numpy")
def square(x: Any) -> Any:
    """Returns the squares of numbers.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor; of int32 for truth values.

    Example:
        >>> square([2, -3]).tolist()
        [4, 9]

    Source: `keras.ops.square`, `torch.square`.
    """
    return torch.square(x if isinstance(x, torch.Tensor) and x.dtype is not torch.bool else counted(x))


@op("keras.ops.numpy")
def ldexp(x1: Any, x2: Any) -> Any:
    """Returns `x1 * 2 ** x2`, number by number.

    Args:
        x1: a tensor, array, list or number.
        x2: integers; shapes are broadcast.

    Returns:
        A tensor of floating-point numbers.

    Raises:
        ArgumentTypeError: when `x2` is not of integers.

    Example:
        >>> ldexp([0.75, 2.0], [1, 2]).tolist()
        [1.5, 8.0]

    Source: `keras.ops.ldexp`, `torch.ldexp`.
    """
    x1 = x1 if isinstance(x1, torch.Tensor) and x1.is_floating_point() else floating(x1)
    x2 = x2 if isinstance(x2, torch.Tensor) else tensor(x2).to(x1.device)
    is_integer = not (x2.is_floating_point() or x2.is_complex() or x2.dtype is torch.bool)
    if not (is_integer or x2.is_meta):  # a symbolic tensor often has no type yet but the usual one
        raise ArgumentTypeError(f"The exponent `x2` must be of integers. Received: x2 of {x2.dtype}.")
    found = torch.ldexp(x1, x2)
    return narrowed(found if found.dtype is x1.dtype else found.to(x1.dtype))
