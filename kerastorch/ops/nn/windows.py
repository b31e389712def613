"""What convolution and pooling do on torch's order of axes, once their arguments are understood.

Legend: N batch, C channels. Arrays are (N, C, *spatial) here; Keras's and TensorFlow's usual (N, *spatial, C) is a view
of them. A sequence is an image of height one, because torch would copy it to change the order of its axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from kerastorch.core import spatial

Sizes = int | tuple[int, ...]

_CONVOLVE: dict[int, Any] = {4: F.conv2d, 5: F.conv3d}
_SPREAD: dict[int, Any] = {4: F.conv_transpose2d, 5: F.conv_transpose3d}
_LARGEST: dict[int, Any] = {4: torch.max_pool2d, 5: torch.max_pool3d}
_MEAN: dict[int, Any] = {4: F.avg_pool2d, 5: F.avg_pool3d}
_TO_TORCH = {4: (0, 3, 1, 2), 5: (0, 4, 1, 2, 3)}
_FROM_TORCH = {4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}


def channels_second(x: torch.Tensor, channels_first: bool) -> torch.Tensor:
    """Returns an input as torch wants it, (N, C, *spatial), as a view.

    Args:
        x: the input.
        channels_first: whether it has that order already.

    Example:
        >>> channels_second(torch.ones(1, 5, 3), False).shape
        torch.Size([1, 3, 5])
    """
    if channels_first:
        return x
    return x.mT if x.ndim == 3 else torch.permute(x, _TO_TORCH[x.ndim])


def channels_back(x: torch.Tensor, channels_first: bool) -> torch.Tensor:
    """Returns a result of torch in the order of the input.

    Args:
        x: the result, (N, C, *spatial).
        channels_first: whether that is the order wanted.

    Example:
        >>> channels_back(torch.ones(1, 3, 5), False).shape
        torch.Size([1, 5, 3])
    """
    if channels_first:
        return x
    return x.mT if x.ndim == 3 else torch.permute(x, _FROM_TORCH[x.ndim])


class Slide(NamedTuple):
    """How a window moves over an input: what torch is to be told.

    The axes of a sequence have one of length one before them. One number stands for equal ones.

    Attributes:
        window: the sizes of the window.
        strides: its steps.
        dilation: the distances between its elements.
        padding: what torch adds before and after each axis.
        widths: what has to be added before, in the order of `torch.nn.functional.pad`; empty for nothing.
    """

    window: Sizes
    strides: Sizes
    dilation: Sizes
    padding: Sizes
    widths: tuple[int, ...]


class Spread(NamedTuple):
    """How windows are laid on an output: what torch is to be told.

    The axes of a sequence have one of length one before them.

    Attributes:
        strides: the distances between the windows.
        dilation: the distances between the elements of a window.
        padding: what torch cuts off before and after each axis.
        output_padding: what it adds after each axis.
        cuts: pairs of an axis and what has to be cut off after it.
    """

    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]
    output_padding: tuple[int, ...]
    cuts: tuple[tuple[int, int], ...]


def slide(sizes: Sequence[int], window: Any, strides: Any, padding: str, dilation: Any = 1) -> Slide:
    """Returns how a window moves over an input.

    Args:
        sizes: the sizes of the spatial axes.
        window: the size of the window, an integer or one for each axis.
        strides: its step, likewise.
        padding: `"valid"` or `"same"`.
        dilation: the distance between its elements, likewise.

    Raises:
        InvalidArgumentError: when an argument is out of its range.
        ShapeError: when the window does not fit.

    Example:
        >>> slide((5,), 2, 1, "same").widths
        (0, 1, 0, 0)
    """
    rank = len(sizes)
    window = spatial.integers(window, rank, "pool_size")
    strides = spatial.integers(strides, rank, "strides")
    dilation = spatial.integers(dilation, rank, "dilation_rate")
    sides = spatial.sides(padding, sizes, _dilated(window, dilation), strides)
    if rank == 1:
        window, strides, dilation, sides = (1, *window), (1, *strides), (1, *dilation), [(0, 0), *sides]
    moves = _shortest(window), _shortest(strides), _shortest(dilation)
    if all(low == high for low, high in sides):
        return Slide(*moves, _shortest(tuple(low for low, _ in sides)), ())
    return Slide(*moves, 0, tuple(width for pair in reversed(sides) for width in pair))


def _shortest(sizes: tuple[int, ...]) -> Sizes:
    """The same sizes, as one number where they are equal: torch reads that faster."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def _dilated(window: Sequence[int], dilation: Sequence[int]) -> list[int]:
    """The sizes of a window with the distances between its elements."""
    return [gap * (size - 1) + 1 for size, gap in zip(window, dilation, strict=True)]


def spread(window: Sequence[int], strides: Any, padding: str, output_padding: Any, dilation: Any) -> Spread:
    """Returns how windows are laid on an output.

    Args:
        window: the sizes of the window.
        strides: the distance between two windows, an integer or one for each axis.
        padding: `"valid"` or `"same"`.
        output_padding: how much larger than its smallest size the output is, likewise; None chooses it.
        dilation: the distance between the elements of a window, likewise.

    Raises:
        InvalidArgumentError: when an argument is out of its range.

    Example:
        >>> spread((2, 2), 3, "valid", None, 1).output_padding
        (1, 1)
    """
    rank = len(window)
    mode = spatial.padding_mode(padding)
    strides = spatial.integers(strides, rank, "strides")
    dilation = spatial.integers(dilation, rank, "dilation_rate")
    more: Any = (None,) * rank
    if output_padding is not None:
        more = spatial.integers(output_padding, rank, "output_padding", allow_zero=True)
    settings = zip(_dilated(window, dilation), strides, more, strict=True)
    cuts = [spatial.cut_off(size, step, mode, extra) for size, step, extra in settings]
    if rank == 1:
        strides, dilation, cuts = (1, *strides), (1, *dilation), [(0, 0), *cuts]
    before = tuple(low for low, _ in cuts)
    added = tuple(max(low - high, 0) for low, high in cuts)
    after = tuple((axis, high - low) for axis, (low, high) in enumerate(cuts, start=2) if high > low)
    return Spread(strides, dilation, before, added, after)


def convolved(x: torch.Tensor, kernel: torch.Tensor, how: Slide, groups: int = 1) -> torch.Tensor:
    """Returns a convolution.

    Args:
        x: the input, (N, C, *spatial).
        kernel: (out, C / groups, *spatial).
        how: how the window moves.
        groups: the number of groups of channels that stay apart.

    Example:
        >>> convolved(torch.ones(1, 1, 4), torch.ones(1, 1, 2), slide((4,), 2, 2, "valid")).tolist()
        [[[2.0, 2.0]]]
    """
    if x.ndim == 3:
        return convolved(x.unsqueeze(2), kernel.unsqueeze(2), how, groups).squeeze(2)
    if how.widths:
        x = F.pad(x, how.widths)
    return _CONVOLVE[x.ndim](x, kernel, None, how.strides, how.padding, how.dilation, groups)


def spread_out(x: torch.Tensor, kernel: torch.Tensor, how: Spread) -> torch.Tensor:
    """Returns a transposed convolution: each number lays a window of the kernel on the output.

    Args:
        x: the input, (N, C, *spatial).
        kernel: (C, out, *spatial).
        how: how the windows are laid.

    Example:
        >>> spread_out(torch.ones(1, 1, 2), torch.ones(1, 1, 2), spread((2,), 3, "valid", None, 1)).tolist()
        [[[1.0, 1.0, 0.0, 1.0, 1.0, 0.0]]]
    """
    if x.ndim == 3:
        return spread_out(x.unsqueeze(2), kernel.unsqueeze(2), how).squeeze(2)
    y = _SPREAD[x.ndim](x, kernel, None, how.strides, how.padding, how.output_padding, 1, how.dilation)
    for axis, width in how.cuts:
        y = y.narrow(axis, 0, y.shape[axis] - width)
    return y


def largest(x: torch.Tensor, how: Slide) -> torch.Tensor:
    """Returns the largest number of each window; what lies outside of the input does not count.

    Args:
        x: the input, (N, C, *spatial).
        how: how the window moves.

    Example:
        >>> largest(torch.tensor([[[-3.0, -1.0, -2.0]]]), slide((3,), 2, 2, "same")).tolist()
        [[[-1.0, -2.0]]]
    """
    if x.ndim == 3:
        return largest(x.unsqueeze(2), how).squeeze(2)
    if how.widths:
        lowest = -torch.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
        x = F.pad(x, how.widths, value=lowest)
    return _LARGEST[x.ndim](x, how.window, how.strides, how.padding, how.dilation)


def mean(x: torch.Tensor, how: Slide) -> torch.Tensor:
    """Returns the mean of each window; what lies outside of the input does not count.

    Args:
        x: the input, (N, C, *spatial).
        how: how the window moves.

    Example:
        >>> mean(torch.tensor([[[1.0, 3.0, 5.0]]]), slide((3,), 2, 2, "same")).tolist()
        [[[2.0, 5.0]]]
    """
    if x.ndim == 3:
        return mean(x.unsqueeze(2), how).squeeze(2)
    average = _MEAN[x.ndim]
    if not how.widths:
        return average(x, how.window, how.strides, how.padding, False, False)
    share = average(F.pad(torch.ones_like(x[:1, :1]), how.widths), how.window, how.strides)
    return average(F.pad(x, how.widths), how.window, how.strides) / share
