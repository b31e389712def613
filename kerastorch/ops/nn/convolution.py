"""Convolutions.

Legend: N batch, spatial axes of one to three dimensions, C channels, F filters, M the depth multiplier. Inputs are
(N, *spatial, C), or (N, C, *spatial) with channels first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
def _together(
    shape: _Shape, kernel: _Shape, first: bool, strides: Any, padding: str, dilation: Any
) -> Callable[..., torch.Tensor]:
    """The convolution with a kernel (*spatial, C / groups, F)."""
    channels, expected = _channels(shape, kernel, first), kernel[-2]
    if not expected or channels % expected:
        raise _mismatch(channels, expected)
    how = windows.slide(shape[2:] if first else shape[1:-1], kernel[:-2], strides, padding, dilation)
    run = windows.convolution(how, _KERNEL_TO_TORCH[len(kernel)], channels // expected)
    return windows.in_order(run, len(shape), first)


def _apart(
    shape: _Shape, kernel: _Shape, first: bool, strides: Any, padding: str, dilation: Any
) -> Callable[..., torch.Tensor]:
    """The convolution of each channel alone with a kernel (*spatial, C, M), on torch's order of axes."""
    channels, rank = _channels(shape, kernel, first), len(kernel) - 2
    if channels != kernel[-2]:
        raise _mismatch(channels, kernel[-2])
    how = windows.slide(shape[2:] if first else shape[1:-1], kernel[:-2], strides, padding, dilation)
    window = (1, *kernel[:-2]) if rank == 1 else kernel[:-2]
    size = (channels * kernel[-1], 1, *window)
    return windows.convolution(how, (rank, rank + 1, *range(rank)), channels, size)


@planned
def _depthwise(shape: _Shape, kernel: _Shape, first: bool, *settings: Any) -> Callable[..., torch.Tensor]:
    return windows.in_order(_apart(shape, kernel, first, *settings), len(shape), first)


@planned
def _separable(
    shape: _Shape, kernel: _Shape, mixing: _Shape, first: bool, *settings: Any
) -> Callable[..., torch.Tensor]:
    """The convolution of each channel alone, followed by one with a kernel (1, ..., C * M, F)."""
    apart, channels = _apart(shape, kernel, first, *settings), kernel[-2] * kernel[-1]
    if len(mixing) != len(kernel) or not mixing[-2] or channels % mixing[-2]:
        raise _mismatch(channels, mixing[-2])
    how = windows.slide(mixing[:-2], mixing[:-2], 1, "valid")
    mix = windows.convolution(how, _KERNEL_TO_TORCH[len(mixing)], channels // mixing[-2])

    def run(x: torch.Tensor, kernels: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return mix(apart(x, kernels[0]), kernels[1])

    return windows.in_order(run, len(shape), first)


@planned
def _transposed(
    shape: _Shape,
    kernel: _Shape,
    first: bool,
    strides: Any,
    padding: str,
    output_padding: Any,
    dilation: Any,
) -> Callable[..., torch.Tensor]:
    """The transposed convolution with a kernel (*spatial, F, C)."""
    channels = _channels(shape, kernel, first)
    if channels != kernel[-1]:
        raise _mismatch(channels, kernel[-1])
    how = windows.spread(kernel[:-2], strides, padding, output_padding, dilation)
    run = windows.transposed(how, _KERNEL_TO_TORCH[len(kernel)])
    return windows.in_order(run, len(shape), first)


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
    return _together(x.shape, kernel.shape, first, strides, padding, dilation_rate)(x, kernel)


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
    return _depthwise(x.shape, kernel.shape, first, strides, padding, dilation_rate)(x, kernel)


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
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    kernel = depthwise_kernel if isinstance(depthwise_kernel, torch.Tensor) else tensor(depthwise_kernel)
    mixing = pointwise_kernel if isinstance(pointwise_kernel, torch.Tensor) else tensor(pointwise_kernel)
    first = standardize_data_format(data_format) == "channels_first"
    run = _separable(x.shape, kernel.shape, mixing.shape, first, strides, padding, dilation_rate)
    return run(x, (kernel, mixing))


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
    run = _transposed(x.shape, kernel.shape, first, strides, padding, output_padding, dilation_rate)
    return run(x, kernel)
