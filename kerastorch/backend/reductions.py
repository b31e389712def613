"""`keras.backend`: functions that make one number of many along axes, from one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.ops.base import axes, floating, op, tensor

_DOC = """Returns {what} along axes.

    Args:
        x: a tensor, array, list or number.
        axis: the axis, or several of them; None takes all.
        keepdims: whether these axes stay, with length one.

    Returns:
        A tensor.

    Example:
        >>> {name}([{example}], axis=-1).tolist()
        {result}

    Source: `keras.backend.{name}` of Keras 2.
    """
_ALONG = """Returns {what} along an axis.

    Args:
        x: a tensor, array or list.
        axis: the axis.

    Returns:
        A tensor.

    Example:
        >>> {name}([{example}]).tolist()
        {result}

    Source: `keras.backend.{name}` of Keras 2.
    """


def _named(function: Callable, doc: str, name: str, **words: Any) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc.format(name=name, **words)
    return op("keras.backend")(function)


def _over_axes(name: str, function: Callable, what: str, example: str, result: Any) -> Callable[..., Any]:
    """A function from one that takes a tensor, an axis or a tuple of them, and whether they stay."""

    def apply(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        x = x if isinstance(x, torch.Tensor) else tensor(x)
        if type(axis) is int and x.ndim:
            return function(x, axis, keepdims)
        return function(x, axes(axis, x.ndim), keepdims) if x.ndim else function(x.reshape(1), (0,), False)

    return _named(apply, _DOC, name, what=what, example=example, result=result)


def _along(
    name: str, function: Callable, what: str, example: str, result: Any, axis: int = 0
) -> Callable[..., Any]:
    """A function from one that takes a tensor and an axis; `axis` is the one that is taken where none is given."""

    def apply_first(x: Any, axis: int = 0) -> Any:
        return function(tensor(x), axis)

    def apply_last(x: Any, axis: int = -1) -> Any:
        return function(tensor(x), axis)

    return _named(
        apply_last if axis else apply_first, _ALONG, name, what=what, example=example, result=result
    )


def _prod(x: torch.Tensor, over: int | tuple[int, ...], keepdims: bool) -> torch.Tensor:
    for axis in (over,) if isinstance(over, int) else reversed(over):
        x = torch.prod(x, axis, keepdim=keepdims, dtype=x.dtype)
    return x


_FLOATS = "[1.0, 3.0], [5.0, 5.0]"
max = _over_axes("max", torch.amax, "the greatest number", _FLOATS, [3.0, 5.0])
min = _over_axes("min", torch.amin, "the least number", _FLOATS, [1.0, 5.0])
sum = _over_axes("sum", lambda x, *how: torch.sum(x, *how, dtype=x.dtype), "the sum", _FLOATS, [4.0, 10.0])
prod = _over_axes("prod", _prod, "the product", _FLOATS, [3.0, 25.0])
mean = _over_axes("mean", lambda x, *how: torch.mean(floating(x), *how), "the mean", _FLOATS, [2.0, 5.0])
var = _over_axes(
    "var",
    lambda x, over, keepdims: torch.var(floating(x), over, correction=0, keepdim=keepdims),
    "the mean squared distance from the mean",
    _FLOATS,
    [1.0, 0.0],
)
std = _over_axes(
    "std",
    lambda x, over, keepdims: torch.var(floating(x), over, correction=0, keepdim=keepdims).sqrt(),
    "the standard deviation, which counts all samples,",
    _FLOATS,
    [1.0, 0.0],
)
logsumexp = _over_axes(
    "logsumexp",
    lambda x, *how: torch.logsumexp(floating(x), *how),
    "the logarithm of the sum of the exponentials",
    "[0.0, -1000.0]",
    [0.0],
)
any = _over_axes(
    "any", lambda x, *how: torch.any(x.bool(), *how), "whether any number is not 0", "[0, 1]", [True]
)
all = _over_axes(
    "all", lambda x, *how: torch.all(x.bool(), *how), "whether no number is 0", "[0, 1]", [False]
)

cumsum = _along(
    "cumsum", lambda x, axis: x.cumsum(axis, dtype=x.dtype), "the sums so far", "1, 2, 3", [1, 3, 6]
)
cumprod = _along(
    "cumprod", lambda x, axis: x.cumprod(axis, dtype=x.dtype), "the products so far", "2, 2, 3", [2, 4, 12]
)
argmax = _along("argmax", torch.argmax, "the place of the greatest number", "1, 9, 3", 1, axis=-1)
argmin = _along("argmin", torch.argmin, "the place of the least number", "1, 9, 3", 0, axis=-1)
