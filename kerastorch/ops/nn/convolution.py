"""Convolutions.

Legend: N batch, spatial axes of one to three dimensions, C channels, F filters, M the depth multiplier. Inputs are
(N, *spatial, C), or (N, C, *spatial) with channels first.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.errors import ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.nn import windows

_nn = op("keras.ops.nn")

_KERNEL_TO_TORCH = {3: (2, 1, 0), 4: (3, 2, 0, 1), 5: (4, 3, 0, 1, 2)}


def _checked_rank(x: torch.Tensor, *kernels: torch.Tensor) -> int:
    """The number of spatial axes."""
    if not 3 <= x.ndim <= 5 or any(kernel.ndim != x.ndim for kernel in kernels):
        shapes = ", ".join(str(tuple(kernel.shape)) for kernel in kernels)
        raise ShapeError(
            "Inputs have 3, 4 or 5 axes, for one, two or three spatial ones, and the kernel has as many. "
            f"Received: inputs of shape {tuple(x.shape)}, kernel of shape {shapes}."
        )
    return x.ndim - 2


def _mismatch(channels: int, expected: int) -> ShapeError:
    return ShapeError(
        "The number of input channels must match the kernel's input channels. "
        f"Received: input channels={channels}, kernel input channels={expected}."
    )


def _slid(
    x: torch.Tensor,
    kernel: torch.Tensor,
    strides: Any,
    padding: str,
    channels_first: bool,
    dilation_rate: Any,
    groups: int,
) -> torch.Tensor:
    """A convolution of an array of Keras's with a kernel of torch's."""
    x = windows.channels_second(x, channels_first)
    how = windows.slide(x.shape[2:], kernel.shape[2:], strides, padding, dilation_rate)
    return windows.channels_back(windows.convolved(x, kernel, how, groups), channels_first)


def _to_torch(kernel: torch.Tensor) -> torch.Tensor:
    """A kernel (*spatial, a, b) as (b, a, *spatial)."""
    return torch.permute(kernel, _KERNEL_TO_TORCH[kernel.ndim])


@_nn
def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Returns a convolution of one to three spatial axes.

    Args:
        inputs: a tensor (N, *spatial, C).
        kernel: a tensor (*spatial, C / groups, F); fewer channels than the inputs have make groups of them.
        strides: the step of the window, an integer or one for each spatial axis.
        padding: `"valid"` uses whole windows only; `"same"` pads with zeros so that a stride of one keeps the size.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.

    Returns:
        A tensor (N, *new spatial, F).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when ranks, channels or the sizes of input and window do not fit.

    Example:
        >>> conv(torch.ones(1, 4, 1), torch.ones(2, 1, 1), padding="same").flatten().tolist()
        [2.0, 2.0, 2.0, 1.0]

    Source: `keras.ops.conv`, `torch.nn.functional.conv2d`.
    """
    x, kernel = tensor(inputs), tensor(kernel)
    _checked_rank(x, kernel)
    first = standardize_data_format(data_format) == "channels_first"
    channels, expected = x.shape[1 if first else -1], kernel.shape[-2]
    if not expected or channels % expected:
        raise _mismatch(channels, expected)
    return _slid(x, _to_torch(kernel), strides, padding, first, dilation_rate, channels // expected)


@_nn
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Returns a convolution of each channel with kernels of its own.

    Args:
        inputs: a tensor (N, *spatial, C).
        kernel: a tensor (*spatial, C, M).
        strides: the step of the window, an integer or one for each spatial axis.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.

    Returns:
        A tensor (N, *new spatial, C * M).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when ranks, channels or the sizes of input and window do not fit.

    Example:
        >>> depthwise_conv(torch.ones(1, 4, 3), torch.ones(2, 3, 2)).shape
        torch.Size([1, 3, 6])

    Source: `keras.ops.depthwise_conv`, `torch.nn.functional.conv2d` with as many groups as channels.
    """
    x, kernel = tensor(inputs), tensor(kernel)
    rank = _checked_rank(x, kernel)
    first = standardize_data_format(data_format) == "channels_first"
    channels = x.shape[1 if first else -1]
    if channels != kernel.shape[-2]:
        raise _mismatch(channels, kernel.shape[-2])
    apart = kernel.permute(rank, rank + 1, *range(rank)).flatten(0, 1).unsqueeze(1)
    return _slid(x, apart, strides, padding, first, dilation_rate, channels)


@_nn
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Returns a convolution of each channel alone, followed by one that mixes the channels at each place.

    Args:
        inputs: a tensor (N, *spatial, C).
        depthwise_kernel: a tensor (*spatial, C, M).
        pointwise_kernel: a tensor (1, ..., C * M, F).
        strides: the step of the first window, an integer or one for each spatial axis.
        padding: `"valid"` or `"same"`, for the first.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the first window.

    Returns:
        A tensor (N, *new spatial, F).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when ranks, channels or the sizes of input and window do not fit.

    Example:
        >>> separable_conv(torch.ones(1, 4, 3), torch.ones(2, 3, 2), torch.ones(1, 6, 5)).shape
        torch.Size([1, 3, 5])

    Source: `keras.ops.separable_conv`; Chollet, 2017.
    """
    apart = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(apart, pointwise_kernel, 1, "valid", data_format)


@_nn
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Returns the gradient of a convolution with respect to its input, often called deconvolution.

    Args:
        inputs: a tensor (N, *spatial, C).
        kernel: a tensor (*spatial, F, C).
        strides: by how much the output is larger, an integer or one for each spatial axis.
        padding: `"valid"` keeps every window whole; `"same"` makes an output of `strides` times the input's size.
        output_padding: how much larger than its smallest size the output is, an integer below `strides` or one for each
            spatial axis; None chooses it by `padding`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: the distance between the elements of the window, an integer or one for each spatial axis.

    Returns:
        A tensor (N, *new spatial, F).

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when ranks or channels do not fit.

    Example:
        >>> conv_transpose(torch.ones(1, 2, 1), torch.ones(2, 1, 1), 2).flatten().tolist()
        [1.0, 1.0, 1.0, 1.0]

    Source: `keras.ops.conv_transpose`, `torch.nn.functional.conv_transpose2d`.
    """
    x, kernel = tensor(inputs), tensor(kernel)
    rank = _checked_rank(x, kernel)
    first = standardize_data_format(data_format) == "channels_first"
    channels = x.shape[1 if first else -1]
    if channels != kernel.shape[-1]:
        raise _mismatch(channels, kernel.shape[-1])
    how = windows.spread(kernel.shape[:rank], strides, padding, output_padding, dilation_rate)
    y = windows.spread_out(windows.channels_second(x, first), _to_torch(kernel), how)
    return windows.channels_back(y, first)
