"""Filters that mix each pixel with its neighbours: smoothing and Gaussian blur.

Legend: N pictures, C colours, H height, W width; pictures are (N, C, H, W), in any memory order. Beyond the edges all
is zero.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F


def smoothed(images: torch.Tensor) -> torch.Tensor:
    """Returns pictures in which a pixel is 5/13 of itself and 1/13 of each of its eight neighbours.

    Args:
        images: floating-point pictures, (N, C, H, W).
    """
    return (9.0 * F.avg_pool2d(images, 3, stride=1, padding=1) + 4.0 * images) / 13.0


def gaussian_blur(images: torch.Tensor, size: tuple[int, int], sigma: torch.Tensor) -> torch.Tensor:
    """Returns blurred pictures: along the width, then along the height.

    Args:
        images: floating-point pictures, (N, C, H, W).
        size: the width and the height of the kernel, in pixels; odd.
        sigma: the standard deviations along width and height, in pixels: a tensor of two numbers.
    """
    channels, (width, height) = images.shape[1], size
    across = _bell(width, sigma[0]).to(images.dtype).expand(channels, 1, 1, width)
    down = _bell(height, sigma[1]).to(images.dtype)[:, None].expand(channels, 1, height, 1)
    images = F.conv2d(images, across, padding=(0, width // 2), groups=channels)
    return F.conv2d(images, down, padding=(height // 2, 0), groups=channels)


def _bell(size: int, sigma: torch.Tensor) -> torch.Tensor:
    """A normal distribution at whole numbers around zero, its sum 1."""
    x = torch.arange(size, dtype=sigma.dtype, device=sigma.device) - (size - 1) / 2
    weights = torch.exp(-0.5 * (x / sigma) ** 2)
    return weights / weights.sum()
