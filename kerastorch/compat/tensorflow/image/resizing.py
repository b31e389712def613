"""Resizing images as TensorFlow 2 does: pixels have their centres at a half."""

from __future__ import annotations

import math
from typing import Any

from kerastorch.compat.tensorflow.image.cropping import pad_to_bounding_box
from kerastorch.compat.tensorflow.image.layout import as_images
from kerastorch.compat.tensorflow.operation import integer, integers, operation
from kerastorch.core.resizing import RESIZE_METHODS, resize_pictures
from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean


class ResizeMethod:
    """The names of the methods of `resize`.

    Example:
        >>> ResizeMethod.BILINEAR
        'bilinear'

    Source: `tf.image.ResizeMethod`
    """

    AREA = "area"
    BICUBIC = "bicubic"
    BILINEAR = "bilinear"
    GAUSSIAN = "gaussian"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    MITCHELLCUBIC = "mitchellcubic"
    NEAREST_NEIGHBOR = "nearest"


_METHODS = list(RESIZE_METHODS)
_NUMBERS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}  # TensorFlow 1 wrote numbers


def _method_name(method: Any) -> str:
    name = _NUMBERS.get(method, str(method).lower())
    if name not in _METHODS:
        raise InvalidArgumentError(
            f"tf.image.resize: unknown method {method!r}. Expected one of {_METHODS}.{did_you_mean(name, _METHODS)}"
        )
    return name


def _kept_ratio(height: int, width: int, size: list[int]) -> list[int]:
    scale = min(size[0] / height, size[1] / width)
    return [round(scale * height), round(scale * width)]


@operation("tf.image")
def resize(
    images: Any,
    size: Any,
    method: Any = "bilinear",
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
) -> Any:
    """Returns images of another size.

    Args:
        images: an image (H, W, C), or a batch (N, H, W, C).
        size: the new height and width, in pixels.
        method: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`.
        preserve_aspect_ratio: whether to keep the shape of the picture within that size. Default: False.
        antialias: whether all old pixels count when the picture shrinks. Default: False.

    Returns:
        float32 images; those of `"nearest"` keep their type.

    Raises:
        InvalidArgumentError: when the method is unknown.
        ShapeError: when `size` is not two integers, or `images` no images.

    Example:
        >>> resize([[[0.0], [1.0]]], [1, 4]).flatten().tolist()
        [0.0, 0.25, 0.75, 1.0]

    Source: `tf.image.resize`, `torch.nn.functional.interpolate`
    """
    name, x, target = _method_name(method), as_images(images, "tf.image.resize"), integers(size)
    if len(target) != 2:
        raise ShapeError(
            f"tf.image.resize: `size` must be two integers, height and width. Received: size={size!r}."
        )
    batch = x if x.ndim == 4 else x.unsqueeze(0)
    height, width = batch.shape[1:3]
    target = _kept_ratio(height, width, target) if preserve_aspect_ratio else target
    result = resize_pictures(batch, target, name, antialias)
    return result if x.ndim == 4 else result[0]


@operation("tf.image")
def resize_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = "bilinear", antialias: bool = False
) -> Any:
    """Returns images of another size with the shape of the picture kept and zeros around it.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        target_height: the new height, in pixels.
        target_width: the new width, in pixels.
        method: as in `resize`.
        antialias: as in `resize`.

    Example:
        >>> resize_with_pad([[[4.0], [4.0]]], 2, 2).flatten().tolist()
        [4.0, 4.0, 0.0, 0.0]

    Source: `tf.image.resize_with_pad`
    """
    x, height, width = (
        as_images(image, "tf.image.resize_with_pad"),
        integer(target_height),
        integer(target_width),
    )
    ratio = max(x.shape[-3] / height, x.shape[-2] / width)
    new_height, new_width = math.floor(x.shape[-3] / ratio), math.floor(x.shape[-2] / ratio)
    top = max(0, math.floor((height - x.shape[-3] / ratio) / 2))
    left = max(0, math.floor((width - x.shape[-2] / ratio) / 2))
    resized = resize(x, [new_height, new_width], method, antialias=antialias)
    return pad_to_bounding_box(resized, top, left, height, width)
