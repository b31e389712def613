"""Images in other colour spaces."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.core.images import colour
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import op
from kerastorch.ops.image.layout import as_images


def _axis(data_format: str | None) -> int:
    """The axis of the colours."""
    return -3 if standardize_data_format(data_format) == "channels_first" else -1


@op("keras.ops.image")
def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Any:
    """Returns the brightness of images.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C), with three colours or one.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images, with one channel.

    Raises:
        ShapeError: for another number of axes or colours.

    Example:
        >>> rgb_to_grayscale([[[1.0, 0.0, 0.0]]]).shape
        torch.Size([1, 1, 1])

    Source: `keras.ops.image.rgb_to_grayscale`.
    """
    x, axis = as_images(images), _axis(data_format)
    colours = x.shape[axis]
    if colours == 1:
        return x
    if colours != 3:
        raise ShapeError(
            "Invalid channel size: expected 3 (RGB) or 1 (Grayscale). "
            f"Received: images.shape={tuple(x.shape)} with the channels on axis {axis}."
        )
    return colour.brightness(x, axis)


@op("keras.ops.image")
def rgb_to_hsv(images: Any, data_format: str | None = None) -> Any:
    """Returns images in red, green and blue as hue, saturation and value.

    Args:
        images: floating-point numbers, an image (H, W, 3) or a batch (N, H, W, 3).
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images; hue and saturation are from 0 to 1, value is in the range of the images.

    Raises:
        InvalidArgumentError: when the images are integers.
        ShapeError: for another number of axes or colours.

    Example:
        >>> rgb_to_hsv([[[0.0, 0.5, 0.0]]]).flatten().tolist()
        [0.3333333432674408, 1.0, 0.5]

    Source: `keras.ops.image.rgb_to_hsv`.
    """
    x, axis = _floats(images), _axis(data_format)
    return torch.stack(colour.rgb_to_hsv(x, axis), axis)


@op("keras.ops.image")
def hsv_to_rgb(images: Any, data_format: str | None = None) -> Any:
    """Returns images in hue, saturation and value as red, green and blue.

    Args:
        images: floating-point numbers, an image (H, W, 3) or a batch (N, H, W, 3).
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor like the images.

    Raises:
        InvalidArgumentError: when the images are integers.
        ShapeError: for another number of axes or colours.

    Example:
        >>> hsv_to_rgb([[[0.0, 1.0, 0.5]]]).flatten().tolist()
        [0.5, 0.0, 0.0]

    Source: `keras.ops.image.hsv_to_rgb`.
    """
    x, axis = _floats(images), _axis(data_format)
    hue, saturation, value = colour.three_colours(x, axis)
    return colour.hsv_to_rgb(hue, saturation, value, axis)


def _floats(images: Any) -> torch.Tensor:
    x = as_images(images)
    if not x.is_floating_point():
        raise InvalidArgumentError(
            f"Invalid images dtype: expected float dtype. Received: images.dtype={str(x.dtype).removeprefix('torch.')}."
        )
    return x
