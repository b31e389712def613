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


def _spatial(shape: Sequence[int], channels_first: bool) -> Sequence[int]:
    """The sizes of the spatial axes."""
    if not 3 <= len(shape) <= 5:
        raise ShapeError(
            "Inputs to pooling have 3, 4 or 5 axes, for one, two or three spatial ones. "
            f"Received: inputs of shape {tuple(shape)}."
        )
    return shape[2:] if channels_first else shape[1:-1]


@planned
def _pool(
    pool: Callable, shape: Sequence[int], first: bool, size: Any, strides: Any, padding: str
) -> Callable[..., torch.Tensor]:
    how = windows.slide(_spatial(shape, first), size, size if strides is None else strides, padding)
    return windows.in_order(pool(how, max(len(shape), 4)), len(shape), first)


def _pooled(
    pool: Callable, inputs: Any, size: Any, strides: Any, padding: str, data_format: Any
) -> torch.Tensor:
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    first = standardize_data_format(data_format) == "channels_first"
    return _pool(pool, x.shape, first, size, strides, padding)(x)


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
def _adaptive_pool(
    pool: Callable[..., torch.Tensor], shape: Sequence[int], first: bool, output_size: Any
) -> Callable[..., torch.Tensor]:
    sizes = spatial.integers(output_size, len(_spatial(shape, first)), "output_size")
    sizes = (1, *sizes) if len(sizes) == 1 else sizes
    size = sizes[0] if len(set(sizes)) == 1 else sizes  # torch reads one number faster
    return windows.in_order(lambda x, _=None: pool(x, size), len(shape), first)


def _adapted(
    flat: Callable, solid: Callable, inputs: Any, output_size: Any, data_format: Any
) -> torch.Tensor:
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    first = standardize_data_format(data_format) == "channels_first"
    return _adaptive_pool(solid if x.ndim == 5 else flat, x.shape, first, output_size)(x)


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
    return _adapted(F.adaptive_avg_pool2d, F.adaptive_avg_pool3d, inputs, output_size, data_format)


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
    return _adapted(F.adaptive_max_pool2d, F.adaptive_max_pool3d, inputs, output_size, data_format)
