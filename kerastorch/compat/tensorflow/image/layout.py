"""What the functions on images share: single images and batches, and types of pixels.

Legend: N batch, H height, W width, C channels. An image is (H, W, C), a batch of them (N, H, W, C).
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.errors import ShapeError


def as_images(image: Any, function: str) -> torch.Tensor:
    """Returns an image or a batch of images as a tensor.

    Args:
        image: three axes or four.
        function: the function that was called, for the error.

    Raises:
        ShapeError: when it has another number of axes.

    Example:
        >>> as_images([[[1.0]]], "tf.image.resize").shape
        torch.Size([1, 1, 1])
    """
    images = as_tensor(image)
    if images.ndim not in (3, 4):
        raise ShapeError(
            f"{function} takes an image (height, width, channels) or a batch of them. "
            f"Received: a tensor of shape {tuple(images.shape)}."
        )
    return images


def to_type(image: Any, dtype: Any, saturate: bool = False) -> torch.Tensor:
    """Returns an image with another type of pixels, scaled so that white stays white.

    Args:
        image: pixels; floats lie from 0 to 1, integers from 0 to the largest of their type.
        dtype: the type of the result.
        saturate: whether what lies outside is cut off on the way to integers. Default: False.

    Example:
        >>> to_type(torch.tensor([0, 255], dtype=torch.uint8), "float32").tolist()
        [0.0, 1.0]
    """
    x = as_tensor(image)
    here, there = as_dtype(x.dtype), as_dtype(dtype)
    if here == there:
        return x
    if here.is_integer and there.is_integer:
        return _between_integers(x, here.max, there)
    if here.is_integer:
        return x.to(there.torch) * (1.0 / here.max)
    if there.is_floating:
        return x.to(there.torch)
    scaled = x * (there.max + 0.5)
    return (scaled.clamp(there.min, there.max) if saturate else scaled).to(there.torch)


def _between_integers(x: torch.Tensor, most: int, there: Any) -> torch.Tensor:
    if most > there.max:
        return torch.div(x.long(), (most + 1) // (there.max + 1), rounding_mode="floor").to(there.torch)
    return x.to(there.torch) * ((there.max + 1) // (most + 1))
