"""Images blurred, and their edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.config import standardize_data_format
from kerastorch.core.images import filters
from kerastorch.errors import ShapeError
from kerastorch.ops.base import op
from kerastorch.ops.image.layout import as_images, from_planes, on_batch, planes


@op("keras.ops.image")
def gaussian_blur(
    images: Any, kernel_size: Sequence[int] = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Any:
    """Returns blurred images; beyond their edges all is zero.

    Args:
        images: floating-point numbers, an image (H, W, C) or a batch (N, H, W, C).
        kernel_size: the width and the height of the kernel, in pixels.
        sigma: the standard deviations along width and height, in pixels.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images.

    Raises:
        ShapeError: for another number of axes.

    Example:
        >>> gaussian_blur([[[0.0], [13.0], [0.0]]], (3, 1)).flatten().round().tolist()
        [4.0, 6.0, 4.0]

    Source: `keras.ops.image.gaussian_blur`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    if (
        isinstance(kernel_size, torch.Tensor) and kernel_size.is_meta
    ):  # a symbolic one; the shape is known anyway
        return torch.empty_like(x)
    width, height = (int(length) for length in kernel_size)
    wide = torch.promote_types(x.dtype, torch.float32) if x.is_floating_point() else torch.float32
    deviations = torch.as_tensor(sigma, dtype=wide, device=x.device)

    def blurred(batch: Any) -> Any:
        found = filters.gaussian_blur(planes(batch, data_format), (width, height), deviations)
        return from_planes(found, data_format)

    return on_batch(blurred, x)


@op("keras.ops.image")
def sobel_edges(images: Any, data_format: str | None = None) -> Any:
    """Returns how strongly images change downwards and to the right; beyond their edges all is zero.

    Args:
        images: floating-point numbers, a batch (N, H, W, C).
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images, with one more axis at the end for down and right.

    Raises:
        ShapeError: for another number of axes.

    Example:
        >>> sobel_edges([[[[1.0], [1.0], [1.0]]]])[0, 0, :, 0, 1].tolist()
        [2.0, 0.0, -2.0]

    Source: `keras.ops.image.sobel_edges`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    if x.ndim != 4:
        raise ShapeError(
            f"Invalid images rank: expected rank 4 (batch of images). Received: images.shape={tuple(x.shape)}."
        )
    return from_planes(filters.edges(F.pad(planes(x, data_format), (1, 1, 1, 1))), data_format)
