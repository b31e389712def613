"""Resizing images as TensorFlow 2 does: pixels have their centres at a half."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.image.cropping import pad_to_bounding_box
from kerastorch.compat.tensorflow.image.layout import as_images
from kerastorch.compat.tensorflow.operation import integer, integers, operation
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


def _triangle(x: torch.Tensor) -> torch.Tensor:
    return (1 - x).clamp(min=0)


def _keys(x: torch.Tensor) -> torch.Tensor:
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def _mitchell(x: torch.Tensor) -> torch.Tensor:
    near = (7 / 6 * x - 2) * x * x + 8 / 9
    far = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def _gaussian(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x < 1.5, torch.exp(-2 * x * x), 0.0)


def _lanczos(radius: int) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: torch.where(x < radius, torch.sinc(x) * torch.sinc(x / radius), 0.0)


_KERNELS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "bilinear": _triangle,
    "bicubic": _keys,
    "mitchellcubic": _mitchell,
    "gaussian": _gaussian,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
_METHODS = [*_KERNELS, "nearest", "area"]
_NUMBERS = {0: "bilinear", 1: "nearest", 2: "bicubic", 3: "area"}  # TensorFlow 1 wrote numbers


def _method_name(method: Any) -> str:
    name = _NUMBERS.get(method, str(method).lower())
    if name not in _METHODS:
        raise InvalidArgumentError(
            f"tf.image.resize: unknown method {method!r}. Expected one of {_METHODS}.{did_you_mean(name, _METHODS)}"
        )
    return name


def _weights(old: int, new: int, method: str, antialias: bool, device: torch.device) -> torch.Tensor:
    """How much each old pixel of an axis counts for each new one, (new, old)."""
    ratio = old / new
    pixels = torch.arange(old, dtype=torch.float32, device=device)
    centres = (torch.arange(new, dtype=torch.float32, device=device) + 0.5) * ratio
    if method == "area":
        low, high = (centres - ratio / 2).unsqueeze(1), (centres + ratio / 2).unsqueeze(1)
        weights = (torch.minimum(high, pixels + 1) - torch.maximum(low, pixels)).clamp(min=0)
    else:
        scale = max(ratio, 1.0) if antialias else 1.0
        weights = _KERNELS[method](((pixels + 0.5) - centres.unsqueeze(1)).abs() / scale)
    return weights / weights.sum(1, keepdim=True)


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
    if name == "nearest":
        result = _nearest(batch, target)
    elif name == "bilinear" and not antialias:
        planes = batch.float().permute(0, 3, 1, 2)
        result = F.interpolate(planes, target, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
    else:
        rows = _weights(height, target[0], name, antialias, batch.device)
        columns = _weights(width, target[1], name, antialias, batch.device)
        result = torch.einsum("ih,nhwc,jw->nijc", rows, batch.float(), columns)
    return result if x.ndim == 4 else result[0]


def _nearest(batch: torch.Tensor, target: list[int]) -> torch.Tensor:
    for axis, (old, new) in enumerate(zip(batch.shape[1:3], target, strict=True), 1):
        places = (
            ((torch.arange(new, device=batch.device) + 0.5) * (old / new)).floor().long().clamp(max=old - 1)
        )
        batch = batch.index_select(axis, places)
    return batch


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
