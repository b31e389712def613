"""Reductions of rows that belong together."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.shapes import unknown_axes, unknown_size
from kerastorch.errors import ShapeError
from kerastorch.ops.base import HALF, indices, op, tensor


def reduce_segments(
    data: torch.Tensor, ids: torch.Tensor, count: int, kind: str, empty: float | None = None
) -> torch.Tensor:
    """Returns the rows of each segment reduced to one; rows of segments that there are not are left out.

    Args:
        data: the rows; the first axes are those of `ids`.
        ids: the number of the segment of each row.
        count: the number of segments.
        kind: `"sum"`, `"mean"`, `"prod"`, `"amax"` or `"amin"`.
        empty: what segments without rows get; None gives the least or largest number, one, or zero.

    Example:
        >>> reduce_segments(torch.tensor([1, 2, 3]), torch.tensor([0, 0, 1]), 2, "sum").tolist()
        [3, 3]
    """
    if ids.ndim != 1:
        data, ids = data.reshape(-1, *data.shape[ids.ndim :]), ids.reshape(-1)
    rows, index = data, indices(ids, data.device)
    places = (
        torch.clamp(index, -1, count) + 1
    )  # the first and the last take the rows that belong to no segment
    if kind == "mean" and not data.is_floating_point():
        total = reduce_segments(data, ids, count, "sum")
        rows_each = torch.bincount(places, minlength=count + 2)[1:-1].clamp(min=1)
        rows_each = rows_each.reshape(-1, *[1] * (total.ndim - 1))
        return torch.div(total, rows_each, rounding_mode="trunc").to(data.dtype)
    shape = (count + 2, *rows.shape[1:])
    if kind == "sum":
        return data.new_zeros(shape).index_add(0, places, rows)[1:-1]
    result = data.new_full(shape, _for_empty(kind, data.dtype, empty))
    spread = places.reshape(-1, *[1] * (rows.ndim - 1)).expand_as(rows)
    return torch.scatter_reduce(result, 0, spread, rows, kind, include_self=False)[1:-1]


def _for_empty(kind: str, dtype: torch.dtype, empty: float | None) -> Any:
    if empty is not None:
        return empty
    if kind in ("amax", "amin"):
        info = torch.finfo(dtype) if dtype.is_floating_point else torch.iinfo(dtype)
        return info.min if kind == "amax" else info.max
    return {"prod": 1}.get(kind, 0)


_DOC = """Returns {what} of the rows of each segment.

    Args:
        data: a tensor, array or list.
        segment_ids: the number of the segment of each row of `data`; rows of other numbers are left out.
        num_segments: the number of segments; None takes one more than the largest number.
        sorted: whether the numbers ascend, without meaning here. Default: False.

    Returns:
        A tensor with one row for each segment, {empty} for those without rows.

    Raises:
        ShapeError: when there is not one number for each row.

    Example:
        >>> {name}([1, 2, 10, 20, 100], [0, 0, 1, 1, 2]).tolist()
        {result}

    Source: `keras.ops.{name}`, `torch.scatter_reduce`.
    """


def _check(data: torch.Tensor, ids: torch.Tensor) -> None:
    if ids.ndim != 1:
        raise ShapeError(
            f"Argument `segment_ids` should be an 1-D vector, got shape: {tuple(ids.shape)}. Flatten it, and the first "
            "axes of `data` alike."
        )
    if data.ndim and data.shape[0] == ids.shape[0]:
        return
    rows = {unknown_axes(tuple(x.shape))[:1] for x in (data, ids)} - {(None,)}
    if len(rows) > 1:
        raise ShapeError(
            "Argument `segment_ids` and `data` should have same leading dimension. Received shapes: "
            f"{tuple(ids.shape)} and {tuple(data.shape)}."
        )


def _count(ids: torch.Tensor, num_segments: int | None) -> int:
    if num_segments is not None:
        return int(num_segments)
    if ids.is_meta and state.inferring:
        return unknown_size()
    return int(ids.max()) + 1 if ids.numel() else 0


def _segments(name: str, kind: str, what: str, empty: float, result: Any) -> Callable[..., Any]:
    def apply(
        data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
    ) -> torch.Tensor:
        data, ids = tensor(data), tensor(segment_ids)
        if ids.ndim != 1 or not data.ndim or data.shape[0] != ids.shape[0]:
            _check(data, ids)
        count = num_segments if type(num_segments) is int else _count(ids, num_segments)
        if state.inferring:
            return data.new_empty((count, *data.shape[1:]))
        if data.dtype in HALF:  # sums of many rows need more digits
            return reduce_segments(data.float(), ids, count, kind, empty).to(data.dtype)
        limit = empty if data.is_floating_point() or kind == "prod" else None
        return reduce_segments(data, ids, count, kind, limit)

    apply.__name__ = apply.__qualname__ = name
    apply.__module__ = sys._getframe().f_globals["__name__"]
    apply.__doc__ = _DOC.format(what=what, empty=empty, name=name, result=result)
    return op()(apply)


segment_max = _segments("segment_max", "amax", "the largest", -float("inf"), [2, 20, 100])
segment_min = _segments("segment_min", "amin", "the smallest", float("inf"), [1, 10, 100])
segment_prod = _segments("segment_prod", "prod", "the product", 1, [2, 200, 100])
segment_sum = _segments("segment_sum", "sum", "the sum", 0, [3, 30, 100])
