"""Convolutions."""

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
from kerastorch.compat.tensorflow.operation import integers, operands, operation
from kerastorch.errors import ShapeError
from kerastorch.ops.nn.windows import channels_back, channels_second

_CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def _torch_kernel(filters: torch.Tensor) -> torch.Tensor:
    """A kernel (*spatial, in, out) as (out, in, *spatial)."""
    return filters.permute(-1 % filters.ndim, -2 % filters.ndim, *range(filters.ndim - 2))


def _spread(windows: Any, dilations: list[int]) -> list[int]:
    return [dilation * (size - 1) + 1 for size, dilation in zip(windows, dilations, strict=True)]


def _convolved(
    x: torch.Tensor,
    kernel: torch.Tensor,
    strides: Any,
    padding: Any,
    data_format: Any,
    dilations: Any,
    groups: int = 0,
) -> torch.Tensor:
    """A convolution with a kernel as torch has it; without `groups` they follow from the channels."""
    rank, first = kernel.ndim - 2, is_channels_first(data_format)
    steps = per_axis(strides, rank, "strides", first)
    spaces = per_axis(dilations, rank, "dilations", first)
    x = channels_second(x, first)
    groups = groups or max(x.shape[1] // kernel.shape[1], 1)
    pairs = amounts(padding, x.shape[2:], _spread(kernel.shape[2:], spaces), steps, first)
    if all(low == high for low, high in pairs):
        y = _CONVOLVE[rank](x, kernel, None, steps, [low for low, _ in pairs], spaces, groups)
    else:
        y = _CONVOLVE[rank](padded(x, pairs), kernel, None, steps, 0, spaces, groups)
    return channels_back(y, first)


@operation("tf.nn")
def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Returns the convolution of inputs of one to three spatial axes with filters.

    Args:
        input: the inputs, (N, *spatial, C).
        filters: the filters, (*spatial, C, out).
        strides: the steps. Default: 1.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis. Default: `"VALID"`.
        data_format: the order of the axes, such as `"NHWC"`. Default: channels last.
        dilations: the distances within a filter. Default: 1.

    Example:
        >>> convolution(torch.ones(1, 4, 1), torch.ones(2, 1, 1)).flatten().tolist()
        [2.0, 2.0, 2.0]

    Source: `tf.nn.convolution`
    """
    input, filters = operands(input, filters)
    return _convolved(input, _torch_kernel(filters), strides, padding, data_format, dilations)


@operation("tf.nn")
def conv1d(
    input: Any, filters: Any, stride: Any, padding: Any, data_format: str = "NWC", dilations: Any = None
) -> Any:
    """Returns the convolution of sequences with filters.

    Args:
        input: the sequences, (N, W, C).
        filters: the filters, (W, C, out).
        stride: the step.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis.
        data_format: `"NWC"` or `"NCW"`. Default: `"NWC"`.
        dilations: the distance within a filter. Default: 1.

    Example:
        >>> conv1d(torch.ones(1, 4, 1), torch.ones(2, 1, 1), 2, "VALID").flatten().tolist()
        [2.0, 2.0]

    Source: `tf.nn.conv1d`
    """
    return convolution(input, filters, stride, padding, data_format, dilations)


@operation("tf.nn")
def conv2d(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: str = "NHWC", dilations: Any = None
) -> Any:
    """Returns the convolution of images with filters.

    Args:
        input: the images, (N, H, W, C).
        filters: the filters, (H, W, C, out).
        strides: the steps: one integer, two, or four with ones for the batch and the channels.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis.
        data_format: `"NHWC"` or `"NCHW"`. Default: `"NHWC"`.
        dilations: the distances within a filter. Default: 1.

    Example:
        >>> conv2d(torch.ones(1, 2, 2, 1), torch.ones(2, 2, 1, 1), [1, 1, 1, 1], "SAME").flatten().tolist()
        [4.0, 2.0, 2.0, 1.0]

    Source: `tf.nn.conv2d`
    """
    return convolution(input, filters, strides, padding, data_format, dilations)


@operation("tf.nn")
def conv3d(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: str = "NDHWC", dilations: Any = None
) -> Any:
    """Returns the convolution of volumes with filters.

    Args:
        input: the volumes, (N, D, H, W, C).
        filters: the filters, (D, H, W, C, out).
        strides: the steps: one integer, three, or five with ones for the batch and the channels.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis.
        data_format: `"NDHWC"` or `"NCDHW"`. Default: `"NDHWC"`.
        dilations: the distances within a filter. Default: 1.

    Example:
        >>> conv3d(torch.ones(1, 2, 2, 2, 1), torch.ones(2, 2, 2, 1, 1), [1] * 5, "VALID").flatten().tolist()
        [8.0]

    Source: `tf.nn.conv3d`
    """
    return convolution(input, filters, strides, padding, data_format, dilations)


@operation("tf.nn")
def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any) -> Any:
    """Returns the convolution of images with filters that have holes.

    Args:
        value: the images, (N, H, W, C).
        filters: the filters, (H, W, C, out).
        rate: the distance within a filter.
        padding: `"SAME"` or `"VALID"`.

    Example:
        >>> atrous_conv2d(torch.ones(1, 3, 3, 1), torch.ones(2, 2, 1, 1), 2, "VALID").flatten().tolist()
        [4.0]

    Source: `tf.nn.atrous_conv2d`
    """
    return convolution(value, filters, 1, padding, None, rate)


@operation("tf.nn")
def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: Any, data_format: str | None = None, dilations: Any = None
) -> Any:
    """Returns the convolution of each channel of images with filters of its own.

    Args:
        input: the images, (N, H, W, C).
        filter: the filters, (H, W, C, multiplier).
        strides: the steps.
        padding: `"SAME"`, `"VALID"`, or a pair for every axis.
        data_format: `"NHWC"` or `"NCHW"`. Default: `"NHWC"`.
        dilations: the distances within a filter. Default: 1.

    Returns:
        A tensor with `C * multiplier` channels.

    Example:
        >>> depthwise_conv2d(torch.ones(1, 2, 2, 3), torch.ones(2, 2, 3, 2), [1, 1, 1, 1], "VALID").shape
        torch.Size([1, 1, 1, 6])

    Source: `tf.nn.depthwise_conv2d`
    """
    input, filter = operands(input, filter)
    channels = filter.shape[2]
    kernel = filter.permute(2, 3, 0, 1).reshape(-1, 1, *filter.shape[:2])
    return _convolved(input, kernel, strides, padding, data_format, dilations, groups=channels)


@operation("tf.nn")
def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Returns a depthwise convolution followed by one that mixes the channels.

    Args:
        input: the images, (N, H, W, C).
        depthwise_filter: the filters of each channel, (H, W, C, multiplier).
        pointwise_filter: what mixes the channels, (1, 1, C * multiplier, out).
        strides: the steps of the first.
        padding: the padding of the first.
        data_format: `"NHWC"` or `"NCHW"`. Default: `"NHWC"`.
        dilations: the distances within a filter of the first. Default: 1.

    Example:
        >>> first, second = torch.ones(2, 2, 3, 1), torch.ones(1, 1, 3, 5)
        >>> separable_conv2d(torch.ones(1, 2, 2, 3), first, second, 1, "VALID").flatten().tolist()
        [12.0, 12.0, 12.0, 12.0, 12.0]

    Source: `tf.nn.separable_conv2d`
    """
    middle = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return convolution(middle, pointwise_filter, 1, "VALID", data_format)


@operation("tf.nn")
def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Returns the gradient of a convolution with respect to its input, often called deconvolution.

    Args:
        input: the inputs, (N, *spatial, C).
        filters: the filters, (*spatial, out, C).
        output_shape: the shape of the result, with or without the batch and the channels.
        strides: the steps.
        padding: `"SAME"` or `"VALID"`. Default: `"SAME"`.
        data_format: the order of the axes, such as `"NHWC"`. Default: channels last.
        dilations: the distances within a filter. Default: 1.

    Raises:
        ShapeError: when a convolution of an output of this shape would not give the input.

    Example:
        >>> conv_transpose(torch.ones(1, 2, 1), torch.ones(2, 1, 1), [1, 4, 1], 2).flatten().tolist()
        [1.0, 1.0, 1.0, 1.0]

    Source: `tf.nn.conv_transpose`
    """
    input, filters = operands(input, filters)
    rank, first = filters.ndim - 2, is_channels_first(data_format)
    steps, spaces = per_axis(strides, rank, "strides", first), per_axis(dilations, rank, "dilations", first)
    sizes = integers(output_shape)
    sizes = (sizes[2:] if first else sizes[1:-1]) if len(sizes) == rank + 2 else sizes
    windows = _spread(filters.shape[:rank], spaces)
    x = channels_second(input, first)
    pairs = amounts(padding, sizes, windows, steps, first)
    expected = [
        (size + low + high - window) // step + 1
        for size, (low, high), window, step in zip(sizes, pairs, windows, steps, strict=True)
    ]
    if expected != list(x.shape[2:]):
        raise ShapeError(
            f"tf.nn.conv_transpose: an output of size {sizes} belongs to an input of size {expected}. "
            f"Received: an input of size {list(x.shape[2:])}, strides={steps}, padding={padding!r}."
        )
    y = _TRANSPOSED[rank](x, _torch_kernel(filters), None, steps, 0, 0, 1, spaces)
    cuts = [(-low, size + low - full) for size, (low, _), full in zip(sizes, pairs, y.shape[2:], strict=True)]
    return channels_back(padded(y, cuts), first)


@operation("tf.nn")
def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
) -> Any:
    """Returns the gradient of a convolution of sequences with respect to its input.

    Args:
        input: the inputs, (N, W, C).
        filters: the filters, (W, out, C).
        output_shape: the shape of the result.
        strides: the step.
        padding: `"SAME"` or `"VALID"`. Default: `"SAME"`.
        data_format: `"NWC"` or `"NCW"`. Default: `"NWC"`.
        dilations: the distance within a filter. Default: 1.

    Example:
        >>> conv1d_transpose(torch.ones(1, 2, 1), torch.ones(2, 1, 1), [1, 4, 1], 2).shape
        torch.Size([1, 4, 1])

    Source: `tf.nn.conv1d_transpose`
    """
    return conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations)


@operation("tf.nn")
def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
) -> Any:
    """Returns the gradient of a convolution of images with respect to its input.

    Args:
        input: the inputs, (N, H, W, C).
        filters: the filters, (H, W, out, C).
        output_shape: the shape of the result.
        strides: the steps.
        padding: `"SAME"` or `"VALID"`. Default: `"SAME"`.
        data_format: `"NHWC"` or `"NCHW"`. Default: `"NHWC"`.
        dilations: the distances within a filter. Default: 1.

    Example:
        >>> conv2d_transpose(torch.ones(1, 2, 2, 3), torch.ones(3, 3, 5, 3), [1, 4, 4, 5], 2).shape
        torch.Size([1, 4, 4, 5])

    Source: `tf.nn.conv2d_transpose`
    """
    return conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations)


@operation("tf.nn")
def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
) -> Any:
    """Returns the gradient of a convolution of volumes with respect to its input.

    Args:
        input: the inputs, (N, D, H, W, C).
        filters: the filters, (D, H, W, out, C).
        output_shape: the shape of the result.
        strides: the steps.
        padding: `"SAME"` or `"VALID"`. Default: `"SAME"`.
        data_format: `"NDHWC"` or `"NCDHW"`. Default: `"NDHWC"`.
        dilations: the distances within a filter. Default: 1.

    Example:
        >>> conv3d_transpose(torch.ones(1, 1, 1, 1, 1), torch.ones(2, 2, 2, 1, 1), [1, 2, 2, 2, 1], 2).shape
        torch.Size([1, 2, 2, 2, 1])

    Source: `tf.nn.conv3d_transpose`
    """
    return conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations)
