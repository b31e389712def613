"""Patches of pictures and volumes."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def patches(
    images: torch.Tensor,
    axes: Sequence[int],
    size: Sequence[int],
    strides: Sequence[int],
    rates: Sequence[int],
) -> torch.Tensor:
    """Returns all patches of pictures or volumes, as a view with the axes of the patches at the end.

    Args:
        images: pictures or volumes, with margins where patches shall reach over the edge.
        axes: the spatial axes.
        size: the size of a patch on each, in pixels.
        strides: the steps between patches on each, in pixels.
        rates: the distances of the pixels of a patch on each.

    Example:
        >>> patches(torch.arange(5), [0], [2], [1], [2]).tolist()
        [[0, 2], [1, 3], [2, 4]]
    """
    for axis, length, stride, rate in zip(axes, size, strides, rates, strict=True):
        images = images.unfold(axis, rate * (length - 1) + 1, stride)
        images = images[..., ::rate] if rate > 1 else images
    return images
