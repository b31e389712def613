"""Images of one size made to fit another, distorted, cut or with margins.

Legend: N images, H height, W width, C channels; (N, C, H, W) with `data_format="channels_first"`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from kerastorch.core.resizing import resize_pictures


def largest_window(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int, int, int]:
    """Returns the largest part of an image with the proportions of a target: its top, left, height and width.

    Args:
        size: height and width of the image, in pixels.
        target: height and width of which only the proportion counts.

    Example:
        >>> largest_window((4, 8), (2, 2))
        (0, 2, 4, 4)
    """
    (height, width), (target_height, target_width) = size, target
    part_height = max(min(height, width * target_height // target_width), 1)
    part_width = max(min(width, height * target_width // target_height), 1)
    return (height - part_height) // 2, (width - part_width) // 2, part_height, part_width


def margins(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """Returns what an image needs above and below, and on the left and right, for the proportions of a target.

    Args:
        size: height and width of the image, in pixels.
        target: height and width of which only the proportion counts.

    Example:
        >>> margins((4, 8), (2, 2))
        (2, 0)
    """
    (height, width), (target_height, target_width) = size, target
    full_height = max(height, width * target_height // target_width)
    full_width = max(width, height * target_width // target_height)
    return (full_height - height) // 2, (full_width - width) // 2


def cut(images: torch.Tensor, box: tuple[int, int, int, int], data_format: str) -> torch.Tensor:
    """Returns a part of images, given by its top, left, height and width, without a copy."""
    top, left, height, width = box
    axis = -2 if data_format == "channels_first" else -3
    return images.narrow(axis, top, height).narrow(axis + 1, left, width)


def padded(images: torch.Tensor, rows: int, columns: int, value: float, data_format: str) -> torch.Tensor:
    """Returns images with as many rows of a value above and below, and columns on the left and right."""
    if rows == columns == 0:
        return images
    spatial = [columns, columns, rows, rows]
    return F.pad(images, spatial if data_format == "channels_first" else [0, 0, *spatial], value=value)


def resized(
    images: torch.Tensor,
    target: tuple[int, int],
    interpolation: str,
    data_format: str,
    antialias: bool = False,
) -> torch.Tensor:
    """Returns images of another size in the type they had; whole numbers are rounded, and stay in their range.

    Args:
        images: (N, H, W, C), or (N, C, H, W) with `data_format="channels_first"`.
        target: the new height and width, in pixels.
        interpolation: one of `RESIZE_METHODS`.
        data_format: where the channels are.
        antialias: whether all old pixels count when the images shrink.
    """
    first = data_format == "channels_first"
    found = resize_pictures(images.permute(0, 2, 3, 1) if first else images, target, interpolation, antialias)
    if found.dtype is not images.dtype:
        if not images.is_floating_point():
            limits = torch.iinfo(images.dtype)
            found = torch.round(found).clamp(limits.min, limits.max)
        found = found.to(images.dtype)
    return found.permute(0, 3, 1, 2) if first else found
