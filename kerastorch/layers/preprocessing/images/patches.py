"""Rectangles at random places of images, which are erased or come from another image.

Legend: N images, H height, W width; `box_masks` is (N, H, W, 1), or (N, 1, H, W) with channels first.
"""

from __future__ import annotations

import torch


def random_sides(starts: torch.Tensor, share: torch.Tensor, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns where rectangles begin and end along an axis, in pixels and fractions of them.

    Args:
        starts: where, as a share of the room that there is: numbers from 0 to 1, (N,).
        share: the length of each rectangle as a share of the axis, (N,).
        length: the length of the axis, in pixels.
    """
    long = share * length
    first = starts * (length - long)
    return first, first + long


def box_masks(
    x: tuple[torch.Tensor, torch.Tensor],
    y: tuple[torch.Tensor, torch.Tensor],
    size: tuple[int, int],
    channel_axis: int,
) -> torch.Tensor:
    """Returns which pixels are inside of rectangles, as truth values.

    Args:
        x: where the rectangles begin and end along the width, in pixels, (N,) each.
        y: the same along the height.
        size: height and width of the images, in pixels.
        channel_axis: the axis of the colours, -1 or -3.
    """
    rows, columns = (torch.arange(n, device=x[0].device, dtype=x[0].dtype) for n in size)
    inside_y, inside_x = _between(rows, y), _between(columns, x)
    return (inside_y[:, :, None] & inside_x[:, None, :]).unsqueeze(channel_axis)


def _between(places: torch.Tensor, sides: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    first, last = (side[:, None] for side in sides)
    return (places >= first) & (places < last)
