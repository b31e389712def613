"""Pooling.

Legend: N batch, spatial axes of one to three dimensions, C channels. Inputs are (N, *spatial, C), or (N, C, *spatial)
with channels first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.config import standardize_data_format
from kerastorch.core import spatial
from kerastorch.errors import ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.nn import windows
from kerastorch.ops.plans import planned

_nn = op("keras.ops.nn")

_ADAPTIVE_MEAN = {3: F.adaptive_avg_pool1d, 4: F.adaptive_avg_pool2d, 5: F.adaptive_avg_pool3d}
_ADAPTIVE_LARGEST = {3: F.adaptive_max_pool1d, 4: F.adaptive_max_pool2d, 5: F.adaptive_max_pool3d}


def _spatial(shape: Sequence[int], channels_first: bool) -> Sequence[int]:
    """The sizes of the spatial axes."""
    if not 3 <= len(shape) <= 5:
        raise ShapeError(
            "Inputs to pooling have 3, 4 or 5 axes, for one, two or three spatial ones. "
            f"Received: inputs of shape {tuple(shape)}."
        )
    return shape[2:] if channels_first else shape[1:-1]


@planned
def _slide(
    shape: Sequence[int], channels_first: bool, size: Any, strides: Any, padding: str
) -> windows.Slide:
    sizes = _spatial(shape, channels_first)
    return windows.slide(sizes, size, size if strides is None else strides, padding)


def _pooled(
    pool: Callable, inputs: Any, size: Any, strides: Any, padding: str, data_format: Any
) -> torch.Tensor:
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    first = standardize_data_format(data_format) == "channels_first"
    how = _slide(x.shape, first, size, strides, padding)
    return windows.channels_back(pool(windows.channels_second(x, first), how), first)


@_nn
def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    """Returns the largest number of each window.

    Args:
        inputs: a tensor (N, *spatial, C).
        pool_size: the size of the window, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis; None takes `pool_size`.
        padding: `"valid"` uses whole windows only; `"same"` lets windows stick out evenly.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor (N, *new spatial, C).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when the rank or the sizes of input and window do not fit.

    Example:
        >>> max_pool([[[1.0], [3.0], [2.0]]], 2, padding="same").flatten().tolist()
        [3.0, 2.0]

    Source: `keras.ops.max_pool`, `torch.nn.functional.max_pool2d`.
    """
    return _pooled(windows.largest, inputs, pool_size, strides, padding, data_format)


@_nn
def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Any:
    """Returns the mean of each window; where windows stick out, only what they cover counts.

    Args:
        inputs: a tensor (N, *spatial, C).
        pool_size: the size of the window, an integer or one for each spatial axis.
        strides: the step of the window, an integer or one for each spatial axis; None takes `pool_size`.
        padding: `"valid"` uses whole windows only; `"same"` lets windows stick out evenly.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor (N, *new spatial, C).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when the rank or the sizes of input and window do not fit.

    Example:
        >>> average_pool([[[1.0], [3.0], [2.0]]], 2, padding="same").flatten().tolist()
        [2.0, 2.0]

    Source: `keras.ops.average_pool`, `torch.nn.functional.avg_pool2d`.
    """
    return _pooled(windows.mean, inputs, pool_size, strides, padding, data_format)


@planned
def _output_size(shape: Sequence[int], channels_first: bool, output_size: Any) -> int | tuple[int, ...]:
    sizes = spatial.integers(output_size, len(_spatial(shape, channels_first)), "output_size")
    return sizes[0] if len(set(sizes)) == 1 else sizes  # torch reads one number faster


def _adapted(pools: dict[int, Callable], inputs: Any, output_size: Any, data_format: Any) -> torch.Tensor:
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    first = standardize_data_format(data_format) == "channels_first"
    size = _output_size(x.shape, first, output_size)
    return windows.channels_back(pools[x.ndim](windows.channels_second(x, first), size), first)


@_nn
def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Returns the mean of each of so many windows, whatever the size of the input.

    Args:
        inputs: a tensor (N, *spatial, C).
        output_size: the number of windows, an integer or one for each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor (N, *output_size, C).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when the input has no spatial axis, or more than three.

    Example:
        >>> adaptive_average_pool([[[1.0], [3.0], [2.0], [4.0]]], 2).flatten().tolist()
        [2.0, 3.0]

    Source: `keras.ops.adaptive_average_pool`, `torch.nn.functional.adaptive_avg_pool2d`.
    """
    return _adapted(_ADAPTIVE_MEAN, inputs, output_size, data_format)


@_nn
def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Any:
    """Returns the largest number of each of so many windows, whatever the size of the input.

    Args:
        inputs: a tensor (N, *spatial, C).
        output_size: the number of windows, an integer or one for each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor (N, *output_size, C).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when the input has no spatial axis, or more than three.

    Example:
        >>> adaptive_max_pool([[[1.0], [3.0], [2.0], [4.0]]], 2).flatten().tolist()
        [3.0, 4.0]

    Source: `keras.ops.adaptive_max_pool`, `torch.nn.functional.adaptive_max_pool2d`.
    """
    return _adapted(_ADAPTIVE_LARGEST, inputs, output_size, data_format)
