"""Sums, products, extremes and truth over axes.

`axis` is one axis, several, or None for all; with no axis, `()`, nothing is reduced. torch takes "no axis" for "all".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.dtypes import torch_dtype
from kerastorch.ops.base import HALF, axes, floating, op, tensor
from kerastorch.ops.numpy.pointwise import NARROW, counted

_SMALL = frozenset([torch.bool, torch.uint8, torch.int8, torch.int16])
_PRODUCTS = {**NARROW, **dict.fromkeys(_SMALL, torch.int32)}
# torch sums integers in int64.
_SUMS = {**dict.fromkeys([*_SMALL, torch.int32], torch.int32), torch.int64: torch.int64}


@op("keras.ops.numpy")
def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the sum over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of the type of `x`; of int32 for smaller integers and truth values.

    Example:
        >>> sum([[1, 2], [3, 4]], axis=1).tolist()
        [3, 7]

    Source: `keras.ops.sum`, `torch.sum`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    dtype = _SUMS.get(x.dtype)
    if axis == () or axis == []:
        return x if dtype is None else x.to(dtype)
    if dtype is None:
        return torch.sum(x, axis, keepdims)
    return torch.sum(x, axis, keepdims, dtype=dtype)


@op("keras.ops.numpy")
def prod(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """Returns the product over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.
        dtype: the type of the result; None takes that of `x`, at most 32 bits, and int32 for smaller integers.

    Returns:
        A tensor.

    Example:
        >>> prod([[1, 2], [3, 4]], axis=1).tolist()
        [2, 12]

    Source: `keras.ops.prod`, `torch.prod`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if dtype is not None:
        x = x.to(torch_dtype(dtype))
    elif x.dtype in _PRODUCTS:
        x = x.to(_PRODUCTS[x.dtype])
    kept = x.dtype
    if isinstance(axis, int) and kept.is_floating_point:
        return torch.prod(x, axis, keepdims)
    if axis is None and not keepdims:
        return torch.prod(x, dtype=kept)
    for a in (axis,) if isinstance(axis, int) else reversed(axes(axis, x.ndim)):
        x = torch.prod(x, a, keepdims, dtype=kept)
    return x


@op("keras.ops.numpy")
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the mean over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> mean([[1, 2], [3, 4]], axis=1).tolist()
        [1.5, 3.5]

    Source: `keras.ops.mean`, `torch.mean`.
    """
    x = x if isinstance(x, torch.Tensor) and x.is_floating_point() else floating(x)
    if axis == () or axis == []:
        return x
    if x.dtype in HALF:  # the sum may be larger than what the type can hold
        return torch.mean(x, axis, keepdims, dtype=torch.float32).to(x.dtype)
    return torch.mean(x, axis, keepdims)


def _extreme(reduce: Callable, join: Callable, x: Any, axis: Any, keepdims: bool, initial: Any = None) -> Any:
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axis == () or axis == []:
        found = x
    elif initial is not None and 0 in x.shape:
        return torch.full_like(torch.sum(x, axis, keepdims), initial, dtype=x.dtype)
    else:
        found = reduce(x, () if axis is None else axis, keepdims)
    return found if initial is None else join(found, tensor(initial).to(found.device, found.dtype))


@op("keras.ops.numpy")
def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Returns the largest number over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.
        initial: the least that the result may be, which is the result where there are no numbers; None for no limit.

    Returns:
        A tensor.

    Example:
        >>> max([[1, 5], [3, 4]], axis=1).tolist()
        [5, 4]

    Source: `keras.ops.max`, `torch.amax`.
    """
    return _extreme(torch.amax, torch.maximum, x, axis, keepdims, initial)


@op("keras.ops.numpy")
def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Any:
    """Returns the smallest number over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.
        initial: the most that the result may be, which is the result where there are no numbers; None for no limit.

    Returns:
        A tensor.

    Example:
        >>> min([[1, 5], [3, 4]], axis=1).tolist()
        [1, 3]

    Source: `keras.ops.min`, `torch.amin`.
    """
    return _extreme(torch.amin, torch.minimum, x, axis, keepdims, initial)


@op("keras.ops.numpy")
def amax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the largest number over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor.

    Example:
        >>> amax([[1, 5], [3, 4]], axis=0).tolist()
        [3, 5]

    Source: `keras.ops.amax`, `torch.amax`.
    """
    return _extreme(torch.amax, torch.maximum, x, axis, keepdims)


@op("keras.ops.numpy")
def amin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the smallest number over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor.

    Example:
        >>> amin([[1, 5], [3, 4]], axis=0).tolist()
        [1, 4]

    Source: `keras.ops.amin`, `torch.amin`.
    """
    return _extreme(torch.amin, torch.minimum, x, axis, keepdims)


@op("keras.ops.numpy")
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the largest number less the smallest over axes.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor.

    Example:
        >>> ptp([[1, 5], [3, 4]], axis=1).tolist()
        [4, 1]

    Source: `keras.ops.ptp`, `torch.aminmax`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axis == () or axis == []:
        return torch.zeros_like(x)
    over = () if axis is None else axis
    return torch.amax(x, over, keepdims) - torch.amin(x, over, keepdims)


def _truth(reduce: Callable, x: Any, axis: Any, keepdims: bool) -> Any:
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if x.dtype is not torch.bool:  # torch gives uint8 for uint8
        x = x != 0
    return x if axis == () or axis == [] else reduce(x, axis, keepdims)


@op("keras.ops.numpy")
def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns whether all numbers over axes hold, that is, are not 0.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of truth values.

    Example:
        >>> all([[True, False], [True, True]], axis=1).tolist()
        [False, True]

    Source: `keras.ops.all`, `torch.all`.
    """
    return _truth(torch.all, x, axis, keepdims)


@op("keras.ops.numpy")
def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns whether any number over axes holds, that is, is not 0.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of truth values.

    Example:
        >>> any([[True, False], [False, False]], axis=1).tolist()
        [True, False]

    Source: `keras.ops.any`, `torch.any`.
    """
    return _truth(torch.any, x, axis, keepdims)


@op("keras.ops.numpy")
def count_nonzero(x: Any, axis: Any = None) -> Any:
    """Returns how many numbers over axes are not 0.

    Args:
        x: a tensor, array, list or number.
        axis: one axis or several; None takes all of them.

    Returns:
        A tensor of int32.

    Example:
        >>> count_nonzero([[1, 0], [2, 3]], axis=1).tolist()
        [1, 2]

    Source: `keras.ops.count_nonzero`, `torch.count_nonzero`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if axis == () or axis == []:
        return (x != 0).to(torch.int32)
    return torch.count_nonzero(x, axis).to(torch.int32)


@op("keras.ops.numpy")
def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Returns where the largest number along an axis stands, the first of equal ones.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        keepdims: whether the axis stays, with length one. Default: False.

    Returns:
        A tensor of int32.

    Example:
        >>> argmax([[1, 5, 2], [7, 0, 3]], axis=1).tolist()
        [1, 0]

    Source: `keras.ops.argmax`, `torch.argmax`.
    """
    x = x if isinstance(x, torch.Tensor) and x.dtype is not torch.bool else counted(x)
    return torch.argmax(x, axis, keepdims).to(torch.int32)


@op("keras.ops.numpy")
def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Returns where the smallest number along an axis stands, the first of equal ones.

    Args:
        x: a tensor, array, list or number.
        axis: the axis; None takes the numbers of all axes in one row.
        keepdims: whether the axis stays, with length one. Default: False.

    Returns:
        A tensor of int32.

    Example:
        >>> argmin([[1, 5, 2], [7, 0, 3]], axis=1).tolist()
        [0, 1]

    Source: `keras.ops.argmin`, `torch.argmin`.
    """
    x = x if isinstance(x, torch.Tensor) and x.dtype is not torch.bool else counted(x)
    return torch.argmin(x, axis, keepdims).to(torch.int32)
