"""Zeros around a tensor, for one copy of it on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.core.eager import runs_eagerly


def zero_padded(x: torch.Tensor, widths: Sequence[int]) -> torch.Tensor:
    """Returns what `torch.nn.functional.pad` does with zeros.

    On a CPU, torch fills all of the result before it copies the tensor, and copies the gradient on the way back. Here
    only the edges are filled, and the gradient is a view.

    Args:
        x: a tensor.
        widths: how many zeros come before and after, for the last axis first; none is negative.

    Example:
        >>> zero_padded(torch.ones(1, 2), (1, 2)).tolist()
        [[0.0, 1.0, 1.0, 0.0, 0.0]]
    """
    if x.device.type != "cpu" or not runs_eagerly():
        return F.pad(x, list(widths))
    if x.is_contiguous():
        layout = torch.contiguous_format
    elif x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
        layout = torch.channels_last
    else:
        return F.pad(x, list(widths))
    found: torch.Tensor = _Padded.apply(x, widths, layout)
    return found


def _sides(x: torch.Tensor, widths: Sequence[int]) -> list[tuple[int, int, int]]:
    """The axes that grow, with the numbers of zeros before and after."""
    pairs = zip(widths[::2], widths[1::2], strict=True)
    return [(x.ndim - 1 - i, before, after) for i, (before, after) in enumerate(pairs) if before or after]


class _Padded(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, widths: Sequence[int], layout: torch.memory_format
    ) -> torch.Tensor:
        ctx.sides, ctx.sizes = _sides(x, widths), x.shape
        shape = list(x.shape)
        for axis, before, after in ctx.sides:
            shape[axis] += before + after
        padded = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=layout)
        for axis, before, after in ctx.sides:
            padded.narrow(axis, 0, before).zero_()
            padded.narrow(axis, shape[axis] - after, after).zero_()
        _inside(padded, ctx.sides, ctx.sizes).copy_(x)
        return padded

    @staticmethod
    def backward(ctx: Any, of_padded: torch.Tensor) -> Any:
        return _inside(of_padded, ctx.sides, ctx.sizes), None, None


def _inside(padded: torch.Tensor, sides: list[tuple[int, int, int]], sizes: torch.Size) -> torch.Tensor:
    for axis, before, _ in sides:
        padded = padded.narrow(axis, before, sizes[axis])
    return padded
