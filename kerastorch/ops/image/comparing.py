"""How alike images are."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.core.images.similarity import similarity_map
from kerastorch.ops.base import floating, op
from kerastorch.ops.image.layout import as_images, planes


@op("keras.ops.image")
def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Any:
    """Returns the structural similarity of images, up to 1.

    Args:
        image1: an image (H, W, C) or a batch (N, H, W, C).
        image2: what it is compared with, of the same shape.
        max_val: the distance from black to white, such as 1 or 255.
        filter_size: the width of the window, in pixels.
        filter_sigma: the standard deviation of the Gaussian over the window, in pixels.
        k1: keeps the brightness from dividing by zero.
        k2: keeps the contrast from dividing by zero.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A number for each image, (N,) or a scalar.

    Raises:
        ShapeError: for another number of axes.

    Example:
        >>> image = torch.linspace(0, 1, 144).reshape(12, 12, 1)
        >>> round(ssim(image, image).item(), 4)
        1.0

    Source: `keras.ops.image.ssim`; Wang et al., 2004.
    """
    first, second = as_images(image1, "image1"), as_images(image2, "image2")
    data_format = standardize_data_format(data_format)
    dtype, wide = first.dtype, torch.promote_types(floating(first).dtype, torch.float32)
    single = first.ndim == 3
    x, y = ((i.unsqueeze(0) if i.ndim == 3 else i).to(wide) for i in (first, second))
    settings = (max_val, filter_size, filter_sigma, k1, k2)
    found = (
        similarity_map(planes(x, data_format), planes(y, data_format), *settings).mean((1, 2, 3)).to(dtype)
    )
    return found[0] if single else found
