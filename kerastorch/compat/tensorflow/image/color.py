"""Colours of images: types of pixels, brightness, contrast, hue, and other colour spaces.

Images are (..., H, W, C). Functions that adjust work on floats from 0 to 1 and give the type of their input back.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.image.layout import as_images, to_type
from kerastorch.compat.tensorflow.operation import as_tensor, operation
from kerastorch.errors import InvalidArgumentError, ShapeError

_GRAY = (0.2989, 0.5870, 0.1140)
_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
_RGB_OF_YIQ = [[1.0, 1.0, 1.0], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_RGB_OF_YUV = [[1.0, 1.0, 1.0], [0.0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0.0]]


@operation("tf.image")
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False) -> Any:
    """Returns an image with another type of pixels, scaled so that white stays white.

    Args:
        image: pixels; floats lie from 0 to 1, integers from 0 to the largest of their type.
        dtype: the type of the result.
        saturate: whether what lies outside is cut off on the way to integers. Default: False.

    Example:
        >>> convert_image_dtype([0.0, 1.0], "uint8").tolist()
        [0, 255]

    Source: `tf.image.convert_image_dtype`
    """
    return to_type(image, dtype, saturate)


@operation("tf.image")
def per_image_standardization(image: Any) -> Any:
    """Returns images scaled to mean 0 and variance 1, each by itself.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).

    Example:
        >>> per_image_standardization([[[1.0], [3.0]]]).flatten().tolist()
        [-1.0, 1.0]

    Source: `tf.image.per_image_standardization`
    """
    x = as_images(image, "tf.image.per_image_standardization")
    x = x if x.is_floating_point() else x.float()
    variance, mean = torch.var_mean(x, (-3, -2, -1), correction=0, keepdim=True)
    least = x.shape[-3:].numel() ** -0.5
    return (x - mean) / variance.sqrt().clamp(min=least)


def _adjusted(image: Any, change: Any) -> torch.Tensor:
    """An image changed as floats and given back in its own type."""
    x = as_tensor(image)
    floats = x if x.dtype in (torch.float16, torch.float32) else to_type(x, "float32")
    return to_type(change(floats), x.dtype, saturate=True)


@operation("tf.image")
def adjust_brightness(image: Any, delta: Any) -> Any:
    """Returns images with a number added to every pixel.

    Args:
        image: pixels.
        delta: what is added, on the scale from 0 to 1.

    Example:
        >>> adjust_brightness([[[0.5]]], 0.25).tolist()
        [[[0.75]]]

    Source: `tf.image.adjust_brightness`
    """
    return _adjusted(image, lambda x: x + delta)


@operation("tf.image")
def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Returns images whose distances from the mean of each channel are scaled.

    Args:
        images: an image (H, W, C), or a batch (N, H, W, C).
        contrast_factor: the factor.

    Example:
        >>> adjust_contrast([[[1.0], [3.0]]], 2.0).flatten().tolist()
        [0.0, 4.0]

    Source: `tf.image.adjust_contrast`
    """
    images = as_images(images, "tf.image.adjust_contrast")

    def change(x: torch.Tensor) -> torch.Tensor:
        mean = x.mean((-3, -2), keepdim=True)
        return (x - mean) * contrast_factor + mean

    return _adjusted(images, change)


@operation("tf.image")
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """Returns `gain * image ** gamma`.

    Args:
        image: pixels.
        gamma: the power, zero or more. Default: 1.
        gain: the factor. Default: 1.

    Raises:
        InvalidArgumentError: when `gamma` is negative.

    Example:
        >>> adjust_gamma([[[0.5]]], 2.0).tolist()
        [[[0.25]]]

    Source: `tf.image.adjust_gamma`
    """
    if isinstance(gamma, (int, float)) and gamma < 0:
        raise InvalidArgumentError(f"Gamma should be a non-negative number. Received: gamma={gamma}.")
    return _adjusted(image, lambda x: gain * x**gamma)


@operation("tf.image")
def adjust_saturation(image: Any, saturation_factor: Any) -> Any:
    """Returns images with another strength of colour.

    Args:
        image: RGB pixels.
        saturation_factor: the factor of the saturation.

    Example:
        >>> adjust_saturation([[[1.0, 0.5, 0.5]]], 0.0).tolist()
        [[[1.0, 1.0, 1.0]]]

    Source: `tf.image.adjust_saturation`
    """

    def change(x: torch.Tensor) -> torch.Tensor:
        hue, saturation, value = _hsv(x).unbind(-1)
        return _rgb(torch.stack([hue, (saturation * saturation_factor).clamp(0, 1), value], -1))

    return _adjusted(_with_channels(image, 3, "adjust_saturation"), change)


@operation("tf.image")
def adjust_hue(image: Any, delta: Any) -> Any:
    """Returns images with their colours turned on the colour wheel.

    Args:
        image: RGB pixels.
        delta: the turn, from -1 to 1; 1 is a whole one.

    Example:
        >>> [round(v, 3) for v in adjust_hue([[[1.0, 0.0, 0.0]]], 1 / 3).flatten().tolist()]
        [0.0, 1.0, 0.0]

    Source: `tf.image.adjust_hue`
    """

    def change(x: torch.Tensor) -> torch.Tensor:
        hue, saturation, value = _hsv(x).unbind(-1)
        return _rgb(torch.stack([torch.remainder(hue + delta, 1.0), saturation, value], -1))

    return _adjusted(_with_channels(image, 3, "adjust_hue"), change)


def _with_channels(images: Any, count: int, function: str) -> torch.Tensor:
    x = as_tensor(images)
    if not x.ndim or x.shape[-1] != count:
        raise ShapeError(
            f"tf.image.{function} takes images whose last axis has length {count}. Received: shape {tuple(x.shape)}."
        )
    return x


def _hsv(x: torch.Tensor) -> torch.Tensor:
    red, green, blue = x.unbind(-1)
    value, low = x.amax(-1), x.amin(-1)
    span = value - low
    safe = torch.where(span > 0, span, 1.0)
    hue = torch.where(
        red == value,
        (green - blue) / safe,
        torch.where(green == value, 2.0 + (blue - red) / safe, 4.0 + (red - green) / safe),
    )
    hue = torch.where(span > 0, torch.remainder(hue / 6.0, 1.0), 0.0)
    saturation = torch.where(value > 0, span / torch.where(value > 0, value, 1.0), 0.0)
    return torch.stack([hue, saturation, value], -1)


def _rgb(x: torch.Tensor) -> torch.Tensor:
    hue, saturation, value = x.unbind(-1)
    wheel = torch.stack(
        [(hue * 6 - 3).abs() - 1, 2 - (hue * 6 - 2).abs(), 2 - (hue * 6 - 4).abs()], -1
    ).clamp(0, 1)
    return ((wheel - 1) * saturation.unsqueeze(-1) + 1) * value.unsqueeze(-1)


def _mixed(images: Any, matrix: list, function: str) -> torch.Tensor:
    x = _with_channels(images, 3, function)
    return x @ torch.tensor(matrix, dtype=x.dtype, device=x.device)


@operation("tf.image")
def rgb_to_hsv(images: Any) -> Any:
    """Returns hue, saturation and value of RGB pixels, all from 0 to 1.

    Args:
        images: pixels from 0 to 1, (..., 3).

    Example:
        >>> rgb_to_hsv([[[0.0, 0.0, 0.5]]]).flatten().tolist()[1:]
        [1.0, 0.5]

    Source: `tf.image.rgb_to_hsv`
    """
    return _hsv(_with_channels(images, 3, "rgb_to_hsv"))


@operation("tf.image")
def hsv_to_rgb(images: Any) -> Any:
    """Returns RGB pixels of hue, saturation and value.

    Args:
        images: numbers from 0 to 1, (..., 3).

    Example:
        >>> hsv_to_rgb([[[0.0, 1.0, 0.5]]]).tolist()
        [[[0.5, 0.0, 0.0]]]

    Source: `tf.image.hsv_to_rgb`
    """
    return _rgb(_with_channels(images, 3, "hsv_to_rgb"))


@operation("tf.image")
def rgb_to_grayscale(images: Any) -> Any:
    """Returns the brightness of RGB pixels, with one channel.

    Args:
        images: pixels, (..., 3).

    Example:
        >>> [round(v, 4) for v in rgb_to_grayscale([[[1.0, 0.0, 0.0]]]).flatten().tolist()]
        [0.2989]

    Source: `tf.image.rgb_to_grayscale`
    """
    x = _with_channels(images, 3, "rgb_to_grayscale")
    floats = to_type(x, "float32") if as_dtype(x.dtype).is_integer else x
    gray = (floats * torch.tensor(_GRAY, dtype=floats.dtype, device=x.device)).sum(-1, keepdim=True)
    return to_type(gray, x.dtype)


@operation("tf.image")
def grayscale_to_rgb(images: Any) -> Any:
    """Returns pixels of one channel with that channel three times.

    Args:
        images: pixels, (..., 1).

    Example:
        >>> grayscale_to_rgb([[[0.5]]]).tolist()
        [[[0.5, 0.5, 0.5]]]

    Source: `tf.image.grayscale_to_rgb`
    """
    x = _with_channels(images, 1, "grayscale_to_rgb")
    return x.repeat(*[1] * (x.ndim - 1), 3)


@operation("tf.image")
def rgb_to_yiq(images: Any) -> Any:
    """Returns the YIQ values of RGB pixels.

    Args:
        images: pixels from 0 to 1, (..., 3).

    Example:
        >>> [round(v, 3) + 0.0 for v in rgb_to_yiq([[[1.0, 1.0, 1.0]]]).flatten().abs().tolist()]
        [1.0, 0.0, 0.0]

    Source: `tf.image.rgb_to_yiq`
    """
    return _mixed(images, _YIQ, "rgb_to_yiq")


@operation("tf.image")
def yiq_to_rgb(images: Any) -> Any:
    """Returns RGB pixels of YIQ values.

    Args:
        images: values, (..., 3).

    Example:
        >>> yiq_to_rgb([[[1.0, 0.0, 0.0]]]).tolist()
        [[[1.0, 1.0, 1.0]]]

    Source: `tf.image.yiq_to_rgb`
    """
    return _mixed(images, _RGB_OF_YIQ, "yiq_to_rgb")


@operation("tf.image")
def rgb_to_yuv(images: Any) -> Any:
    """Returns the YUV values of RGB pixels.

    Args:
        images: pixels from 0 to 1, (..., 3).

    Example:
        >>> [round(v, 3) + 0.0 for v in rgb_to_yuv([[[1.0, 1.0, 1.0]]]).flatten().abs().tolist()]
        [1.0, 0.0, 0.0]

    Source: `tf.image.rgb_to_yuv`
    """
    return _mixed(images, _YUV, "rgb_to_yuv")


@operation("tf.image")
def yuv_to_rgb(images: Any) -> Any:
    """Returns RGB pixels of YUV values.

    Args:
        images: values, (..., 3).

    Example:
        >>> yuv_to_rgb([[[1.0, 0.0, 0.0]]]).tolist()
        [[[1.0, 1.0, 1.0]]]

    Source: `tf.image.yuv_to_rgb`
    """
    return _mixed(images, _RGB_OF_YUV, "yuv_to_rgb")
