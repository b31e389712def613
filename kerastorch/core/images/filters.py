"""Filters that mix each pixel with its neighbours: smoothing, Gaussian blur and edges.

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
    kernel = torch.full((3, 3), 1.0 / 13.0, dtype=images.dtype, device=images.device)
    kernel[1, 1] = 5.0 / 13.0
    return _filtered(images, kernel)


def gaussian_blur(images: torch.Tensor, size: tuple[int, int], sigma: torch.Tensor) -> torch.Tensor:
    """Returns blurred pictures: along the width, then along the height.

    Args:
        images: floating-point pictures, (N, C, H, W).
        size: the width and the height of the kernel, in pixels.
        sigma: the standard deviations along width and height, in pixels: a tensor of two numbers.
    """
    width, height = size
    images = _filtered(images, _bell(width, sigma[0]).to(images.dtype)[None])
    return _filtered(images, _bell(height, sigma[1]).to(images.dtype)[:, None])


def blurred_noise(noise: torch.Tensor, sigma: torch.Tensor, reach: int) -> torch.Tensor:
    """Returns noise blurred by a Gaussian of a width that only the device knows.

    Args:
        noise: (N, H, W).
        sigma: the standard deviation of the Gaussian, a scalar, in pixels; it ends at three of them.
        reach: how many pixels it may reach at most, so that the host need not know `sigma`.

    Example:
        >>> round(blurred_noise(torch.ones(1, 3, 3), torch.tensor(0.5), 1)[0, 1, 1].item(), 3)
        1.0
    """
    offsets = torch.arange(-reach, reach + 1, dtype=noise.dtype, device=noise.device)
    kernel = torch.exp(-0.5 * (offsets / sigma.clamp(min=1e-6)) ** 2) * (
        offsets.abs() <= torch.floor(3 * sigma)
    )
    kernel = (kernel / kernel.sum()).reshape(1, 1, -1)
    rows = F.conv2d(noise.unsqueeze(1), kernel.unsqueeze(2), padding=(0, reach))
    return F.conv2d(rows, kernel.unsqueeze(3), padding=(reach, 0)).squeeze(1)


def edges(images: torch.Tensor) -> torch.Tensor:
    """Returns how strongly pictures change downwards and to the right, (N, C, H, W, 2): Sobel's filters.

    Args:
        images: floating-point pictures with one more row and column on each side, (N, C, H + 2, W + 2).
    """
    down = torch.tensor([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]], dtype=images.dtype, device=images.device)
    channels = images.shape[1]
    kernels = torch.stack([down, down.T]).unsqueeze(1).repeat(channels, 1, 1, 1)
    found = F.conv2d(images, kernels, groups=channels)
    return found.unflatten(1, (channels, 2)).movedim(2, -1)


def _filtered(images: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """Each colour filtered by a kernel, (KH, KW)."""
    if images.device.type == "cpu":  # there torch filters colours that lie side by side ten times as fast
        images = images.contiguous(memory_format=torch.channels_last)
    channels, (height, width) = images.shape[1], kernel.shape
    weight = kernel.expand(channels, 1, height, width)
    if not (height % 2 and width % 2):  # an even kernel reaches further down and to the right
        images = F.pad(images, [(width - 1) // 2, width // 2, (height - 1) // 2, height // 2])
        return F.conv2d(images, weight, groups=channels)
    return F.conv2d(images, weight, padding=(height // 2, width // 2), groups=channels)


def _bell(size: int, sigma: torch.Tensor) -> torch.Tensor:
    """A normal distribution at whole numbers around zero, its sum 1."""
    x = torch.arange(size, dtype=sigma.dtype, device=sigma.device) - (size - 1) / 2
    weights = torch.exp(-0.5 * (x / sigma) ** 2)
    return weights / weights.sum()
