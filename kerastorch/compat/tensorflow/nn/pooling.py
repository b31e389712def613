"""Pooling."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.nn.windows import (
    amounts,
    is_channels_first,
    padded,
    per_axis,
)
from kerastorch.compat.tensorflow.operation import as_tensor, operation
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.nn.windows import channels_back, channels_second

_LARGEST = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_MEAN = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


@operation("tf.nn")
def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Returns the largest or the mean number of each window; what padding adds counts for neither.

    Args:
        input: the inputs, (N, *spatial, C).
        window_shape: the size of the window.
        pooling_type: `"MAX"` or `"AVG"`.
        strides: the steps. Default: 1.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis. Default: `"VALID"`.
        data_format: the order of the axes, such as `"NHWC"`. Default: channels last.
        dilations: the distances within a window, for `"MAX"`. Default: 1.

    Raises:
        InvalidArgumentError: when the type is unknown, or the mean is to have distances within its window.

    Example:
        >>> pool([[[1.0], [5.0], [2.0]]], 2, "MAX").flatten().tolist()
        [5.0, 5.0]

    Source: `tf.nn.pool`
    """
    x = as_tensor(input)
    rank, first = x.ndim - 2, is_channels_first(data_format)
    window, steps, spaces = (
        per_axis(value, rank, what, first)
        for value, what in ((window_shape, "ksize"), (strides, "strides"), (dilations, "dilations"))
    )
    x = channels_second(x, first)
    spread = [space * (size - 1) + 1 for size, space in zip(window, spaces, strict=True)]
    pairs = amounts(padding, x.shape[2:], spread, steps, first)
    if pooling_type.upper() == "MAX":
        low = -torch.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
        y = _LARGEST[rank](padded(x, pairs, low), window, steps, 0, spaces)
    elif pooling_type.upper() == "AVG" and set(spaces) == {1}:
        y = _MEAN[rank](padded(x, pairs), window, steps)
        if any(low or high for low, high in pairs):
            y = y / _MEAN[rank](padded(torch.ones_like(x[:1, :1]), pairs), window, steps)
    else:
        raise InvalidArgumentError(
            "tf.nn.pool: `pooling_type` is 'MAX' or 'AVG', and only 'MAX' takes dilations. "
            f"Received: pooling_type={pooling_type!r}, dilations={dilations!r}."
        )
    return channels_back(y, first)


_POOL_DOC = """Returns the {what} number of each window.

    Args:
        input: {inputs}.
        ksize: the size of the window: one integer, one for each spatial axis, or one for every axis of the input.
        strides: the steps, likewise.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis.
        data_format: the order of the axes, such as `"NHWC"`. Default: channels last.

    Example:
        >>> {name}({example}, {size}, {size}, "VALID").flatten().tolist()
        {result}

    Source: `tf.nn.{name}`
    """


def _pooling(name: str, kind: str, what: str, rank: int) -> Any:
    def apply(
        input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None
    ) -> torch.Tensor:
        return pool(input, ksize, kind, strides, padding, data_format)

    inputs = {0: "the inputs, (N, *spatial, C)", 1: "sequences, (N, W, C)", 2: "images, (N, H, W, C)"}
    example = {1: "[[[1.0], [5.0]]]", 3: "[[[[[1.0], [5.0]]]]]"}.get(rank, "[[[[1.0], [5.0]]]]")
    apply.__name__ = apply.__qualname__ = name
    apply.__module__ = __name__
    apply.__doc__ = _POOL_DOC.format(
        what=what,
        inputs=inputs.get(rank, "volumes, (N, D, H, W, C)"),
        name=name,
        example=example,
        size={1: 2, 3: [1, 1, 2]}.get(rank, [1, 2]),
        result=[5.0] if kind == "MAX" else [3.0],
    )
    return operation("tf.nn")(apply)


max_pool = _pooling("max_pool", "MAX", "largest", 0)
max_pool1d = _pooling("max_pool1d", "MAX", "largest", 1)
max_pool2d = _pooling("max_pool2d", "MAX", "largest", 2)
max_pool3d = _pooling("max_pool3d", "MAX", "largest", 3)
avg_pool = _pooling("avg_pool", "AVG", "mean", 0)
avg_pool1d = _pooling("avg_pool1d", "AVG", "mean", 1)
avg_pool2d = _pooling("avg_pool2d", "AVG", "mean", 2)
avg_pool3d = _pooling("avg_pool3d", "AVG", "mean", 3)
