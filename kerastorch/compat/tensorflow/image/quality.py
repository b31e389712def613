"""Comparing images, and their gradients and edges."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.image.layout import as_images, to_type
from kerastorch.compat.tensorflow.operation import as_tensor, operation
from kerastorch.core.images.filters import edges
from kerastorch.core.images.similarity import similarity_map
from kerastorch.errors import ShapeError


@operation("tf.image")
def total_variation(images: Any) -> Any:
    """Returns the sum of the differences between neighbouring pixels, for each image.

    Args:
        images: an image (H, W, C), or a batch (N, H, W, C).

    Example:
        >>> float(total_variation([[[0.0], [2.0], [1.0]]]))
        3.0

    Source: `tf.image.total_variation`
    """
    x = as_images(images, "tf.image.total_variation")
    down, right = x.diff(dim=-3).abs(), x.diff(dim=-2).abs()
    return down.sum((-3, -2, -1)) + right.sum((-3, -2, -1))


def _pair(a: Any, b: Any, max_val: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two images as floats, and the largest value on that scale."""
    first, second = as_tensor(a), as_tensor(b)
    if first.shape[-3:] != second.shape[-3:]:
        raise ShapeError(f"The images have different shapes: {tuple(first.shape)} and {tuple(second.shape)}.")
    most = to_type(torch.as_tensor(max_val).to(first.dtype), "float32")
    return to_type(first, "float32"), to_type(second, "float32"), most


@operation("tf.image")
def psnr(a: Any, b: Any, max_val: Any) -> Any:
    """Returns the peak signal-to-noise ratio of images, in decibels.

    Args:
        a: an image (H, W, C), or a batch (N, H, W, C).
        b: what it is compared with, of the same shape.
        max_val: the distance from black to white: 1 or 255.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> round(float(psnr([[[0.0]]], [[[0.1]]], 1.0)), 2)
        20.0

    Source: `tf.image.psnr`
    """
    a, b, most = _pair(a, b, max_val)
    error = ((a - b) ** 2).mean((-3, -2, -1))
    return 20 * torch.log10(torch.as_tensor(most)) - 10 * torch.log10(error)


@operation("tf.image")
def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Any:
    """Returns the structural similarity of images, up to 1.

    Args:
        img1: a batch (N, H, W, C), or an image (H, W, C).
        img2: what it is compared with, of the same shape.
        max_val: the distance from black to white: 1 or 255.
        filter_size: the width of the window, in pixels. Default: 11.
        filter_sigma: the standard deviation of the window, in pixels. Default: 1.5.
        k1: keeps the brightness from dividing by zero. Default: 0.01.
        k2: keeps the contrast from dividing by zero. Default: 0.03.
        return_index_map: whether to give a value for each window. Default: False.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> image = torch.rand(16, 16, 1)
        >>> round(float(ssim(image, image, 1.0)), 4)
        1.0

    Source: `tf.image.ssim`; Wang et al., 2004
    """
    x, y, most = _pair(img1, img2, max_val)
    single = x.ndim == 3
    x, y = (t.reshape(-1, *t.shape[-3:]).permute(0, 3, 1, 2) for t in (x, y))
    similarity = similarity_map(x, y, most, filter_size, filter_sigma, k1, k2).mean(1)
    similarity = similarity if return_index_map else similarity.mean((-2, -1))
    return similarity[0] if single else similarity


@operation("tf.image")
def image_gradients(image: Any) -> Any:
    """Returns the differences of each pixel to the one below and to the one on its right.

    Args:
        image: a batch (N, H, W, C).

    Returns:
        A tuple `(dy, dx)` of tensors of the shape of `image`; the last row and column are zero.

    Raises:
        ShapeError: when it is no batch.

    Example:
        >>> dy, dx = image_gradients([[[[1], [3]]]])
        >>> dx.flatten().tolist()
        [2, 0]

    Source: `tf.image.image_gradients`
    """
    x = as_tensor(image)
    if x.ndim != 4:
        raise ShapeError(
            f"image_gradients expects a 4D tensor (batch, h, w, d). Received: shape {tuple(x.shape)}."
        )
    return F.pad(x.diff(dim=1), (0, 0, 0, 0, 0, 1)), F.pad(x.diff(dim=2), (0, 0, 0, 1))


@operation("tf.image")
def sobel_edges(image: Any) -> Any:
    """Returns how strongly images change downwards and to the right.

    Args:
        image: a batch (N, H, W, C).

    Returns:
        A tensor (N, H, W, C, 2) with `(dy, dx)` along the last axis.

    Example:
        >>> sobel_edges(torch.ones(1, 3, 3, 1)).abs().max().item()
        0.0

    Source: `tf.image.sobel_edges`
    """
    x = as_images(image, "tf.image.sobel_edges").permute(0, 3, 1, 2)
    return edges(F.pad(x, (1, 1, 1, 1), mode="reflect")).movedim(1, 3)
