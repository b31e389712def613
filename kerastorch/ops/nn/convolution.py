"""Convolutions.

Legend: N batch, spatial axes of one to three dimensions, C channels, F filters, M the depth multiplier. Inputs are
(N, *spatial, C), or (N, C, *spatial) with channels first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.errors import ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.nn import windows
from kerastorch.ops.plans import planned

_nn = op("keras.ops.nn")

_Shape = Sequence[int]
_KERNEL_TO_TORCH = {3: (2, 1, 0), 4: (3, 2, 0, 1), 5: (4, 3, 0, 1, 2)}


def _channels(shape: _Shape, kernel: _Shape, channels_first: bool) -> int:
    """The number of channels of inputs whose rank is right."""
    if not len(kernel) == len(shape) <= 5 or len(shape) < 3:
        raise ShapeError(
            "Inputs have 3, 4 or 5 axes, for one, two or three spatial ones, and the kernel has as many. "
            f"Received: inputs of shape {tuple(shape)}, kernel of shape {tuple(kernel)}."
        )
    return shape[1] if channels_first else shape[-1]


def _mismatch(channels: int, expected: int) -> ShapeError:
    return ShapeError(
        "The number of input channels must match the kernel's input channels. "
        f"Received: input channels={channels}, kernel input channels={expected}."
    )


@planned
def _slide(
    shape: _Shape, kernel: _Shape, channels_first: bool, strides: Any, padding: str, dilation: Any
) -> tuple[windows.Slide, int]:
    """How the window of a kernel (*spatial, C / groups, F) moves, and the number of groups."""
    channels, expected = _channels(shape, kernel, channels_first), kernel[-2]
    if not expected or channels % expected:
        raise _mismatch(channels, expected)
    sizes = shape[2:] if channels_first else shape[1:-1]
    return windows.slide(sizes, kernel[:-2], strides, padding, dilation), channels // expected


@planned
def _slide_apart(
    shape: _Shape, kernel: _Shape, channels_first: bool, strides: Any, padding: str, dilation: Any
) -> tuple[windows.Slide, int, tuple[int, ...], tuple[int, ...]]:
    """How the window of a kernel (*spatial, C, M) moves, the number of groups, torch's order of axes and shape."""
    channels, rank = _channels(shape, kernel, channels_first), len(kernel) - 2
    if channels != kernel[-2]:
        raise _mismatch(channels, kernel[-2])
    sizes = shape[2:] if channels_first else shape[1:-1]
    how = windows.slide(sizes, kernel[:-2], strides, padding, dilation)
    return how, channels, (rank, rank + 1, *range(rank)), (channels * kernel[-1], 1, *kernel[:-2])


@planned
def _spread(
    shape: _Shape,
    kernel: _Shape,
    channels_first: bool,
    strides: Any,
    padding: str,
    output_padding: Any,
    dilation: Any,
) -> windows.Spread:
    """How the windows of a kernel (*spatial, F, C) are laid on the output."""
    channels = _channels(shape, kernel, channels_first)
    if channels != kernel[-1]:
        raise _mismatch(channels, kernel[-1])
    return windows.spread(kernel[:-2], strides, padding, output_padding, dilation)


def _to_torch(kernel: torch.Tensor) -> torch.Tensor:
    """A kernel (*spatial, a, b) as (b, a, *spatial)."""
    return torch.permute(kernel, _KERNEL_TO_TORCH[kernel.ndim])


def _apart(
    x: torch.Tensor, kernel: torch.Tensor, first: bool, strides: Any, padding: str, dilation: Any
) -> torch.Tensor:
    """A convolution of each channel alone, in torch's order of axes."""
    how, groups, order, size = _slide_apart(x.shape, kernel.shape, first, strides, padding, dilation)
    kernel = torch.permute(kernel, order).reshape(size)
    return windows.convolved(windows.channels_second(x, first), kernel, how, groups)


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
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    kernel = kernel if isinstance(kernel, torch.Tensor) else tensor(kernel)
    first = standardize_data_format(data_format) == "channels_first"
    how, groups = _slide(x.shape, kernel.shape, first, strides, padding, dilation_rate)
    y = windows.convolved(windows.channels_second(x, first), _to_torch(kernel), how, groups)
    return windows.channels_back(y, first)


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
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    kernel = kernel if isinstance(kernel, torch.Tensor) else tensor(kernel)
    first = standardize_data_format(data_format) == "channels_first"
    return windows.channels_back(_apart(x, kernel, first, strides, padding, dilation_rate), first)


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
    x, kernel, mixing = (
        x if isinstance(x, torch.Tensor) else tensor(x) for x in (inputs, depthwise_kernel, pointwise_kernel)
    )
    first = standardize_data_format(data_format) == "channels_first"
    apart = _apart(x, kernel, first, strides, padding, dilation_rate)
    how, groups = _slide(apart.shape, mixing.shape, True, 1, "valid", 1)
    return windows.channels_back(windows.convolved(apart, _to_torch(mixing), how, groups), first)


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
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    kernel = kernel if isinstance(kernel, torch.Tensor) else tensor(kernel)
    first = standardize_data_format(data_format) == "channels_first"
    how = _spread(x.shape, kernel.shape, first, strides, padding, output_padding, dilation_rate)
    y = windows.spread_out(windows.channels_second(x, first), _to_torch(kernel), how)
    return windows.channels_back(y, first)
