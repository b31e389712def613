"""Pictures: windows and blocks of pixels, and how much two of them differ.

Legend: N batch, H height, W width, C channels, L windows.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.config import standardize_data_format
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import HALF, floating, like, op, tensor, together

_nn = op("keras.ops.nn")


def _with_axes(x: Any, count: int) -> torch.Tensor:
    x = tensor(x)
    if x.ndim != count:
        raise ShapeError(f"Input must be a {count}D tensor. Received: input.shape={tuple(x.shape)}.")
    return x


@_nn
def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Returns each window of pictures as one column.

    Args:
        x: a tensor (N, C, H, W).
        kernel_size: the height and width of the window in pixels, an integer or two.
        dilation: the distances between the pixels of a window, an integer or two.
        padding: how many zeros are added on every side, an integer or two.
        stride: the steps of the window, an integer or two.

    Returns:
        A tensor (N, C * height * width, L).

    Raises:
        InvalidArgumentError: when the window does not fit.
        ShapeError: when `x` has another number of axes.

    Example:
        >>> unfold(torch.ones(1, 2, 4, 4), 2, stride=2).shape
        torch.Size([1, 8, 4])

    Source: `keras.ops.unfold`, `torch.nn.functional.unfold`.
    """
    return F.unfold(_with_axes(x, 4), kernel_size, dilation, padding, stride)


@_nn
def fold(
    x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """Returns pictures from their windows, with the sum where windows overlap.

    Args:
        x: a tensor (N, C * height * width, L).
        output_size: the height and width of the pictures in pixels, an integer or two.
        kernel_size: the height and width of the window in pixels, an integer or two.
        dilation: the distances between the pixels of a window, an integer or two.
        padding: how many pixels are cut off on every side, an integer or two.
        stride: the steps of the window, an integer or two.

    Returns:
        A tensor (N, C, H, W).

    Raises:
        InvalidArgumentError: when the sizes do not fit.
        ShapeError: when `x` has another number of axes.

    Example:
        >>> fold(torch.ones(1, 8, 4), 4, 2, stride=2).shape
        torch.Size([1, 2, 4, 4])

    Source: `keras.ops.fold`, `torch.nn.functional.fold`.
    """
    return F.fold(_with_axes(x, 3), output_size, kernel_size, dilation, padding, stride)


def _blocks(x: Any, block_size: int, data_format: str) -> tuple[torch.Tensor, bool]:
    """Pictures, and whether their channels are the second axis."""
    if block_size < 2:
        raise InvalidArgumentError(f"`block_size` must be at least 2. Received: block_size={block_size}.")
    return _with_axes(x, 4), standardize_data_format(data_format) == "channels_first"


@_nn
def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Returns pictures whose channels have become blocks of pixels.

    Args:
        x: a tensor (N, H, W, C), or (N, C, H, W) with channels first.
        block_size: the height and width of a block in pixels, at least 2.
        data_format: `"channels_last"`, where the channels of a pixel lie together, or `"channels_first"`, where its
            blocks do.

    Returns:
        A tensor with `block_size` times the height and width, and fewer channels.

    Raises:
        InvalidArgumentError: when `block_size` is below 2, or its square does not divide the channels.
        ShapeError: when `x` has another number of axes.

    Example:
        >>> depth_to_space([[[[1, 2, 3, 4]]]], 2).tolist()
        [[[[1], [2]], [[3], [4]]]]

    Source: `keras.ops.depth_to_space`, `torch.nn.functional.pixel_shuffle`.
    """
    x, first = _blocks(x, block_size, data_format)
    if first:
        return F.pixel_shuffle(x, block_size)
    n, h, w, c = x.shape
    if c % block_size**2:
        raise ShapeError(f"The number of channels ({c}) must be divisible by block_size**2.")
    parts = x.reshape(n, h, w, block_size, block_size, c // block_size**2).permute(0, 1, 3, 2, 4, 5)
    return parts.reshape(n, h * block_size, w * block_size, c // block_size**2)


@_nn
def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Any:
    """Returns pictures whose blocks of pixels have become channels.

    Args:
        x: a tensor (N, H, W, C), or (N, C, H, W) with channels first.
        block_size: the height and width of a block in pixels, at least 2.
        data_format: `"channels_last"`, where the channels of a pixel lie together, or `"channels_first"`, where its
            blocks do.

    Returns:
        A tensor with more channels, and the height and width divided by `block_size`.

    Raises:
        InvalidArgumentError: when `block_size` is below 2, or does not divide the height and the width.
        ShapeError: when `x` has another number of axes.

    Example:
        >>> space_to_depth([[[[1], [2]], [[3], [4]]]], 2).tolist()
        [[[[1, 2, 3, 4]]]]

    Source: `keras.ops.space_to_depth`, `torch.nn.functional.pixel_unshuffle`.
    """
    x, first = _blocks(x, block_size, data_format)
    if first:
        return F.pixel_unshuffle(x, block_size)
    n, h, w, c = x.shape
    if h % block_size or w % block_size:
        raise ShapeError(f"The height ({h}) and the width ({w}) must be divisible by block_size.")
    high, wide = h // block_size, w // block_size
    parts = x.reshape(n, high, block_size, wide, block_size, c).permute(0, 1, 3, 2, 4, 5)
    return parts.reshape(n, high, wide, c * block_size**2)


@_nn
def psnr(x1: Any, x2: Any, max_val: Any) -> Any:
    """Returns the ratio of the largest possible signal to the noise between two signals, in decibels.

    Args:
        x1: a signal.
        x2: another, of the same shape.
        max_val: the largest value that a signal can have.

    Returns:
        A tensor without axes; it is infinite for equal signals.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> round(psnr([0.0, 1.0], [0.5, 0.5], 1.0).item(), 4)
        6.0206

    Source: `keras.ops.psnr`.
    """
    x1, x2 = floating(x1), floating(x2)
    if x1.shape != x2.shape:
        raise ShapeError(
            f"Input shapes {tuple(x1.shape)} and {tuple(x2.shape)} must match for PSNR calculation."
        )
    level = math.log10(max_val) if type(max_val) in (int, float) else torch.log10(like(max_val, x1))
    return 20 * level - 10 * torch.log10(torch.mean((x1 - x2) ** 2))


@_nn
def polar(abs_: Any, angle: Any) -> Any:
    """Returns complex numbers from their sizes and angles.

    Args:
        abs_: the sizes.
        angle: the angles in radians; shapes are broadcast.

    Returns:
        A complex tensor.

    Example:
        >>> polar(2.0, 0.0).item()
        (2+0j)

    Source: `keras.ops.polar`, `torch.polar`.
    """
    sizes, angles = floating(abs_), floating(angle)
    if sizes.dtype is not angles.dtype:
        sizes, angles = together(sizes, angles)
    if sizes.dtype in HALF:  # torch has no such complex numbers to speak of
        sizes, angles = sizes.float(), angles.float()
    return torch.polar(sizes, angles)
