"""Numbers at equal distances or in equal ratios, and grids of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.config import floatx
from kerastorch.core.devices import current_device
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import op, tensor
from kerastorch.ops.promotion import result_dtype_of

_WIDE = frozenset([torch.float32, torch.float64])


@op("keras.ops.numpy")
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Returns numbers at equal distances, the end excluded.

    Args:
        start: the first number; the end where it is the only one given, and 0 is the first.
        stop: where to end.
        step: the distance. Default: 1.
        dtype: the type; None takes that of the arguments.

    Example:
        >>> arange(3).tolist(), arange(1.0, 2.0, 0.5).tolist()
        ([0, 1, 2], [1.0, 1.5])

    Source: `keras.ops.arange`, `torch.arange`.
    """
    first, last = (0, start) if stop is None else (start, stop)
    step = 1 if step is None else step
    if dtype is None and type(first) is type(last) is type(step) is int:
        return torch.arange(first, last, step, dtype=torch.int32, device=current_device())
    kind = result_dtype_of(first, last, step) if dtype is None else torch_dtype(dtype)
    ends = [x.item() if hasattr(x, "item") else x for x in (first, last, step)]
    return torch.arange(*ends, dtype=kind, device=current_device())


def _typed(value: Any) -> Any:
    """A tensor for an array or a list; a number stays what it is."""
    return value if isinstance(value, (int, float)) else tensor(value)


def _line(
    function: Callable, start: float, stop: float, num: int, endpoint: bool, dtype: torch.dtype, *more: Any
) -> torch.Tensor:
    """Numbers between two Python numbers by a function of torch."""
    last = stop if endpoint or num < 2 else stop - (stop - start) / num
    return function(start, last, num, *more, dtype=dtype, device=current_device())


def _space_type(dtype: Any, start: Any, stop: Any) -> torch.dtype:
    return result_dtype_of(start, stop, 1.0) if dtype is None else torch_dtype(dtype)


def _between(start: Any, stop: Any, num: int, endpoint: bool, dtype: torch.dtype) -> torch.Tensor:
    """Numbers from `start` to `stop` along a new first axis, in a type of at least 32 bits with fractions."""
    kind = torch.float32 if dtype.is_floating_point and dtype.itemsize <= 4 else torch.float64
    first, last = torch.broadcast_tensors(tensor(start, kind), tensor(stop, kind))
    steps = torch.arange(num, dtype=kind, device=first.device).reshape(-1, *[1] * first.ndim)
    return first + steps * (last - first) / max(num - 1 if endpoint else num, 1)


@op("keras.ops.numpy")
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Returns numbers at equal distances between two ends.

    Args:
        start: the first number, or a tensor of them.
        stop: the last number, or a tensor of them.
        num: how many. Default: 50.
        endpoint: whether `stop` is the last one. Default: True.
        retstep: whether to return the distance as well. Default: False.
        dtype: the type; None takes one with fractions.
        axis: where the new axis goes where the ends are tensors. Default: 0.

    Returns:
        The numbers; with `retstep` a tuple of them and the distance.

    Example:
        >>> linspace(0, 1, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]

    Source: `keras.ops.linspace`, `torch.linspace`.
    """
    parts = num - 1 if endpoint else num
    if isinstance(start, (int, float)) and isinstance(stop, (int, float)):
        kind = torch_dtype(floatx() if dtype is None else dtype)
        line = _line(torch.linspace, start, stop, num, endpoint, kind)
        return (line, (stop - start) / parts if parts > 0 else torch.tensor(torch.nan)) if retstep else line
    start, stop = _typed(start), _typed(stop)
    kind = _space_type(dtype, start, stop)
    step = (stop - start) / parts if parts > 0 else torch.tensor(torch.nan)
    line = torch.movedim(_between(start, stop, num, endpoint, kind), 0, axis).to(kind)
    return (line, step) if retstep else line


@op("keras.ops.numpy")
def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Returns the powers of a base whose exponents lie at equal distances.

    Args:
        start: the first exponent, or a tensor of them.
        stop: the last exponent, or a tensor of them.
        num: how many. Default: 50.
        endpoint: whether `stop` is the last one. Default: True.
        base: the base. Default: 10.
        dtype: the type; None takes one with fractions.
        axis: where the new axis goes where the ends are tensors. Default: 0.

    Example:
        >>> logspace(0, 3, 4, base=2).tolist()
        [1.0, 2.0, 4.0, 8.0]

    Source: `keras.ops.logspace`, `torch.logspace`.
    """
    numbers = isinstance(start, (int, float)) and isinstance(stop, (int, float))
    if numbers and isinstance(base, (int, float)) and base > 0:
        kind = torch_dtype(floatx() if dtype is None else dtype)
        if kind in _WIDE:
            return _line(torch.logspace, start, stop, num, endpoint, kind, base)
    start, stop = _typed(start), _typed(stop)
    kind = _space_type(dtype, start, stop)
    exponents = _between(start, stop, num, endpoint, kind)
    return torch.movedim(base**exponents, 0, axis).to(kind)


@op("keras.ops.numpy")
def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """Returns numbers in equal ratios between two ends of the same sign.

    Args:
        start: the first number, or a tensor of them.
        stop: the last number, or a tensor of them.
        num: how many. Default: 50.
        endpoint: whether `stop` is the last one. Default: True.
        dtype: the type; None takes one with fractions.
        axis: where the new axis goes where the ends are tensors. Default: 0.

    Example:
        >>> geomspace(1.0, 8.0, 4).tolist()
        [1.0, 2.0, 4.0, 8.0]

    Source: `keras.ops.geomspace`.
    """
    if isinstance(start, (int, float)) and isinstance(stop, (int, float)) and start * stop > 0:
        kind = torch_dtype(floatx() if dtype is None else dtype)
        if kind in _WIDE:
            return start * _line(torch.logspace, 0.0, 1.0, num, endpoint, kind, stop / start)
    start, stop = _typed(start), _typed(stop)
    kind = _space_type(dtype, start, stop)
    first = tensor(start, torch.promote_types(kind, torch.float32))
    ratio = tensor(stop, first.dtype) / first
    exponents = _between(torch.zeros_like(ratio), torch.ones_like(ratio), num, endpoint, kind)
    return torch.movedim(first * ratio**exponents, 0, axis).to(kind)


@op("keras.ops.numpy")
def meshgrid(*x: Any, indexing: str = "xy") -> Any:
    """Returns the coordinates of a grid, a tensor for each axis.

    Args:
        *x: the coordinates along each axis; those with more axes are flattened.
        indexing: `"xy"`, where the first two axes change places, or `"ij"`. Default: `"xy"`.

    Returns:
        A tuple of tensors.

    Example:
        >>> a, b = meshgrid([1, 2, 3], [4, 5])
        >>> a.tolist(), b.tolist()
        ([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])

    Source: `keras.ops.meshgrid`, `torch.meshgrid`.
    """
    lines = []
    for line in x:
        line = line if isinstance(line, torch.Tensor) else tensor(line)
        lines.append(line if line.ndim == 1 else line.reshape(-1))
    for line in lines:
        if line.dtype is not lines[0].dtype:
            break
    else:
        return torch.meshgrid(*lines, indexing=indexing)
    places = torch.meshgrid(
        *(torch.arange(len(line), device=line.device) for line in lines), indexing=indexing
    )
    return tuple(line[place] for line, place in zip(lines, places, strict=True))  # torch wants one type
