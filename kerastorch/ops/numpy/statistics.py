"""Means, variances, quantiles and correlations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core.eager import runs_eagerly
from kerastorch.errors import ShapeError
from kerastorch.ops.base import HALF, axes, floating, op, tensor
from kerastorch.ops.numpy.pointwise import floats, narrowed, unary, wide


def _spread(measure: Callable, x: Any, axis: Any, keepdims: bool) -> Any:
    x = x if isinstance(x, torch.Tensor) and x.is_floating_point() else floating(x)
    if axis == () or axis == []:
        return torch.zeros_like(x)
    if x.dtype in HALF:  # squares are often larger than what the type can hold
        return measure(x.float(), axis, correction=0, keepdim=keepdims).to(x.dtype)
    return measure(x, axis, correction=0, keepdim=keepdims)


@op("keras.ops.numpy")
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the variance over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> var([[1, 3], [2, 2]], axis=1).tolist()
        [1.0, 0.0]

    Source: `keras.ops.var`, `torch.var`.
    """
    return narrowed(_spread(torch.var, x, axis, keepdims))


@op("keras.ops.numpy")
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the standard deviation over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> std([[1, 5], [2, 2]], axis=1).tolist()
        [2.0, 0.0]

    Source: `keras.ops.std`, `torch.std`.
    """
    return _spread(torch.std, x, axis, keepdims)


@op("keras.ops.numpy")
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """Returns the weighted mean over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        weights: the weight of each number, of the shape of `x`, or of its one axis; None for the plain mean.

    Returns:
        A tensor of floating-point numbers.

    Raises:
        ShapeError: when the weights are of neither shape.

    Example:
        >>> average([[1, 2], [3, 4]], axis=1, weights=[3, 1]).tolist()
        [1.25, 3.25]

    Source: `keras.ops.average`, `torch.mean`.
    """
    if weights is None:
        if not isinstance(x, torch.Tensor) or x.dtype is not torch.float32:
            x = narrowed(floating(x))
        return x if axis == () or axis == [] else torch.mean(x, axis)
    x, weights = floats(x, weights)
    if axis == () or axis == []:
        return x
    if weights.shape != x.shape:
        if not isinstance(axis, int) or weights.shape != x.shape[axis : axis + 1 or None]:
            raise ShapeError(
                f"`weights` must have the shape of `x`, {tuple(x.shape)}, or the length of its axis {axis}. "
                f"Received: weights of shape {tuple(weights.shape)}."
            )
        weights = weights.reshape([-1 if a == axis % x.ndim else 1 for a in range(x.ndim)]).expand_as(x)
    return torch.sum(x * weights, axis) / torch.sum(weights, axis)


def quantile_with(measure: Callable, x: Any, q: Any, axis: Any, method: str, keepdims: bool) -> Any:
    """Returns quantiles over any number of axes, from torch's function for one.

    Args:
        measure: `torch.quantile` or `torch.nanquantile`.
        x: a tensor, array, list or number.
        q: a share between 0 and 1, or a tensor of them; its axes come first in the result.
        axis: one axis or several; None takes all of them.
        method: what to take between two numbers.
        keepdims: whether the axes stay, with length one.

    Example:
        >>> quantile_with(torch.quantile, [[1.0, 2.0], [3.0, 4.0]], 0.5, (0, 1), "linear", True).tolist()
        [[2.5]]
    """
    as_in_torch = type(q) is float and type(axis) is int and isinstance(x, torch.Tensor)
    if as_in_torch and x.dtype is torch.float32 and -x.ndim <= axis < x.ndim:
        return measure(x, q, axis, keepdims, interpolation=method)
    x = floating(x)
    over = axes(axis, x.ndim)
    rows = x.float() if x.dtype in HALF else x
    if axis is None:
        rows = rows.reshape(-1)
    elif len(over) == 1:
        rows = rows.movedim(over[0], -1)
    else:
        others = [a for a in range(x.ndim) if a not in over]
        rows = rows.permute(*others, *over).reshape(*(x.shape[a] for a in others), -1)
    if isinstance(q, (int, float)):
        found, first = measure(rows, float(q), -1, interpolation=method), 0
    else:
        shares = tensor(q).to(rows.device, rows.dtype)
        found, first = measure(rows, shares.reshape(-1), -1, interpolation=method), shares.ndim
        found = found.reshape((*shares.shape, *found.shape[1:]))
    if keepdims:
        for a in over:
            found = found.unsqueeze(first + a)
    return narrowed(found.to(x.dtype))


@op("keras.ops.numpy")
def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Returns quantiles over axes.

    Args:
        x: a tensor, array, list or number.
        q: a share between 0 and 1, or a tensor of them; its axes come first in the result.
        axis: one axis or several; None takes all of them.
        method: what to take between two numbers: `"linear"` (the default), `"lower"`, `"higher"`, `"midpoint"` or
            `"nearest"`.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> quantile([1, 2, 3, 5], 0.5).tolist(), quantile([1, 2, 3, 5], [0.0, 1.0]).tolist()
        (2.5, [1.0, 5.0])

    Source: `keras.ops.quantile`, `torch.quantile`.
    """
    return quantile_with(torch.quantile, x, q, axis, method, keepdims)


@op("keras.ops.numpy")
def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Returns percentiles over axes.

    Args:
        x: a tensor, array, list or number.
        q: a number between 0 and 100, or a tensor of them; its axes come first in the result.
        axis: one axis or several; None takes all of them.
        method: what to take between two numbers: `"linear"` (the default), `"lower"`, `"higher"`, `"midpoint"` or
            `"nearest"`.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> percentile([1, 2, 3, 5], 50).tolist(), percentile([1, 2, 3, 5], [0, 100]).tolist()
        (2.5, [1.0, 5.0])

    Source: `keras.ops.percentile`, `torch.quantile`.
    """
    return quantile_with(torch.quantile, x, share(q), axis, method, keepdims)


def share(q: Any) -> Any:
    """Returns percents as shares.

    Args:
        q: a number, tensor, array or list.

    Example:
        >>> share(50)
        0.5
    """
    return q / 100 if isinstance(q, (int, float)) else floating(q) / 100


@op("keras.ops.numpy")
def median(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the median over axes, the mean of the two middle numbers where their count is even.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> median([[1, 5, 2], [4, 4, 9]], axis=1).tolist()
        [2.0, 4.0]

    Source: `keras.ops.median`, `torch.quantile`.
    """
    return quantile_with(torch.quantile, x, 0.5, axis, "linear", keepdims)


def _correlations(x: torch.Tensor) -> torch.Tensor:
    if not x.is_meta and runs_eagerly():
        return torch.corrcoef(x)
    rows = x if x.ndim > 1 else torch.atleast_2d(x)  # torch's looks at values, which a graph has not
    apart = rows - rows.mean(-1, keepdim=True)
    products = torch.mm(apart, apart.mH)
    sizes = torch.sqrt(torch.diagonal(products).real)
    found = products / torch.outer(sizes, sizes)
    found = found if found.is_complex() else found.clamp(-1, 1)
    return found if len(found) > 1 else found.reshape(())


corrcoef = unary(
    "corrcoef",
    _correlations,
    "the correlations of the rows",
    [[1.0, 2.0], [2.0, 4.0]],
    "[[1.0, 1.0], [1.0, 1.0]]",
    wide,
)
