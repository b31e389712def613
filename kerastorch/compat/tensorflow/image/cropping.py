"""Cutting out parts of images and adding margins."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.image.layout import as_images
from kerastorch.compat.tensorflow.operation import as_tensor, integer, integers, operation
from kerastorch.core.images.patches import patches
from kerastorch.core.spatial import same_padding
from kerastorch.errors import InvalidArgumentError, ShapeError


@operation("tf.image")
def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Any:
    """Returns a part of images.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        offset_height: the first row, in pixels.
        offset_width: the first column, in pixels.
        target_height: the height of the part, in pixels.
        target_width: the width of the part, in pixels.

    Raises:
        ShapeError: when the part does not lie within the image.

    Example:
        >>> crop_to_bounding_box([[[1], [2]], [[3], [4]]], 1, 0, 1, 2).flatten().tolist()
        [3, 4]

    Source: `tf.image.crop_to_bounding_box`
    """
    x = as_images(image, "tf.image.crop_to_bounding_box")
    top, left, height, width = (
        integer(v) for v in (offset_height, offset_width, target_height, target_width)
    )
    if min(top, left, height, width) < 0 or top + height > x.shape[-3] or left + width > x.shape[-2]:
        raise ShapeError(
            f"tf.image.crop_to_bounding_box: rows {top} to {top + height} and columns {left} to {left + width} do not "
            f"lie within an image of shape {tuple(x.shape)}."
        )
    return x[..., top : top + height, left : left + width, :]


@operation("tf.image")
def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Any:
    """Returns images with zeros around them.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        offset_height: how many rows come before, in pixels.
        offset_width: how many columns come before, in pixels.
        target_height: the new height, in pixels.
        target_width: the new width, in pixels.

    Raises:
        ShapeError: when the image does not fit.

    Example:
        >>> pad_to_bounding_box([[[5]]], 0, 1, 1, 3).flatten().tolist()
        [0, 5, 0]

    Source: `tf.image.pad_to_bounding_box`
    """
    x = as_images(image, "tf.image.pad_to_bounding_box")
    top, left, height, width = (
        integer(v) for v in (offset_height, offset_width, target_height, target_width)
    )
    below, right = height - top - x.shape[-3], width - left - x.shape[-2]
    if min(top, left, below, right) < 0:
        raise ShapeError(
            f"tf.image.pad_to_bounding_box: an image of shape {tuple(x.shape)} at ({top}, {left}) does not fit into "
            f"{height} x {width} pixels."
        )
    return F.pad(x, (0, 0, left, right, top, below))


@operation("tf.image")
def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Any:
    """Returns images of another size, cut in the middle or with zeros around them.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        target_height: the new height, in pixels.
        target_width: the new width, in pixels.

    Example:
        >>> resize_with_crop_or_pad([[[1], [2], [3]]], 1, 1).flatten().tolist()
        [2]

    Source: `tf.image.resize_with_crop_or_pad`
    """
    x, height, width = (
        as_images(image, "tf.image.resize_with_crop_or_pad"),
        integer(target_height),
        integer(target_width),
    )
    old_height, old_width = x.shape[-3:-1]
    top, left = max((old_height - height) // 2, 0), max((old_width - width) // 2, 0)
    part = crop_to_bounding_box(x, top, left, min(height, old_height), min(width, old_width))
    above, before = max((height - old_height) // 2, 0), max((width - old_width) // 2, 0)
    return pad_to_bounding_box(part, above, before, height, width)


@operation("tf.image")
def central_crop(image: Any, central_fraction: float) -> Any:
    """Returns the middle of images.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        central_fraction: the share of height and width to keep, above 0 and up to 1.

    Raises:
        InvalidArgumentError: when the share is not in that range.

    Example:
        >>> central_crop(torch.zeros(4, 8, 1), 0.5).shape
        torch.Size([2, 4, 1])

    Source: `tf.image.central_crop`
    """
    x, share = as_images(image, "tf.image.central_crop"), float(central_fraction)
    if not 0.0 < share <= 1.0:
        raise InvalidArgumentError(f"central_fraction must be within (0, 1]. Received: {central_fraction!r}.")
    height, width = x.shape[-3:-1]
    top, left = int((height - height * share) / 2), int((width - width * share) / 2)
    return x[..., top : height - top, left : width - left, :]


@operation("tf.image")
def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> Any:
    """Returns parts of images, each resized to one size.

    Args:
        image: a batch (N, H, W, C).
        boxes: the parts (y1, x1, y2, x2), where 0 is the first pixel and 1 the last.
        box_indices: the number of the image of each part.
        crop_size: the height and width of the results, in pixels.
        method: `"bilinear"` or `"nearest"`.
        extrapolation_value: what stands outside of the image. Default: 0.

    Raises:
        InvalidArgumentError: when the method is unknown.

    Example:
        >>> crop_and_resize([[[[0.0], [1.0], [2.0]]]], [[0.0, 0.0, 1.0, 1.0]], [0], [1, 2]).flatten().tolist()
        [0.0, 2.0]

    Source: `tf.image.crop_and_resize`
    """
    if method not in ("bilinear", "nearest"):
        raise InvalidArgumentError(f"method must be 'bilinear' or 'nearest'. Received: method={method!r}.")
    images, boxes = as_tensor(image).float(), as_tensor(boxes).float()
    height, width = integers(crop_size)
    rows = _places(boxes[:, 0], boxes[:, 2], height, images.shape[1])
    columns = _places(boxes[:, 1], boxes[:, 3], width, images.shape[2])
    which = as_tensor(box_indices).to(images.device, torch.int64)
    found = _sampled(images, which, rows, columns, method)
    inside = _inside(rows, images.shape[1]).unsqueeze(2) & _inside(columns, images.shape[2]).unsqueeze(1)
    return torch.where(inside.unsqueeze(-1), found, float(extrapolation_value))


def _places(low: torch.Tensor, high: torch.Tensor, count: int, length: int) -> torch.Tensor:
    """Where on an axis each pixel of each box is read, (boxes, count)."""
    if count == 1:
        return ((low + high) / 2 * (length - 1)).unsqueeze(1)
    share = torch.arange(count, device=low.device) / (count - 1)
    return (low.unsqueeze(1) + (high - low).unsqueeze(1) * share) * (length - 1)


def _inside(places: torch.Tensor, length: int) -> torch.Tensor:
    return (places >= 0) & (places <= length - 1)


def _sampled(
    images: torch.Tensor, which: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor, method: str
) -> torch.Tensor:
    """Images read at rows and columns between the pixels."""
    last_row, last_column = images.shape[1] - 1, images.shape[2] - 1

    def read(row: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
        row, column = row.long().clamp(0, last_row), column.long().clamp(0, last_column)
        return images[which[:, None, None], row[:, :, None], column[:, None, :]]

    if method == "nearest":
        return read(rows.round(), columns.round())
    top, left = rows.floor(), columns.floor()
    down, right = (rows - top)[:, :, None, None], (columns - left)[:, None, :, None]
    upper = torch.lerp(read(top, left), read(top, left + 1), right)
    lower = torch.lerp(read(top + 1, left), read(top + 1, left + 1), right)
    return torch.lerp(upper, lower, down)


@operation("tf.image")
def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str) -> Any:
    """Returns the patches of images, each flattened into channels.

    Args:
        images: a batch (N, H, W, C).
        sizes: the size of a patch, `[1, rows, columns, 1]`.
        strides: the steps between patches, `[1, rows, columns, 1]`.
        rates: the distances of pixels within a patch, `[1, rows, columns, 1]`.
        padding: `"VALID"` or `"SAME"`.

    Raises:
        InvalidArgumentError: when the padding is unknown.

    Example:
        >>> extract_patches([[[[1], [2], [3]]]], [1, 1, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID").tolist()
        [[[[1, 2], [2, 3]]]]

    Source: `tf.image.extract_patches`
    """
    x = as_tensor(images)
    (_, height, width, _), (_, down, right, _), (_, rate_y, rate_x, _) = (
        integers(v) for v in (sizes, strides, rates)
    )
    span_y, span_x = rate_y * (height - 1) + 1, rate_x * (width - 1) + 1
    if padding.upper() == "SAME":
        x = F.pad(
            x, (0, 0, *same_padding(x.shape[2], span_x, right), *same_padding(x.shape[1], span_y, down))
        )
    elif padding.upper() != "VALID":
        raise InvalidArgumentError(f"padding must be 'VALID' or 'SAME'. Received: padding={padding!r}.")
    found = patches(x, (1, 2), (height, width), (down, right), (rate_y, rate_x))
    return found.movedim(3, -1).flatten(3)
