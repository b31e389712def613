"""How alike two pictures are.

Legend: N pictures, C colours, H height, W width.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F


def similarity_map(
    first: torch.Tensor, second: torch.Tensor, span: Any, size: int, sigma: float, k1: float, k2: float
) -> torch.Tensor:
    """Returns the structural similarity of pictures in each window, (N, C, H - size + 1, W - size + 1).

    Args:
        first: floating-point pictures, (N, C, H, W).
        second: what they are compared with.
        span: the distance from black to white, such as 1 or 255.
        size: the width of the window, in pixels.
        sigma: the standard deviation of the Gaussian over the window, in pixels.
        k1: keeps the brightness from dividing by zero.
        k2: keeps the contrast from dividing by zero.

    Source: Wang et al., 2004, "Image quality assessment: from error visibility to structural similarity".
    """
    c1, c2 = (k1 * span) ** 2, (k2 * span) ** 2
    places = torch.arange(size, dtype=first.dtype, device=first.device) - (size - 1) / 2
    window = torch.softmax(-(places**2) / (2 * sigma**2), 0)
    kernel = (window[:, None] * window[None, :]).expand(first.shape[1], 1, -1, -1)

    def blurred(x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, kernel, groups=kernel.shape[0])

    mean_1, mean_2 = blurred(first), blurred(second)
    product, squares = 2 * mean_1 * mean_2, mean_1**2 + mean_2**2
    covariance = 2 * blurred(first * second) - product
    variances = blurred(first * first + second * second) - squares
    return (product + c1) / (squares + c1) * ((covariance + c2) / (variances + c2))
