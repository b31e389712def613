"""Rounding, limits, and the neighbours of floating-point numbers."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.numpy.pointwise import alike, binary, counted, narrowed, unary


def _raised(x: torch.Tensor) -> torch.Tensor:
    return narrowed(torch.ceil(x))


def _lowered(x: torch.Tensor) -> torch.Tensor:
    return narrowed(torch.floor(x))


def _neighbour(x1: torch.Tensor, x2: torch.Tensor) -> torch.Tensor:
    return torch.nextafter(floating(x1), floating(x2))


def _truncated(x: torch.Tensor) -> torch.Tensor:
    return x if x.dtype is torch.bool else torch.trunc(x)


ceil = unary("ceil", _raised, "the next larger whole number", [0.2, -0.8, 3], [1.0, -0.0, 3.0], floating)
floor = unary("floor", _lowered, "the next smaller whole number", [0.2, -0.8], [0.0, -1.0], floating)
trunc = unary("trunc", _truncated, "the whole part", [1.7, -1.7], [1.0, -1.0])
nextafter = binary(
    "nextafter",
    _neighbour,
    "the next number after `x1` in the direction of `x2`",
    (1.0, 2.0),
    "1.00000011...",
    alike,
)


@op("keras.ops.numpy")
def round(x: Any, decimals: int = 0) -> Any:
    """Returns numbers rounded to a number of decimals, halves to the even neighbour.

    Args:
        x: a tensor, array, list or number.
        decimals: how many decimals stay; a negative number rounds to tens, hundreds and so on. Default: 0.

    Returns:
        A tensor of the same type.

    Example:
        >>> round([1.5, 2.5, -0.4]).tolist(), round([1234], -2).tolist()
        ([2.0, 2.0, -0.0], [1200])

    Source: `keras.ops.round`, `torch.round`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if x.is_floating_point():
        return torch.round(x, decimals=decimals)
    if decimals >= 0 or x.dtype is torch.bool:
        return x
    return torch.round(x.double(), decimals=decimals).to(x.dtype)


@op("keras.ops.numpy")
def clip(x: Any, x_min: Any, x_max: Any) -> Any:
    """Returns numbers held within limits.

    Args:
        x: a tensor, array, list or number.
        x_min: the least that they may be, a number or tensor; None for no limit.
        x_max: the most that they may be, likewise.

    Returns:
        A tensor; of int32 for truth values.

    Example:
        >>> clip([-2, 1, 5], 0, 3).tolist()
        [0, 1, 3]

    Source: `keras.ops.clip`, `torch.clamp`.
    """
    if not isinstance(x, torch.Tensor) or x.dtype is torch.bool:
        x = counted(x)
    if isinstance(x_min, (int, float, type(None))) and isinstance(x_max, (int, float, type(None))):
        return torch.clamp(x, x_min, x_max)
    limits = (limit if limit is None else tensor(limit).to(x.device) for limit in (x_min, x_max))
    return torch.clamp(x, *limits)


@op("keras.ops.numpy")
def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """Returns numbers with finite ones in place of NaN and the infinities.

    Args:
        x: a tensor, array, list or number.
        nan: what stands for NaN. Default: 0.
        posinf: what stands for infinity; None takes the largest number of the type.
        neginf: what stands for minus infinity; None takes the smallest number of the type.

    Returns:
        A tensor.

    Example:
        >>> nan_to_num([float("nan"), float("inf"), 1.0], posinf=9.0).tolist()
        [0.0, 9.0, 1.0]

    Source: `keras.ops.nan_to_num`, `torch.nan_to_num`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return torch.nan_to_num(x, nan, posinf, neginf) if x.is_floating_point() or x.is_complex() else x
