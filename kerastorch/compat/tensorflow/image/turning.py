"""Mirroring and turning images."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.image.layout import as_images
from kerastorch.compat.tensorflow.operation import integer, operation


@operation("tf.image")
def flip_left_right(image: Any) -> Any:
    """Returns images mirrored left to right.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).

    Example:
        >>> flip_left_right([[[1], [2]]]).flatten().tolist()
        [2, 1]

    Source: `tf.image.flip_left_right`
    """
    return torch.flip(as_images(image, "tf.image.flip_left_right"), [-2])


@operation("tf.image")
def flip_up_down(image: Any) -> Any:
    """Returns images mirrored upside down.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).

    Example:
        >>> flip_up_down([[[1]], [[2]]]).flatten().tolist()
        [2, 1]

    Source: `tf.image.flip_up_down`
    """
    return torch.flip(as_images(image, "tf.image.flip_up_down"), [-3])


@operation("tf.image")
def rot90(image: Any, k: Any = 1) -> Any:
    """Returns images turned counter-clockwise.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        k: how many quarters of a turn. Default: 1.

    Example:
        >>> rot90([[[1], [2]], [[3], [4]]]).flatten().tolist()
        [2, 4, 1, 3]

    Source: `tf.image.rot90`, `torch.rot90`
    """
    return torch.rot90(as_images(image, "tf.image.rot90"), integer(k), (-3, -2))


@operation("tf.image")
def transpose(image: Any) -> Any:
    """Returns images with rows and columns exchanged.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).

    Example:
        >>> transpose([[[1], [2]], [[3], [4]]]).flatten().tolist()
        [1, 3, 2, 4]

    Source: `tf.image.transpose`
    """
    return as_images(image, "tf.image.transpose").transpose(-3, -2)
