"""`keras.backend`: convolution, pooling and normalization with given weights.

Legend: N batch, D, H, W spatial axes, C channels, F filters, M channels for each channel, P places of the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.backend.creation import as_shape
from kerastorch.backend.padding import temporal_padding
from kerastorch.config import standardize_data_format
from kerastorch.core import spatial
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.locally_connected.locally_connected import windows_of
from kerastorch.ops.base import op, tensor
from kerastorch.ops.nn import convolution, pooling


@op("keras.backend")
def conv1d(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> torch.Tensor:
    """Returns a convolution of sequences.

    Args:
        x: a tensor `(N, W, C)`.
        kernel: a tensor `(window, C, F)`.
        strides: the step of the window.
        padding: `"valid"`, `"same"` or `"causal"`, which pads the beginning alone.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window.

    Returns:
        A tensor `(N, new W, F)`.

    Example:
        >>> conv1d(torch.ones(1, 4, 1), torch.ones(2, 1, 1), padding="causal").flatten().tolist()
        [1.0, 2.0, 2.0, 2.0]

    Source: `keras.backend.conv1d` of Keras 2.
    """
    x, kernel = tensor(x), tensor(kernel)
    if padding == "causal":
        (gap,) = spatial.integers(dilation_rate, 1, "dilation_rate")
        before = gap * (kernel.shape[0] - 1)
        first = standardize_data_format(data_format) == "channels_first"
        x = F.pad(x, [before, 0]) if first else temporal_padding(x, (before, 0))
        padding = "valid"
    return convolution.conv(x, kernel, strides, padding, data_format, dilation_rate)


@op("keras.backend")
def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> torch.Tensor:
    """Returns a convolution of images.

    Args:
        x: a tensor `(N, H, W, C)`.
        kernel: a tensor `(height, width, C, F)`.
        strides: the step of the window.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window.

    Returns:
        A tensor `(N, new H, new W, F)`.

    Example:
        >>> conv2d(torch.ones(1, 4, 4, 3), torch.ones(2, 2, 3, 5)).shape
        torch.Size([1, 3, 3, 5])

    Source: `keras.backend.conv2d` of Keras 2.
    """
    return convolution.conv(x, kernel, strides, padding, data_format, dilation_rate)


@op("keras.backend")
def conv3d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1, 1),
) -> torch.Tensor:
    """Returns a convolution of volumes.

    Args:
        x: a tensor `(N, D, H, W, C)`.
        kernel: a tensor `(depth, height, width, C, F)`.
        strides: the step of the window.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window.

    Returns:
        A tensor `(N, new D, new H, new W, F)`.

    Example:
        >>> conv3d(torch.ones(1, 4, 4, 4, 3), torch.ones(2, 2, 2, 3, 5)).shape
        torch.Size([1, 3, 3, 3, 5])

    Source: `keras.backend.conv3d` of Keras 2.
    """
    return convolution.conv(x, kernel, strides, padding, data_format, dilation_rate)


@op("keras.backend")
def depthwise_conv2d(
    x: Any,
    depthwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> torch.Tensor:
    """Returns a convolution of each channel of images with kernels of its own.

    Args:
        x: a tensor `(N, H, W, C)`.
        depthwise_kernel: a tensor `(height, width, C, M)`.
        strides: the step of the window.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window.

    Returns:
        A tensor `(N, new H, new W, C * M)`.

    Example:
        >>> depthwise_conv2d(torch.ones(1, 4, 4, 3), torch.ones(2, 2, 3, 2)).shape
        torch.Size([1, 3, 3, 6])

    Source: `keras.backend.depthwise_conv2d` of Keras 2.
    """
    return convolution.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


@op("keras.backend")
def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> torch.Tensor:
    """Returns a convolution of each channel of images alone, followed by one that mixes the channels.

    Args:
        x: a tensor `(N, H, W, C)`.
        depthwise_kernel: a tensor `(height, width, C, M)`.
        pointwise_kernel: a tensor `(1, 1, C * M, F)`.
        strides: the step of the window.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window.

    Returns:
        A tensor `(N, new H, new W, F)`.

    Example:
        >>> separable_conv2d(torch.ones(1, 4, 4, 3), torch.ones(2, 2, 3, 2), torch.ones(1, 1, 6, 5)).shape
        torch.Size([1, 3, 3, 5])

    Source: `keras.backend.separable_conv2d` of Keras 2.
    """
    return convolution.separable_conv(
        x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate
    )


@op("keras.backend")
def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> torch.Tensor:
    """Returns the gradient of a convolution of images with respect to its input, often called deconvolution.

    Args:
        x: a tensor `(N, H, W, C)`.
        kernel: a tensor `(height, width, F, C)`.
        output_shape: the shape of the result; its batch and channels have no effect.
        strides: the distance between the windows.
        padding: `"valid"` or `"same"`: that of the convolution.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window.

    Returns:
        A tensor `(N, new H, new W, F)`.

    Example:
        >>> conv2d_transpose(torch.ones(1, 2, 2, 3), torch.ones(2, 2, 5, 3), (1, 4, 4, 5), (2, 2), "same").shape
        torch.Size([1, 4, 4, 5])

    Source: `keras.backend.conv2d_transpose` of Keras 2.
    """
    x, kernel, first = tensor(x), tensor(kernel), standardize_data_format(data_format) == "channels_first"
    whole = as_shape([-1 if size is None else size for size in output_shape])
    wanted = whole[2:] if first else whole[1:-1]
    steps, gaps = spatial.integers(strides, 2, "strides"), spatial.integers(dilation_rate, 2, "dilation_rate")
    sizes = [gap * (size - 1) + 1 for size, gap in zip(kernel.shape, gaps, strict=False)]
    pixels = x if first else x.permute(0, 3, 1, 2)
    laid_out = F.conv_transpose2d(pixels, kernel.permute(3, 2, 0, 1), None, steps, dilation=gaps)
    missing: list[int] = []
    for axis, (before, _) in enumerate(spatial.sides(padding, wanted, sizes, steps), start=2):
        size = min(wanted[axis - 2], laid_out.shape[axis] - before)
        laid_out = laid_out.narrow(axis, before, size)
        missing = [0, wanted[axis - 2] - size, *missing]
    outputs = F.pad(laid_out, missing) if any(missing) else laid_out
    return outputs if first else outputs.permute(0, 2, 3, 1)


def _pooled(
    x: Any, pool_size: Any, strides: Any, padding: str, data_format: Any, pool_mode: str
) -> torch.Tensor:
    pools = {"max": pooling.max_pool, "avg": pooling.average_pool}
    if pool_mode not in pools:
        raise InvalidArgumentError(f"Invalid pooling mode: {pool_mode!r}. Expected 'max' or 'avg'.")
    return pools[pool_mode](x, pool_size, strides, padding, data_format)


@op("keras.backend")
def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> torch.Tensor:
    """Returns the greatest number or the mean of each window of images.

    Args:
        x: a tensor `(N, H, W, C)`.
        pool_size: the height and width of the window.
        strides: its steps.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        pool_mode: `"max"` or `"avg"`.

    Returns:
        A tensor `(N, new H, new W, C)`.

    Example:
        >>> pool2d(torch.ones(1, 4, 4, 3), (2, 2), (2, 2), pool_mode="avg").shape
        torch.Size([1, 2, 2, 3])

    Source: `keras.backend.pool2d` of Keras 2.
    """
    return _pooled(x, pool_size, strides, padding, data_format, pool_mode)


@op("keras.backend")
def pool3d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> torch.Tensor:
    """Returns the greatest number or the mean of each window of volumes.

    Args:
        x: a tensor `(N, D, H, W, C)`.
        pool_size: the depth, height and width of the window.
        strides: its steps.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        pool_mode: `"max"` or `"avg"`.

    Returns:
        A tensor `(N, new D, new H, new W, C)`.

    Example:
        >>> pool3d(torch.ones(1, 4, 4, 4, 3), (2, 2, 2), (2, 2, 2)).shape
        torch.Size([1, 2, 2, 2, 3])

    Source: `keras.backend.pool3d` of Keras 2.
    """
    return _pooled(x, pool_size, strides, padding, data_format, pool_mode)


# Weights of their own at each place -----------------------------------------------------------------------------------


def _local(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, places: Sequence[int], data_format: Any
) -> torch.Tensor:
    x, last = tensor(inputs), standardize_data_format(data_format) == "channels_last"
    seen = windows_of(x, tuple(kernel_size), tuple(strides), last)
    outputs = torch.bmm(seen, tensor(kernel)).permute((1, 0, 2) if last else (1, 2, 0))
    return outputs.unflatten(1 if last else 2, places)


@op("keras.backend")
def local_conv1d(
    inputs: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: str | None = None
) -> torch.Tensor:
    """Returns sequences connected to weights of their own at each step.

    Args:
        inputs: a tensor `(N, W, C)`.
        kernel: a tensor `(P, window * C, F)`.
        kernel_size: a tuple of the size of the window.
        strides: a tuple of its step.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor `(N, P, F)`.

    Example:
        >>> local_conv1d(torch.ones(1, 4, 3), torch.ones(3, 6, 5), (2,), (1,)).shape
        torch.Size([1, 3, 5])

    Source: `keras.backend.local_conv1d` of Keras 2.
    """
    return _local(inputs, kernel, kernel_size, strides, tensor(kernel).shape[:1], data_format)


@op("keras.backend")
def local_conv2d(
    inputs: Any,
    kernel: Any,
    kernel_size: Any,
    strides: Any,
    output_shape: Any,
    data_format: str | None = None,
) -> torch.Tensor:
    """Returns images connected to weights of their own at each place.

    Args:
        inputs: a tensor `(N, H, W, C)`.
        kernel: a tensor `(P, height * width * C, F)`.
        kernel_size: a tuple of the height and width of the window.
        strides: a tuple of its steps.
        output_shape: a tuple of the height and width of the result.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor `(N, new H, new W, F)`.

    Example:
        >>> local_conv2d(torch.ones(1, 3, 3, 1), torch.ones(4, 4, 5), (2, 2), (1, 1), (2, 2)).shape
        torch.Size([1, 2, 2, 5])

    Source: `keras.backend.local_conv2d` of Keras 2.
    """
    return _local(inputs, kernel, kernel_size, strides, as_shape(output_shape), data_format)
