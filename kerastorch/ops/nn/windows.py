"""What convolution and pooling do on torch's order of axes, once their arguments are understood.

Legend: N batch, C channels. Arrays are (N, C, *spatial) here; Keras's and TensorFlow's usual (N, *spatial, C) is a view
of them. A sequence is an image of height one, because torch would copy it to change the order of its axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

_CONVOLVE: dict[int, Any] = {4: F.conv2d, 5: F.conv3d}
_SPREAD: dict[int, Any] = {4: F.conv_transpose2d, 5: F.conv_transpose3d}
_LARGEST: dict[int, Any] = {4: torch.max_pool2d, 5: torch.max_pool3d}
_MEAN: dict[int, Any] = {4: F.avg_pool2d, 5: F.avg_pool3d}
_TO_TORCH = {3: (0, 2, 1), 4: (0, 3, 1, 2), 5: (0, 4, 1, 2, 3)}
_FROM_TORCH = {3: (0, 2, 1), 4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}

Sides = Sequence[tuple[int, int]]


def channels_second(x: torch.Tensor, channels_first: bool) -> torch.Tensor:
    """Returns an input as torch wants it, (N, C, *spatial), as a view.

    Args:
        x: the input.
        channels_first: whether it has that order already.

    Example:
        >>> channels_second(torch.ones(1, 5, 3), False).shape
        torch.Size([1, 3, 5])
    """
    return x if channels_first else torch.permute(x, _TO_TORCH[x.ndim])


def channels_back(x: torch.Tensor, channels_first: bool) -> torch.Tensor:
    """Returns a result of torch in the order of the input.

    Args:
        x: the result, (N, C, *spatial).
        channels_first: whether that is the order wanted.

    Example:
        >>> channels_back(torch.ones(1, 3, 5), False).shape
        torch.Size([1, 5, 3])
    """
    return x if channels_first else torch.permute(x, _FROM_TORCH[x.ndim])


def padded(x: torch.Tensor, sides: Sides, value: float = 0.0) -> torch.Tensor:
    """Returns an input (N, C, *spatial) with numbers added around it.

    Args:
        x: the input.
        sides: how many before and after each spatial axis; negative ones are cut off.
        value: what is added. Default: 0.

    Example:
        >>> padded(torch.ones(1, 1, 2), [(0, 1)]).tolist()
        [[[1.0, 1.0, 0.0]]]
    """
    if not any(low or high for low, high in sides):
        return x
    return F.pad(x, [number for pair in reversed(sides) for number in pair], value=value)


def dilated(windows: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """Returns the sizes of windows with the distances between their elements.

    Args:
        windows: the numbers of elements.
        dilation: the distances between them.

    Example:
        >>> dilated([3, 3], [1, 2])
        [3, 5]
    """
    return [gap * (size - 1) + 1 for size, gap in zip(windows, dilation, strict=True)]


def convolved(
    x: torch.Tensor,
    kernel: torch.Tensor,
    strides: Sequence[int],
    sides: Sides,
    dilation: Sequence[int],
    groups: int = 1,
) -> torch.Tensor:
    """Returns a convolution.

    Args:
        x: the input, (N, C, *spatial).
        kernel: (out, C / groups, *spatial).
        strides: the steps of the window.
        sides: how many zeros stand before and after each spatial axis.
        dilation: the distances between the elements of the window.
        groups: the number of groups of channels that stay apart.

    Example:
        >>> convolved(torch.ones(1, 1, 4), torch.ones(1, 1, 2), [2], [(0, 0)], [1]).tolist()
        [[[2.0, 2.0]]]
    """
    if x.ndim == 3:
        sides = [(0, 0), *sides]
        image = convolved(x.unsqueeze(2), kernel.unsqueeze(2), [1, *strides], sides, [1, *dilation], groups)
        return image.squeeze(2)
    convolve = _CONVOLVE[x.ndim]
    if all(low == high for low, high in sides):
        return convolve(x, kernel, None, strides, [low for low, _ in sides], dilation, groups)
    return convolve(padded(x, sides), kernel, None, strides, 0, dilation, groups)


def spread_out(
    x: torch.Tensor,
    kernel: torch.Tensor,
    strides: Sequence[int],
    cuts: Sides,
    dilation: Sequence[int],
) -> torch.Tensor:
    """Returns a transposed convolution: each number lays a window of the kernel on the output.

    Args:
        x: the input, (N, C, *spatial).
        kernel: (C, out, *spatial).
        strides: the distances between the windows.
        cuts: how much is cut off before and after each spatial axis; negative numbers add zeros after it.
        dilation: the distances between the elements of the window.

    Example:
        >>> spread_out(torch.ones(1, 1, 2), torch.ones(1, 1, 2), [2], [(0, -1)], [1]).tolist()
        [[[1.0, 1.0, 1.0, 1.0, 0.0]]]
    """
    if x.ndim == 3:
        cuts = [(0, 0), *cuts]
        return spread_out(x.unsqueeze(2), kernel.unsqueeze(2), [1, *strides], cuts, [1, *dilation]).squeeze(2)
    before = [low for low, _ in cuts]
    more = [max(low - high, 0) for low, high in cuts]
    y = _SPREAD[x.ndim](x, kernel, None, strides, before, more, 1, dilation)
    for axis, (low, high) in enumerate(cuts, start=2):
        if high > low:
            y = y.narrow(axis, 0, y.shape[axis] - (high - low))
    return y


def largest(
    x: torch.Tensor, window: Sequence[int], strides: Sequence[int], sides: Sides, dilation: Any = 1
) -> torch.Tensor:
    """Returns the largest number of each window; what lies outside of the input does not count.

    Args:
        x: the input, (N, C, *spatial).
        window: the sizes of the window.
        strides: its steps.
        sides: how far windows reach out before and after each spatial axis.
        dilation: the distances between the elements of the window.

    Example:
        >>> largest(torch.tensor([[[-3.0, -1.0, -2.0]]]), [2], [2], [(0, 1)]).tolist()
        [[[-1.0, -2.0]]]
    """
    if x.ndim == 3:
        gaps = dilation if isinstance(dilation, int) else [1, *dilation]
        return largest(x.unsqueeze(2), [1, *window], [1, *strides], [(0, 0), *sides], gaps).squeeze(2)
    if all(low == high for low, high in sides):
        return _LARGEST[x.ndim](x, window, strides, [low for low, _ in sides], dilation)
    lowest = -torch.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
    return _LARGEST[x.ndim](padded(x, sides, lowest), window, strides, 0, dilation)


def mean(x: torch.Tensor, window: Sequence[int], strides: Sequence[int], sides: Sides) -> torch.Tensor:
    """Returns the mean of each window; what lies outside of the input does not count.

    Args:
        x: the input, (N, C, *spatial).
        window: the sizes of the window.
        strides: its steps.
        sides: how far windows reach out before and after each spatial axis.

    Example:
        >>> mean(torch.tensor([[[1.0, 3.0, 5.0]]]), [2], [2], [(0, 1)]).tolist()
        [[[2.0, 5.0]]]
    """
    if x.ndim == 3:
        return mean(x.unsqueeze(2), [1, *window], [1, *strides], [(0, 0), *sides]).squeeze(2)
    average = _MEAN[x.ndim]
    if all(low == high for low, high in sides):
        return average(x, window, strides, [low for low, _ in sides], count_include_pad=False)
    share = average(padded(torch.ones_like(x[:1, :1]), sides), window, strides)
    return average(padded(x, sides), window, strides) / share
