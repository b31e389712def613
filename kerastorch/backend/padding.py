"""`keras.backend`: sequences, images and volumes padded and resized."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.config import standardize_data_format
from kerastorch.core.resizing import RESIZE_METHODS, resize_pictures
from kerastorch.errors import InvalidArgumentError, did_you_mean
from kerastorch.ops.base import op, tensor


def _padded(x: Any, widths: Sequence[Sequence[int]], channels_first: bool) -> torch.Tensor:
    flat = [width for pair in reversed(widths) for width in pair]
    return F.pad(tensor(x), flat if channels_first else [0, 0, *flat])


@op("keras.backend")
def temporal_padding(x: Any, padding: Sequence[int] = (1, 1)) -> torch.Tensor:
    """Returns sequences with zeros before and after them.

    Args:
        x: a tensor of shape `(batch, time, features)`.
        padding: how many steps before and after.

    Returns:
        A tensor.

    Example:
        >>> temporal_padding(torch.ones(1, 2, 1), (1, 0)).flatten().tolist()
        [0.0, 1.0, 1.0]

    Source: `keras.backend.temporal_padding` of Keras 2.
    """
    return _padded(x, [padding], False)


@op("keras.backend")
def spatial_2d_padding(
    x: Any, padding: Sequence[Sequence[int]] = ((1, 1), (1, 1)), data_format: str | None = None
) -> torch.Tensor:
    """Returns images with zeros around them.

    Args:
        x: a tensor with four axes.
        padding: how many pixels above and below, and on the left and the right.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor.

    Example:
        >>> spatial_2d_padding(torch.ones(1, 2, 2, 3)).shape
        torch.Size([1, 4, 4, 3])

    Source: `keras.backend.spatial_2d_padding` of Keras 2.
    """
    return _padded(x, padding, standardize_data_format(data_format) == "channels_first")


@op("keras.backend")
def spatial_3d_padding(
    x: Any, padding: Sequence[Sequence[int]] = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None
) -> torch.Tensor:
    """Returns volumes with zeros around them.

    Args:
        x: a tensor with five axes.
        padding: how many elements before and after along each spatial axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Returns:
        A tensor.

    Example:
        >>> spatial_3d_padding(torch.ones(1, 2, 2, 2, 3)).shape
        torch.Size([1, 4, 4, 4, 3])

    Source: `keras.backend.spatial_3d_padding` of Keras 2.
    """
    return _padded(x, padding, standardize_data_format(data_format) == "channels_first")


@op("keras.backend")
def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> torch.Tensor:
    """Returns images of a multiple of their size.

    Args:
        x: a tensor with four axes.
        height_factor: how many times as high.
        width_factor: how many times as wide.
        data_format: `"channels_last"` or `"channels_first"`.
        interpolation: how pixels are found: `"nearest"`, `"bilinear"`, `"bicubic"`, `"area"`, `"gaussian"`,
            `"lanczos3"`, `"lanczos5"` or `"mitchellcubic"`.

    Returns:
        A tensor.

    Raises:
        InvalidArgumentError: when the data format or the interpolation is unknown.

    Example:
        >>> resize_images(torch.ones(1, 2, 2, 3), 2, 3, "channels_last").shape
        torch.Size([1, 4, 6, 3])

    Source: `keras.backend.resize_images` of Keras 2.
    """
    if interpolation not in RESIZE_METHODS:
        raise InvalidArgumentError(
            f"`interpolation` is one of {sorted(RESIZE_METHODS)}. Received: {interpolation!r}."
            f"{did_you_mean(str(interpolation), RESIZE_METHODS)}"
        )
    x, channels_first = tensor(x), standardize_data_format(data_format) == "channels_first"
    pictures = x.permute(0, 2, 3, 1) if channels_first else x
    size = (pictures.shape[1] * height_factor, pictures.shape[2] * width_factor)
    resized = resize_pictures(pictures, size, interpolation)
    return resized.permute(0, 3, 1, 2) if channels_first else resized


@op("keras.backend")
def resize_volumes(
    x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: str
) -> torch.Tensor:
    """Returns volumes of a multiple of their size, each element repeated.

    Args:
        x: a tensor with five axes.
        depth_factor: how many times as deep.
        height_factor: how many times as high.
        width_factor: how many times as wide.
        data_format: `"channels_last"` or `"channels_first"`.

    Returns:
        A tensor.

    Example:
        >>> resize_volumes(torch.ones(1, 2, 2, 2, 3), 2, 3, 1, "channels_last").shape
        torch.Size([1, 4, 6, 2, 3])

    Source: `keras.backend.resize_volumes` of Keras 2.
    """
    x = tensor(x)
    first = 2 if standardize_data_format(data_format) == "channels_first" else 1
    for axis, factor in enumerate((depth_factor, height_factor, width_factor), start=first):
        x = x.repeat_interleave(factor, axis)
    return x
