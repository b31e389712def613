"""Running sums and products, differences of neighbours, and integrals."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.numpy.pointwise import NARROW, counted

_TOTALS = {**NARROW, torch.bool: torch.int32}


def _in_row(x: Any, axis: int | None) -> tuple[torch.Tensor, int]:
    """The tensor and the axis to go along: without one, all numbers in one row."""
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return (x.flatten(), 0) if axis is None else (x, axis)


def _type(x: torch.Tensor, dtype: Any) -> torch.dtype:
    if dtype is None:
        return _TOTALS.get(x.dtype, x.dtype)
    return torch.int32 if (found := torch_dtype(dtype)) is torch.bool else found


@op("keras.ops.numpy")
def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Returns running sums along an axis.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        dtype: the type of the result; None takes that of `x`, at most 32 bits, and int32 for truth values.

    Returns:
        A tensor.

    Example:
        >>> cumsum([[1, 2], [3, 4]], axis=1).tolist(), cumsum([[1, 2], [3, 4]]).tolist()
        ([[1, 3], [3, 7]], [1, 3, 6, 10])

    Source: `keras.ops.cumsum`, `torch.cumsum`.
    """
    x, axis = _in_row(x, axis)
    return torch.cumsum(x, axis, dtype=_type(x, dtype))


@op("keras.ops.numpy")
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Returns running products along an axis.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        dtype: the type of the result; None takes that of `x`, at most 32 bits, and int32 for truth values.

    Returns:
        A tensor.

    Example:
        >>> cumprod([[1, 2], [3, 4]], axis=1).tolist(), cumprod([[1, 2], [3, 4]]).tolist()
        ([[1, 2], [3, 12]], [1, 2, 6, 24])

    Source: `keras.ops.cumprod`, `torch.cumprod`.
    """
    x, axis = _in_row(x, axis)
    return torch.cumprod(x, axis, dtype=_type(x, dtype))


@op("keras.ops.numpy")
def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Returns running sums along an axis, in which NaN counts as 0.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        dtype: the type of the result; None takes that of `x`, at most 32 bits, and int32 for truth values.

    Returns:
        A tensor.

    Example:
        >>> nancumsum([1.0, float("nan"), 2.0]).tolist()
        [1.0, 1.0, 3.0]

    Source: `keras.ops.nancumsum`, `torch.cumsum`.
    """
    x, axis = _in_row(x, axis)
    return torch.cumsum(_replaced(x, 0), axis, dtype=_type(x, dtype))


@op("keras.ops.numpy")
def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Returns running products along an axis, in which NaN counts as 1.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        dtype: the type of the result; None takes that of `x`, at most 32 bits, and int32 for truth values.

    Returns:
        A tensor.

    Example:
        >>> nancumprod([2.0, float("nan"), 3.0]).tolist()
        [2.0, 2.0, 6.0]

    Source: `keras.ops.nancumprod`, `torch.cumprod`.
    """
    x, axis = _in_row(x, axis)
    return torch.cumprod(_replaced(x, 1), axis, dtype=_type(x, dtype))


def _replaced(x: torch.Tensor, number: int) -> torch.Tensor:
    """The numbers with another in place of NaN; infinities stay."""
    return x.masked_fill(torch.isnan(x), number) if x.is_floating_point() or x.is_complex() else x


@op("keras.ops.numpy")
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Returns the differences of neighbours along an axis.

    Args:
        a: a tensor, array or list.
        n: how many times differences are taken. Default: 1.
        axis: the axis. Default: -1.

    Returns:
        A tensor whose axis is shorter by `n`.

    Example:
        >>> diff([1, 4, 9]).tolist(), diff([1, 4, 9], n=2).tolist()
        ([3, 5], [2])

    Source: `keras.ops.diff`, `torch.diff`.
    """
    return torch.diff(a if isinstance(a, torch.Tensor) else tensor(a), n, axis)


@op("keras.ops.numpy")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Returns the integral along an axis by the trapezoidal rule.

    Args:
        y: the heights, a tensor, array or list.
        x: where they stand, of the shape of `y` or of its axis; None for equal distances.
        dx: the distance, where `x` is None. Default: 1.
        axis: the axis. Default: -1.

    Returns:
        A tensor without the axis.

    Example:
        >>> trapezoid([1, 2, 3]).tolist(), trapezoid([1, 2, 3], x=[4, 6, 8]).tolist()
        (4.0, 8.0)

    Source: `keras.ops.trapezoid`, `torch.trapezoid`.
    """
    y = tensor(y)
    y = floating(y) if y.dtype is torch.bool else y
    if x is not None:
        return torch.trapezoid(y, counted(x).to(y.device), dim=axis)
    if isinstance(dx, (int, float)):
        return torch.trapezoid(y, dx=dx, dim=axis)
    strips = y.shape[axis] - 1
    middles = (y.narrow(axis, 0, strips) + y.narrow(axis, 1, strips)) / 2
    return torch.sum(middles * tensor(dx).to(y.device), axis)
