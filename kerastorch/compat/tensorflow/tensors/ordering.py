"""Order among the elements of tensors: sorting, the largest ones, the different ones."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, operands, operation
from kerastorch.core.strings import StringTensor
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError

Unique = namedtuple("Unique", ["y", "idx"])


UniqueWithCounts = namedtuple("UniqueWithCounts", ["y", "idx", "count"])


TopK = namedtuple("TopK", ["values", "indices"])


@operation()
def unique(x: Any, out_idx: Any = "int32") -> Any:
    """Returns the different values in the order of their first appearance, and where each element has gone.

    Args:
        x: a tensor of one axis, of numbers or of strings.
        out_idx: the type of the indices. Default: int32.

    Returns:
        A tuple `(y, idx)` with `x[i] == y[idx[i]]`.

    Example:
        >>> y, idx = unique([4, 4, 1, 4])
        >>> y.tolist(), idx.tolist()
        ([4, 1], [0, 0, 1, 0])

    Source: `tf.unique`
    """
    y, idx, _ = unique_with_counts(x, out_idx)
    return Unique(y, idx)


@operation()
def unique_with_counts(x: Any, out_idx: Any = "int32") -> Any:
    """Returns the different values in the order of their first appearance, where each element has gone, and counts.

    Args:
        x: a tensor of one axis, of numbers or of strings.
        out_idx: the type of the indices and counts. Default: int32.

    Returns:
        A tuple `(y, idx, count)`.

    Example:
        >>> unique_with_counts([4, 4, 1, 4]).count.tolist()
        [3, 1]

    Source: `tf.unique_with_counts`
    """
    x, kind = as_tensor(x), torch_dtype(as_dtype(out_idx).name)
    if isinstance(x, StringTensor):
        names = x.tolist()
        known = {name: place for place, name in enumerate(dict.fromkeys(names))}
        idx = torch.tensor([known[name] for name in names], dtype=torch.int64)
        y: Any = StringTensor(list(known))
        return UniqueWithCounts(y, idx.to(kind), torch.bincount(idx, minlength=len(known)).to(kind))
    values, places, counts = torch.unique(x, return_inverse=True, return_counts=True)
    first = torch.full_like(counts, len(x))
    first = first.scatter_reduce(0, places, torch.arange(len(x), device=x.device), "amin")
    order = torch.argsort(first)
    return UniqueWithCounts(values[order], torch.argsort(order)[places].to(kind), counts[order].to(kind))


def _direction(direction: Any) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise InvalidArgumentError(
            f"Argument `direction` should be one of 'ASCENDING', 'DESCENDING'. Received: direction={direction!r}."
        )
    return direction == "DESCENDING"


@operation()
def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING") -> Any:
    """Returns a tensor sorted along an axis.

    Args:
        values: a tensor.
        axis: the axis. Default: the last.
        direction: `"ASCENDING"` or `"DESCENDING"`.

    Raises:
        InvalidArgumentError: when the direction is unknown.

    Example:
        >>> sort([3, 1, 2], direction="DESCENDING").tolist()
        [3, 2, 1]

    Source: `tf.sort`, `torch.sort`
    """
    return torch.sort(as_tensor(values), dim=integer(axis), descending=_direction(direction)).values


@operation()
def argsort(values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False) -> Any:
    """Returns the indices that sort a tensor along an axis.

    Args:
        values: a tensor.
        axis: the axis. Default: the last.
        direction: `"ASCENDING"` or `"DESCENDING"`.
        stable: whether equal elements keep their order; here they always do.

    Raises:
        InvalidArgumentError: when the direction is unknown.

    Example:
        >>> argsort([3, 1, 2]).tolist()
        [1, 2, 0]

    Source: `tf.argsort`, `torch.argsort`
    """
    order = torch.argsort(as_tensor(values), dim=integer(axis), descending=_direction(direction), stable=True)
    return order.to(torch.int32)


@operation("tf.math")
def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = "int32") -> Any:
    """Returns the largest numbers of each row and where they stand.

    Args:
        input: a tensor.
        k: how many. Default: 1.
        sorted: whether the largest comes first. Default: True.
        index_type: the type of the indices. Default: int32.

    Returns:
        A tuple `(values, indices)`.

    Example:
        >>> values, indices = top_k([1, 9, 5], k=2)
        >>> values.tolist(), indices.tolist()
        ([9, 5], [1, 2])

    Source: `tf.math.top_k`, `torch.topk`
    """
    values, indices = torch.topk(as_tensor(input), integer(k), dim=-1, sorted=sorted)
    return TopK(values, indices.to(torch_dtype(as_dtype(index_type).name)))


def _searched(sorted_sequence: Any, values: Any, side: str, out_type: Any) -> torch.Tensor:
    row, values = operands(sorted_sequence, values)
    return torch.searchsorted(row.contiguous(), values.contiguous(), side=side).to(
        torch_dtype(as_dtype(out_type).name)
    )


@operation()
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32") -> Any:
    """Returns where values would have to be inserted into sorted rows.

    Args:
        sorted_sequence: sorted numbers along the last axis.
        values: the values, with the same axes before the last.
        side: `"left"` gives the first place among equal numbers, `"right"` the one after the last.
        out_type: the type of the result. Default: int32.

    Example:
        >>> searchsorted([0, 3, 9, 9, 10], [0, 4, 9]).tolist()
        [0, 2, 2]

    Source: `tf.searchsorted`, `torch.searchsorted`
    """
    return _searched(sorted_sequence, values, side, out_type)
