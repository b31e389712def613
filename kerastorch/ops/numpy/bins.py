"""Counts of numbers in bins."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.eager import runs_eagerly
from kerastorch.core.shapes import unknown_size
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.numpy.pointwise import NARROW, counted

_COUNTED = frozenset([torch.float32, torch.float64])  # the types that `torch.histogram` takes


@op("keras.ops.numpy")
def digitize(x: Any, bins: Any) -> Any:
    """Returns the number of the bin in which each number lies.

    Args:
        x: a tensor, array, list or number.
        bins: the edges in increasing order, of one axis; bin `i` holds `bins[i - 1] <= x < bins[i]`.

    Returns:
        A tensor of int32 of the shape of `x`.

    Raises:
        InvalidArgumentError: when `bins` has not one axis.

    Example:
        >>> digitize([0.2, 6.4, 3.0, 12.0], [0.0, 1.0, 3.0, 10.0]).tolist()
        [1, 3, 3, 4]

    Source: `keras.ops.digitize`, `torch.bucketize`.
    """
    x, bins = counted(x), tensor(bins)
    if bins.ndim != 1:
        raise InvalidArgumentError(f"`bins` must have one axis. Received: bins of shape {tuple(bins.shape)}.")
    return torch.bucketize(x, bins.to(x.device), right=True, out_int32=True)


@op("keras.ops.numpy")
def histogram(x: Any, bins: int = 10, range: tuple[float, float] | None = None) -> tuple[Any, Any]:
    """Returns how many numbers lie in each of bins of equal width, and the edges of the bins.

    Args:
        x: a tensor, array or list of one axis.
        bins: how many bins there are. Default: 10.
        range: the first and the last edge; None takes the smallest and the largest number. Others are not counted.

    Returns:
        The counts, a tensor of length `bins`, and the edges, one more; both floating-point numbers.

    Raises:
        ArgumentTypeError: when `bins` is no integer.
        InvalidArgumentError: when `bins` is not positive, `range` no increasing pair, or `x` has more than one axis.

    Example:
        >>> counts, edges = histogram([1, 2, 2, 5], bins=2)
        >>> counts.tolist(), edges.tolist()
        ([3.0, 1.0], [1.0, 3.0, 5.0])

    Source: `keras.ops.histogram`, `torch.histogram`.
    """
    if not isinstance(bins, int):
        raise ArgumentTypeError("Argument `bins` must be of type `int`.")
    if bins < 1:
        raise InvalidArgumentError(
            f"Argument `bins` should be a non-negative integer, and no less than 1. Received: bins={bins}."
        )
    if range:
        _check_range(range)
    x = floating(x)
    if x.ndim > 1:
        raise InvalidArgumentError("Input tensor must be 1-dimensional.")
    if x.is_cpu and x.dtype in _COUNTED and runs_eagerly():
        x = x.detach() if x.requires_grad else x
        return torch.histogram(x, bins, range=range) if range else torch.histogram(x, bins)
    return _bins(x, bins, range)


def _bins(x: torch.Tensor, bins: int, range: tuple[float, float] | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Counts and edges of any floating-point type on any device, by functions that need not wait for values."""
    x = x.detach()
    low, high = _limits(x, range)
    edges = torch.lerp(low, high, torch.arange(bins + 1, dtype=x.dtype, device=x.device) / bins)
    cell = torch.clamp(torch.bucketize(x, edges, right=True) - 1, max=bins - 1)
    cell = torch.where((x >= low) & (x <= high), cell, bins)  # the spare one, which takes what lies outside
    counts = torch.zeros(bins + 1, dtype=x.dtype, device=x.device)
    return counts.scatter_add(0, cell.reshape(-1), torch.ones_like(x).reshape(-1))[:bins], edges


def _check_range(limits: Any) -> None:
    if not isinstance(limits, tuple) or len(limits) < 2:
        raise InvalidArgumentError("Argument `range` must be a tuple of two elements.")
    if limits[1] < limits[0]:
        raise InvalidArgumentError("The second element of `range` must be greater than the first.")


def _limits(x: torch.Tensor, limits: tuple[float, float] | None) -> tuple[torch.Tensor, torch.Tensor]:
    """The first and the last edge, half a unit apart from the number where all are equal."""
    if limits:
        low, high = (torch.full((), float(limit), dtype=x.dtype, device=x.device) for limit in limits[:2])
    elif x.numel():
        low, high = torch.aminmax(x)
    else:
        low, high = (
            torch.zeros((), dtype=x.dtype, device=x.device),
            torch.ones((), dtype=x.dtype, device=x.device),
        )
    more = torch.where(low == high, 0.5, 0.0).to(x.dtype)
    return low - more, high + more


@op("keras.ops.numpy")
def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Any:
    """Returns how often each integer from zero up occurs, row by row.

    Args:
        x: non-negative integers, of one axis or two.
        weights: what each integer counts, of the shape of `x`; None for 1.
        minlength: how long the result is at least. Default: 0.
        sparse: must be False: sparse tensors are not offered.

    Returns:
        A tensor of int32, or of the type of `x` and `weights` together; its last axis is as long as the largest
        integer says.

    Raises:
        InvalidArgumentError: when `sparse` is True or `x` has other axes.

    Example:
        >>> bincount([1, 2, 2]).tolist(), bincount([[0, 1], [1, 1]]).tolist()
        ([0, 1, 2], [[1, 1], [0, 2]])

    Source: `keras.ops.bincount`, `torch.bincount`.
    """
    if sparse:
        raise InvalidArgumentError("Unsupported value `sparse=True`.")
    x, dtype = tensor(x), torch.int32
    if weights is not None:
        weights = tensor(weights).to(x.device)
        dtype = torch.promote_types(x.dtype, weights.dtype)
        dtype = NARROW.get(dtype, dtype)
    if x.ndim not in (1, 2):
        raise InvalidArgumentError(f"`x` must have one axis or two. Received: x of shape {tuple(x.shape)}.")
    if x.is_meta:  # how long the result is depends on values, which a symbolic tensor has not
        return torch.empty((*x.shape[:-1], unknown_size()), dtype=dtype, device="meta")
    if x.ndim == 1:
        return torch.bincount(x, weights, minlength).to(dtype)
    length = max(minlength, int(x.max()) + 1 if x.numel() else 0)
    cells = x + length * torch.arange(x.shape[0], dtype=x.dtype, device=x.device).unsqueeze(1)
    flat = None if weights is None else weights.reshape(-1)
    return torch.bincount(cells.reshape(-1), flat, x.shape[0] * length).reshape(x.shape[0], length).to(dtype)
