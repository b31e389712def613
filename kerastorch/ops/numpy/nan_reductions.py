"""Reductions that leave NaN out, as if it were not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.numpy.pointwise import counted, narrowed
from kerastorch.ops.numpy.reductions import prod, sum
from kerastorch.ops.numpy.statistics import quantile_with, share

_INF = float("inf")


def _extreme(reduce: Callable, x: Any, axis: Any, keepdims: bool, worst: float) -> Any:
    """An extreme over the numbers that are not NaN; NaN where there is none."""
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axis == () or axis == []:
        return x
    over = () if axis is None else axis
    if not x.is_floating_point():
        return reduce(x, over, keepdims)
    is_nan = torch.isnan(x)
    found = reduce(x.masked_fill(is_nan, worst), over, keepdims)
    return found.masked_fill(torch.all(is_nan, axis, keepdims), torch.nan)


def _place(reduce: Callable, x: Any, axis: Any, keepdims: bool, worst: float) -> Any:
    """The place of an extreme of the numbers that are not NaN; -1 where there is none."""
    x = x if isinstance(x, torch.Tensor) and x.dtype is not torch.bool else counted(x)
    if not x.is_floating_point():
        return reduce(x, axis, keepdims).to(torch.int32)
    is_nan = torch.isnan(x)
    found = reduce(x.masked_fill(is_nan, worst), axis, keepdims).to(torch.int32)
    return found.masked_fill(torch.all(is_nan, axis, keepdims), -1)


@op("keras.ops.numpy")
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the largest number over axes, NaN only where there is no other.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor.

    Example:
        >>> nanmax([[1.0, float("nan")], [3.0, 4.0]], axis=1).tolist()
        [1.0, 4.0]

    Source: `keras.ops.nanmax`, `torch.amax`.
    """
    return _extreme(torch.amax, x, axis, keepdims, -_INF)


@op("keras.ops.numpy")
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the smallest number over axes, NaN only where there is no other.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor.

    Example:
        >>> nanmin([[1.0, float("nan")], [3.0, 4.0]], axis=1).tolist()
        [1.0, 3.0]

    Source: `keras.ops.nanmin`, `torch.amin`.
    """
    return _extreme(torch.amin, x, axis, keepdims, _INF)


@op("keras.ops.numpy")
def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Returns where the largest number along an axis stands, -1 where all are NaN.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        keepdims: whether the axis stays, with length one. Default: False.

    Returns:
        A tensor of int32.

    Example:
        >>> nanargmax([[float("nan"), 5.0], [7.0, 0.0]], axis=1).tolist()
        [1, 0]

    Source: `keras.ops.nanargmax`, `torch.argmax`.
    """
    return _place(torch.argmax, x, axis, keepdims, -_INF)


@op("keras.ops.numpy")
def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Returns where the smallest number along an axis stands, -1 where all are NaN.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        keepdims: whether the axis stays, with length one. Default: False.

    Returns:
        A tensor of int32.

    Example:
        >>> nanargmin([[float("nan"), 5.0], [7.0, 0.0]], axis=1).tolist()
        [1, 1]

    Source: `keras.ops.nanargmin`, `torch.argmin`.
    """
    return _place(torch.argmin, x, axis, keepdims, _INF)


def _with(number: int, x: Any) -> torch.Tensor:
    """The numbers with another in place of NaN; infinities stay."""
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return x.masked_fill(torch.isnan(x), number) if x.is_floating_point() or x.is_complex() else x


@op("keras.ops.numpy")
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the sum over axes, in which NaN counts as 0.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of the type of `x`; of int32 for smaller integers and truth values.

    Example:
        >>> nansum([[1.0, float("nan")], [3.0, 4.0]], axis=1).tolist()
        [1.0, 7.0]

    Source: `keras.ops.nansum`, `torch.nansum`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if x.is_floating_point() and not (axis == () or axis == []):
        return torch.nansum(x, axis, keepdims)
    return sum(_with(0, x), axis, keepdims)


@op("keras.ops.numpy")
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the product over axes, in which NaN counts as 1.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of the type of `x`; of int32 for smaller integers and truth values.

    Example:
        >>> nanprod([[2.0, float("nan")], [3.0, 4.0]], axis=1).tolist()
        [2.0, 12.0]

    Source: `keras.ops.nanprod`, `torch.prod`.
    """
    x = _with(1, x)
    if isinstance(axis, int) and x.dtype is torch.float32:
        return torch.prod(x, axis, keepdims)
    return prod(x, axis, keepdims)


@op("keras.ops.numpy")
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the mean of the numbers over axes that are not NaN.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> nanmean([[1.0, float("nan")], [3.0, 4.0]], axis=1).tolist()
        [1.0, 3.5]

    Source: `keras.ops.nanmean`, `torch.nanmean`.
    """
    x = x if isinstance(x, torch.Tensor) and x.is_floating_point() else floating(x)
    return x if axis == () or axis == [] else narrowed(torch.nanmean(x, axis, keepdims))


def _variance(x: Any, axis: Any, keepdims: bool) -> torch.Tensor:
    x = x if isinstance(x, torch.Tensor) and x.is_floating_point() else floating(x)
    is_nan = torch.isnan(x)
    if axis == () or axis == []:
        return narrowed(torch.where(is_nan, x, 0))
    apart = (x - torch.nanmean(x, axis, True)).masked_fill(is_nan, 0)
    squares = torch.square(torch.abs(apart) if x.is_complex() else apart)
    return narrowed(torch.sum(squares, axis, keepdims) / torch.sum(~is_nan, axis, keepdims))


@op("keras.ops.numpy")
def nanvar(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the variance of the numbers over axes that are not NaN.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> nanvar([[1.0, float("nan"), 3.0], [2.0, 2.0, 2.0]], axis=1).tolist()
        [1.0, 0.0]

    Source: `keras.ops.nanvar`, `torch.nanmean`.
    """
    return _variance(x, axis, keepdims)


@op("keras.ops.numpy")
def nanstd(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the standard deviation of the numbers over axes that are not NaN.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> nanstd([[1.0, float("nan"), 5.0], [2.0, 2.0, 2.0]], axis=1).tolist()
        [2.0, 0.0]

    Source: `keras.ops.nanstd`, `torch.nanmean`.
    """
    return torch.sqrt(_variance(x, axis, keepdims))


@op("keras.ops.numpy")
def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the median of the numbers over axes that are not NaN.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> nanmedian([[1.0, float("nan"), 2.0], [4.0, 3.0, 9.0]], axis=1).tolist()
        [1.5, 4.0]

    Source: `keras.ops.nanmedian`, `torch.nanquantile`.
    """
    if axis == () or axis == []:
        return narrowed(floating(x))
    return quantile_with(torch.nanquantile, x, 0.5, axis, "linear", keepdims)


@op("keras.ops.numpy")
def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Returns quantiles of the numbers over axes that are not NaN.

    Args:
        x: a tensor, array, list or number.
        q: a share between 0 and 1, or a tensor of them; its axes come first in the result.
        axis: one axis or several; None takes all of them.
        method: what to take between two numbers, as in `quantile`. Default: `"linear"`.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> nanquantile([1.0, float("nan"), 2.0, 3.0], [0.5, 1.0]).tolist()
        [2.0, 3.0]

    Source: `keras.ops.nanquantile`, `torch.nanquantile`.
    """
    return quantile_with(torch.nanquantile, x, q, axis, method, keepdims)


@op("keras.ops.numpy")
def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Returns percentiles of the numbers over axes that are not NaN.

    Args:
        x: a tensor, array, list or number.
        q: a number between 0 and 100, or a tensor of them; its axes come first in the result.
        axis: one axis or several; None takes all of them.
        method: what to take between two numbers, as in `quantile`. Default: `"linear"`.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> nanpercentile([1.0, float("nan"), 2.0, 3.0], 50).tolist()
        2.0

    Source: `keras.ops.nanpercentile`, `torch.nanquantile`.
    """
    return quantile_with(torch.nanquantile, x, share(q), axis, method, keepdims)
