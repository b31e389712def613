"""Reductions over axes, and running sums and products."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.dtypes import torch_dtype

_DOC = """Returns {what} along axes.

    Args:
        input_tensor: a tensor.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Example:
        >>> {name}({example}, axis=1).tolist()
        {result}

    Source: `tf.math.{name}`
    """


def _axes(x: torch.Tensor, axis: Any) -> list[int]:
    """The axes to reduce, each counted from the front."""
    wanted = range(x.ndim) if axis is None else integers(axis)
    return [int(a) % x.ndim if -x.ndim <= int(a) < x.ndim else int(a) for a in wanted]


def _reduction(
    name: str, reduce: Callable, what: str, example: Any, result: Any
) -> Callable[..., torch.Tensor]:
    """A function that reduces axes, from one of `(tensor, axes, keepdims)`."""

    def apply(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> torch.Tensor:
        x = as_tensor(input_tensor)
        axes = _axes(x, axis)
        return reduce(x, axes, keepdims) if axes or x.ndim == 0 else x

    apply.__name__ = apply.__qualname__ = name
    apply.__module__ = sys._getframe().f_globals["__name__"]
    apply.__doc__ = _DOC.format(what=what, name=name, example=example, result=result)
    return operation("tf.math")(apply)


def _sum(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    return torch.sum(x, axes, keepdims, dtype=x.dtype)


def _mean(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    if x.is_floating_point() or x.is_complex():
        return torch.mean(x, axes, keepdims)
    total = torch.sum(x, axes, keepdims)
    count = x.numel() // max(total.numel(), 1)
    return torch.div(total, count, rounding_mode="trunc").to(x.dtype)


def _product(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    for axis in sorted(axes, reverse=True):
        x = torch.prod(x, axis, keepdims, dtype=x.dtype)
    return x


def _variance(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    return torch.var(x, axes, correction=0, keepdim=keepdims)


def _deviation(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    return torch.sqrt(_variance(x, axes, keepdims))


def _log_sum_exp(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    return torch.logsumexp(x, axes, keepdims)


def _norm(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    return torch.linalg.vector_norm(x, 2, axes, keepdims)


def _count(x: torch.Tensor, axes: list[int], keepdims: bool) -> torch.Tensor:
    return torch.sum(x != 0, axes, keepdims)


_ROWS = [[3.0, 4.0], [1.0, 1.0]]
_FLAGS = [[True, False], [True, True]]
reduce_sum = _reduction("reduce_sum", _sum, "the sum", _ROWS, [7.0, 2.0])
reduce_mean = _reduction("reduce_mean", _mean, "the mean", _ROWS, [3.5, 1.0])
reduce_prod = _reduction("reduce_prod", _product, "the product", _ROWS, [12.0, 1.0])
reduce_max = _reduction("reduce_max", torch.amax, "the largest number", _ROWS, [4.0, 1.0])
reduce_min = _reduction("reduce_min", torch.amin, "the smallest number", _ROWS, [3.0, 1.0])
reduce_any = _reduction("reduce_any", torch.any, "whether any holds", _FLAGS, [True, True])
reduce_all = _reduction("reduce_all", torch.all, "whether all hold", _FLAGS, [False, True])
reduce_variance = _reduction("reduce_variance", _variance, "the variance", _ROWS, [0.25, 0.0])
reduce_std = _reduction("reduce_std", _deviation, "the standard deviation", _ROWS, [0.5, 0.0])
reduce_logsumexp = _reduction(
    "reduce_logsumexp", _log_sum_exp, "`log(sum(exp(x)))`", [[0.0, -1e9], [1.0, -1e9]], [0.0, 1.0]
)
reduce_euclidean_norm = _reduction(
    "reduce_euclidean_norm", _norm, "the length", [[3.0, 4.0], [0.0, 1.0]], [5.0, 1.0]
)


@operation("tf.math")
def count_nonzero(input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = "int64") -> Any:
    """Returns how many numbers are not zero.

    Args:
        input: a tensor.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.
        dtype: the type of the result. Default: int64.

    Example:
        >>> count_nonzero([[1, 0], [2, 3]], axis=1).tolist()
        [1, 2]

    Source: `tf.math.count_nonzero`
    """
    x = as_tensor(input)
    return _count(x, _axes(x, axis), keepdims).to(torch_dtype(as_dtype(dtype).name))


def _index_of(function: Callable, input: Any, axis: Any, output_type: Any) -> torch.Tensor:
    found = function(as_tensor(input), dim=0 if axis is None else integer(axis))
    return found.to(torch_dtype(as_dtype(output_type).name))


@operation("tf.math")
def argmax(input: Any, axis: Any = None, output_type: Any = "int64") -> Any:
    """Returns where the largest number along an axis stands, the first of equal ones.

    Args:
        input: a tensor.
        axis: the axis. Default: 0.
        output_type: the type of the result. Default: int64.

    Example:
        >>> argmax([[1, 5, 2], [7, 0, 3]], axis=1).tolist()
        [1, 0]

    Source: `tf.math.argmax`, `torch.argmax`
    """
    return _index_of(torch.argmax, input, axis, output_type)


@operation("tf.math")
def argmin(input: Any, axis: Any = None, output_type: Any = "int64") -> Any:
    """Returns where the smallest number along an axis stands, the first of equal ones.

    Args:
        input: a tensor.
        axis: the axis. Default: 0.
        output_type: the type of the result. Default: int64.

    Example:
        >>> argmin([[1, 5, 2], [7, 0, 3]], axis=1).tolist()
        [0, 1]

    Source: `tf.math.argmin`, `torch.argmin`
    """
    return _index_of(torch.argmin, input, axis, output_type)


def _running(
    total: Callable, x: Any, axis: Any, exclusive: bool, reverse: bool, start: float
) -> torch.Tensor:
    """A running total; `exclusive` leaves each number itself out, `reverse` starts at the end."""
    x, axis = as_tensor(x), integer(axis)
    x = torch.flip(x, [axis]) if reverse else x
    if exclusive:
        first = torch.full_like(x.narrow(axis, 0, 1), start)
        x = torch.cat([first, x.narrow(axis, 0, x.shape[axis] - 1)], axis)
    result = total(x, axis).to(x.dtype)
    return torch.flip(result, [axis]) if reverse else result


@operation("tf.math")
def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Any:
    """Returns running sums along an axis.

    Args:
        x: a tensor.
        axis: the axis. Default: 0.
        exclusive: whether each number is left out of its own sum. Default: False.
        reverse: whether to sum from the end. Default: False.

    Example:
        >>> cumsum([1, 2, 3]).tolist(), cumsum([1, 2, 3], exclusive=True, reverse=True).tolist()
        ([1, 3, 6], [5, 3, 0])

    Source: `tf.math.cumsum`, `torch.cumsum`
    """
    return _running(torch.cumsum, x, axis, exclusive, reverse, 0)


@operation("tf.math")
def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Any:
    """Returns running products along an axis.

    Args:
        x: a tensor.
        axis: the axis. Default: 0.
        exclusive: whether each number is left out of its own product. Default: False.
        reverse: whether to multiply from the end. Default: False.

    Example:
        >>> cumprod([2, 3, 4]).tolist(), cumprod([2, 3, 4], exclusive=True).tolist()
        ([2, 6, 24], [1, 2, 6])

    Source: `tf.math.cumprod`, `torch.cumprod`
    """
    return _running(torch.cumprod, x, axis, exclusive, reverse, 1)


@operation("tf.math")
def cumulative_logsumexp(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Any:
    """Returns running values of `log(sum(exp(x)))` along an axis.

    Args:
        x: a float tensor.
        axis: the axis. Default: 0.
        exclusive: whether each number is left out of its own sum. Default: False.
        reverse: whether to sum from the end. Default: False.

    Example:
        >>> [round(v, 4) for v in cumulative_logsumexp([0.0, 0.0]).tolist()]
        [0.0, 0.6931]

    Source: `tf.math.cumulative_logsumexp`, `torch.logcumsumexp`
    """
    return _running(torch.logcumsumexp, x, axis, exclusive, reverse, float("-inf"))
