"""What convolution and pooling do on torch's order of axes, once their arguments are understood.

Legend: N batch, C channels. Arrays are (N, C, *spatial) here; Keras's and TensorFlow's usual (N, *spatial, C) is a view
of them. A sequence is an image of height one, because torch would copy it to change the order of its axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def in_order(
    run: Callable[..., torch.Tensor], rank: int, channels_first: bool
) -> Callable[..., torch.Tensor]:
    """Makes a function on torch's order of axes one on that of the input.

    Args:
        run: a function of (N, C, H, W) or (N, C, D, H, W) and a kernel, which may be None.
        rank: the number of axes of the input, 3 to 5; a sequence reaches `run` with a height of one.
        channels_first: whether the input has torch's order already.

    Example:
        >>> in_order(lambda x, kernel: x[..., :2], 3, False)(torch.ones(1, 5, 3)).shape
        torch.Size([1, 2, 3])
    """
    if rank == 3 and channels_first:
        return lambda x, kernel=None: run(x.unsqueeze(2), kernel).squeeze(2)
    if rank == 3:
        return lambda x, kernel=None: run(x.mT.unsqueeze(2), kernel).squeeze(2).mT
    if channels_first:
        return run
    permute, there, back = torch.permute, _TO_TORCH[rank], _FROM_TORCH[rank]
    return lambda x, kernel=None: permute(run(permute(x, there), kernel), back)


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

    The axes of a sequence have one of length one before them. One number stands for equal ones.

    Attributes:
        strides: the distances between the windows.
        dilation: the distances between the elements of a window.
        padding: what torch cuts off before and after each axis.
        output_padding: what it adds after each axis.
        cuts: pairs of an axis and what has to be cut off after it.
    """

    strides: Sizes
    dilation: Sizes
    padding: Sizes
    output_padding: Sizes
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
        1
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
    return Spread(_shortest(strides), _shortest(dilation), _shortest(before), _shortest(added), after)


def convolution(
    how: Slide, order: tuple[int, ...], groups: int, apart: tuple[int, ...] | None = None
) -> Callable:
    """Returns the function of (N, C, *spatial) and a kernel that convolves them.

    Args:
        how: how the window moves.
        order: the order of the kernel's axes that begins with filters and channels; that of a sequence gets a height.
        groups: the number of groups of channels that stay apart.
        apart: the shape of a kernel that has the filters of each channel along an axis of their own.

    Example:
        >>> run = convolution(slide((4, 4), (2, 2), 2, "valid"), (3, 2, 0, 1), 1)
        >>> run(torch.ones(1, 1, 4, 4), torch.ones(2, 2, 1, 1)).tolist()
        [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    _, strides, dilation, padding, widths = how
    permute, convolve, flat = torch.permute, _CONVOLVE[max(len(order), 4)], len(order) == 3

    def run(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        kernel = permute(kernel, order)
        if apart:
            kernel = kernel.reshape(apart)
        elif flat:
            kernel = kernel.unsqueeze(2)
        if widths:
            x = F.pad(x, widths)
        return convolve(x, kernel, None, strides, padding, dilation, groups)

    return run


def transposed(how: Spread, order: tuple[int, ...]) -> Callable:
    """Returns the transposed convolution: each number lays a window of the kernel on the output.

    Args:
        how: how the windows are laid.
        order: the order of the kernel's axes that begins with the input's channels and the output's; that of a sequence
            gets a height.

    Example:
        >>> run = transposed(spread((2,), 3, "valid", None, 1), (2, 1, 0))
        >>> run(torch.ones(1, 1, 1, 2), torch.ones(2, 1, 1)).tolist()
        [[[[1.0, 1.0, 0.0, 1.0, 1.0, 0.0]]]]
    """
    strides, dilation, padding, output_padding, cuts = how
    permute, convolve, flat = torch.permute, _SPREAD[max(len(order), 4)], len(order) == 3

    def run(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
        kernel = permute(kernel, order)
        if flat:
            kernel = kernel.unsqueeze(2)
        y = convolve(x, kernel, None, strides, padding, output_padding, 1, dilation)
        for axis, width in cuts:
            y = y.narrow(axis, 0, y.shape[axis] - width)
        return y

    return run


def largest(how: Slide, rank: int) -> Callable:
    """Returns the function that finds the largest number of each window; what lies outside does not count.

    Args:
        how: how the window moves.
        rank: the number of axes of its input, 4 or 5.

    Example:
        >>> largest(slide((3,), 2, 2, "same"), 4)(torch.tensor([[[[-3.0, -1.0, -2.0]]]])).tolist()
        [[[[-1.0, -2.0]]]]
    """
    window, strides, dilation, padding, widths = how
    pool = _LARGEST[rank]

    def run(x: torch.Tensor, _: None = None) -> torch.Tensor:
        if widths:
            lowest = -torch.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
            x = F.pad(x, widths, value=lowest)
        return pool(x, window, strides, padding, dilation)

    return run


def mean(how: Slide, rank: int) -> Callable:
    """Returns the function that takes the mean of each window; what lies outside does not count.

    Args:
        how: how the window moves.
        rank: the number of axes of its input, 4 or 5.

    Example:
        >>> mean(slide((3,), 2, 2, "same"), 4)(torch.tensor([[[[1.0, 3.0, 5.0]]]])).tolist()
        [[[[2.0, 5.0]]]]
    """
    window, strides, _, padding, widths = how
    pool = _MEAN[rank]

    def run(x: torch.Tensor, _: None = None) -> torch.Tensor:
        if not widths:
            return pool(x, window, strides, padding, False, False)
        share = pool(F.pad(torch.ones_like(x[:1, :1]), widths), window, strides)
        return pool(F.pad(x, widths), window, strides) / share

    return run
