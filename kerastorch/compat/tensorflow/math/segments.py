"""Counts and reductions of numbers that belong to segments or bins."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.dtypes import torch_dtype
from kerastorch.ops.math.segments import reduce_segments

_DOC = """Returns {what} of the rows of each segment.

    Args:
        data: a tensor; its first axes are those of `segment_ids`.
        segment_ids: the number of the segment of each row, integers.{count}

    Example:
        >>> {name}([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [0, 0, 1]{two}).tolist()
        {result}

    Source: `tf.math.{name}`, `torch.scatter_reduce`
    """
_COUNT = "\n        num_segments: the number of segments."


def _finished(
    apply: Callable, name: str, what: str, result: Any, counted: bool
) -> Callable[..., torch.Tensor]:
    apply.__name__ = apply.__qualname__ = name
    apply.__module__ = sys._getframe().f_globals["__name__"]
    apply.__doc__ = _DOC.format(
        what=what, name=name, result=result, count=_COUNT if counted else "", two=", 2" if counted else ""
    )
    return operation("tf.math")(apply)


def _sorted(name: str, kind: str, what: str, result: Any) -> Callable[..., torch.Tensor]:
    """A reduction whose segments are numbered in ascending order, as many as the last number says."""

    def apply(data: Any, segment_ids: Any) -> torch.Tensor:
        data, ids = as_tensor(data), as_tensor(segment_ids)
        count = int(ids.max()) + 1 if ids.numel() else 0
        empty = {"prod": 1.0}.get(kind, 0.0)
        return reduce_segments(data, ids, count, kind, empty)

    return _finished(apply, name, what, result, False)


def _unsorted(name: str, kind: str, what: str, result: Any) -> Callable[..., torch.Tensor]:
    """A reduction whose segments come in any order; rows of negative numbers are left out."""

    def apply(data: Any, segment_ids: Any, num_segments: Any) -> torch.Tensor:
        return reduce_segments(as_tensor(data), as_tensor(segment_ids), integer(num_segments), kind)

    return _finished(apply, name, what, result, True)


_SUMS, _MEANS = [[4.0, 6.0], [5.0, 6.0]], [[2.0, 3.0], [5.0, 6.0]]
_PRODUCTS, _TOPS, _LOWS = [[3.0, 8.0], [5.0, 6.0]], [[3.0, 4.0], [5.0, 6.0]], [[1.0, 2.0], [5.0, 6.0]]
segment_sum = _sorted("segment_sum", "sum", "the sum", _SUMS)
segment_mean = _sorted("segment_mean", "mean", "the mean", _MEANS)
segment_prod = _sorted("segment_prod", "prod", "the product", _PRODUCTS)
segment_max = _sorted("segment_max", "amax", "the largest", _TOPS)
segment_min = _sorted("segment_min", "amin", "the smallest", _LOWS)
unsorted_segment_sum = _unsorted("unsorted_segment_sum", "sum", "the sum", _SUMS)
unsorted_segment_mean = _unsorted("unsorted_segment_mean", "mean", "the mean", _MEANS)
unsorted_segment_prod = _unsorted("unsorted_segment_prod", "prod", "the product", _PRODUCTS)
unsorted_segment_max = _unsorted("unsorted_segment_max", "amax", "the largest", _TOPS)
unsorted_segment_min = _unsorted("unsorted_segment_min", "amin", "the smallest", _LOWS)


@operation("tf.math")
def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any) -> Any:
    """Returns the sum of the rows of each segment, divided by the square root of their number.

    Args:
        data: a float tensor.
        segment_ids: the number of the segment of each row, integers.
        num_segments: the number of segments.

    Example:
        >>> unsorted_segment_sqrt_n([1.0, 1.0, 1.0, 1.0], [0, 0, 0, 0], 1).tolist()
        [2.0]

    Source: `tf.math.unsorted_segment_sqrt_n`
    """
    data, ids, count = as_tensor(data), as_tensor(segment_ids), integer(num_segments)
    total = reduce_segments(data, ids, count, "sum")
    rows = reduce_segments(torch.ones(ids.shape, dtype=data.dtype, device=data.device), ids, count, "sum")
    return total / rows.clamp(min=1).sqrt().reshape(-1, *[1] * (total.ndim - 1))


@operation("tf.math")
def bincount(
    arr: Any,
    weights: Any = None,
    minlength: int | None = None,
    maxlength: int | None = None,
    dtype: Any = "int32",
    axis: int | None = None,
    binary_output: bool = False,
) -> Any:
    """Returns how often each integer from zero up occurs.

    Args:
        arr: integers of zero or more.
        weights: what each one counts; None counts one.
        minlength: the least number of counts.
        maxlength: the largest number of counts; larger integers are left out.
        dtype: the type of the result where there are no weights. Default: int32.
        axis: None or 0 counts all numbers, -1 those of each row on their own.
        binary_output: whether to give 1 for what occurs in place of how often. Default: False.

    Example:
        >>> bincount([1, 1, 3]).tolist(), bincount([[0, 1], [1, 1]], axis=-1).tolist()
        ([0, 2, 0, 1], [[1, 1], [0, 2]])

    Source: `tf.math.bincount`, `torch.bincount`
    """
    numbers = as_tensor(arr).to(torch.int64)
    length = int(numbers.max()) + 1 if numbers.numel() else 0
    length = max(length, minlength or 0)
    length = length if maxlength is None else min(length, maxlength)
    rows = numbers.reshape(1, -1) if axis in (None, 0) else numbers.reshape(-1, numbers.shape[-1])
    kind = torch_dtype(as_dtype(dtype).name)
    each = torch.ones(rows.shape, dtype=kind, device=rows.device)
    if weights is not None:
        each = as_tensor(weights).to(rows.device).reshape(rows.shape)
    counts = each.new_zeros((rows.shape[0], length + 1)).scatter_add(1, rows.clamp(max=length), each)[
        :, :length
    ]
    counts = (counts > 0).to(each.dtype) if binary_output else counts
    return counts[0] if axis in (None, 0) or numbers.ndim == 1 else counts


@operation("tf.math")
def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, weights: Any = None, dtype: Any = "int32"
) -> Any:
    """Returns how often each label (row) met each prediction (column).

    Args:
        labels: the true classes, integers.
        predictions: the predicted classes, integers.
        num_classes: the number of classes; None takes one more than the largest.
        weights: what each pair counts; None counts one.
        dtype: the type of the result. Default: int32.

    Example:
        >>> confusion_matrix([1, 2, 4], [2, 2, 4]).tolist()[1]
        [0, 0, 1, 0, 0]

    Source: `tf.math.confusion_matrix`
    """
    rows, columns = (as_tensor(x).flatten().to(torch.int64) for x in (labels, predictions))
    if num_classes is None:
        num_classes = int(torch.stack([rows.max(), columns.max()]).max()) + 1
    size, kind = integer(num_classes), torch_dtype(as_dtype(dtype).name)
    each = torch.ones_like(rows, dtype=kind) if weights is None else as_tensor(weights).flatten().to(kind)
    return each.new_zeros(size * size).index_add(0, rows * size + columns, each).reshape(size, size)


@operation()
def histogram_fixed_width_bins(values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32") -> Any:
    """Returns the number of the bin of equal width that each value falls into.

    Args:
        values: a tensor.
        value_range: the lowest and the highest value; what lies outside goes into the first and last bin.
        nbins: the number of bins. Default: 100.
        dtype: the type of the result. Default: int32.

    Example:
        >>> histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).tolist()
        [0, 0, 1, 2, 4, 4]

    Source: `tf.histogram_fixed_width_bins`
    """
    x = as_tensor(values)
    low, high = as_tensor(value_range).to(x)
    bins = torch.floor((x - low) / (high - low) * nbins).clamp(0, nbins - 1)
    return bins.to(torch_dtype(as_dtype(dtype).name))


@operation()
def histogram_fixed_width(values: Any, value_range: Any, nbins: int = 100, dtype: Any = "int32") -> Any:
    """Returns how many values fall into each of some bins of equal width.

    Args:
        values: a tensor.
        value_range: the lowest and the highest value; what lies outside goes into the first and last bin.
        nbins: the number of bins. Default: 100.
        dtype: the type of the result. Default: int32.

    Example:
        >>> histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).tolist()
        [2, 1, 1, 0, 2]

    Source: `tf.histogram_fixed_width`
    """
    bins = histogram_fixed_width_bins(values, value_range, nbins, "int64")
    return torch.bincount(bins.flatten(), minlength=integers(nbins)[0]).to(torch_dtype(as_dtype(dtype).name))
