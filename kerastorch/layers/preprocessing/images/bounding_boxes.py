"""Bounding boxes: their formats, and what happens to them when an image is cropped, padded, clipped or transformed.

Legend: N images, K boxes an image, H height and W width of the image in pixels. Boxes are (K, 4) or (N, K, 4); several
functions also take a dictionary with these under `"boxes"` and their classes, (K,) or (N, K), under `"labels"`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean

FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)


def as_tensor(value: Any) -> torch.Tensor:
    """Returns boxes or labels as a tensor, whatever array they are."""
    return value if isinstance(value, torch.Tensor) else torch.as_tensor(np.asarray(value))


def _corners(boxes: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The four numbers of each box, each with an axis of length one at the end."""
    return tuple(boxes.split(1, dim=-1))


def _to_xyxy(boxes: torch.Tensor, kind: str) -> torch.Tensor:
    a, b, c, d = _corners(boxes)
    if kind in ("yxyx", "center_yxhw"):
        a, b, c, d = b, a, d, c
    if kind == "xywh":
        c, d = a + c, b + d
    elif kind.startswith("center"):
        a, b, c, d = a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return torch.cat([a, b, c, d], dim=-1)


def _from_xyxy(boxes: torch.Tensor, kind: str) -> torch.Tensor:
    left, top, right, bottom = _corners(boxes)
    width, height = right - left, bottom - top
    parts = {
        "xyxy": (left, top, right, bottom),
        "yxyx": (top, left, bottom, right),
        "xywh": (left, top, width, height),
        "center_xywh": (left + width / 2, top + height / 2, width, height),
        "center_yxhw": (top + height / 2, left + width / 2, height, width),
    }
    return torch.cat(parts[kind], dim=-1)


def _checked_format(name: Any) -> str:
    found = name.lower() if isinstance(name, str) else name
    if found not in FORMATS:
        raise InvalidArgumentError(
            f"Invalid source or target format {name!r} of bounding boxes. Supported formats: {FORMATS}."
            f"{did_you_mean(str(name), FORMATS)}"
        )
    return found


def _scales(height: Any, width: Any, like: torch.Tensor) -> torch.Tensor:
    """The sizes by which x and y of two corners are multiplied."""
    sizes = [torch.as_tensor(s, dtype=like.dtype, device=like.device) for s in (width, height)]
    if all(size.ndim == 0 for size in sizes):
        return torch.stack([*sizes, *sizes])
    return torch.cat(torch.broadcast_tensors(*sizes, *sizes), dim=-1)


def convert_format(
    boxes: Any, source: str, target: str, height: Any = None, width: Any = None, dtype: Any = "float32"
) -> Any:
    """Converts bounding boxes from one format to another.

    Args:
        boxes: (K, 4) or (N, K, 4), or a dictionary of them and their labels.
        source: the format they have, one of `FORMATS` in any case: `"xyxy"` is left, top, right, bottom;
            `"yxyx"` top, left, bottom, right; `"xywh"` left, top, width, height; the `center_` formats have the
            centre instead of a corner; the `rel_` formats are fractions of the image.
        target: the format they get.
        height: the height of the image, in pixels; needed where one of the formats is relative.
        width: its width, in pixels.
        dtype: the type of the result.

    Returns:
        The boxes as a tensor; a new dictionary for a dictionary.

    Raises:
        InvalidArgumentError: for an unknown format, or a relative one without the size of the image.
        ShapeError: when the last axis does not have length 4.

    Example:
        >>> convert_format([[10, 20, 30, 40]], source="xyxy", target="xywh").tolist()
        [[10.0, 20.0, 20.0, 20.0]]

    Source: `keras.utils.bounding_boxes.convert_format`.
    """
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    boxes = as_tensor(boxes)
    if boxes.ndim == 0 or boxes.shape[-1] != 4:
        raise ShapeError(
            "`boxes` must be a tensor with the last dimension of 4. Received: "
            f"boxes.shape={tuple(boxes.shape)}"
        )
    source, target = _checked_format(source), _checked_format(target)
    relative = source.startswith("rel_"), target.startswith("rel_")
    if any(relative) and (height is None or width is None):
        raise InvalidArgumentError(
            "`convert_format()` must receive `height` and `width` to convert between relative and absolute formats. "
            f"Received: source={source!r}, target={target!r}, height={height} and width={width}."
        )
    boxes = boxes.to(torch_dtype(dtype))
    if source == target:
        return boxes
    boxes = _to_xyxy(boxes, source.removeprefix("rel_"))
    if relative == (True, False):
        boxes = boxes * _scales(height, width, boxes)
    elif relative == (False, True):
        boxes = boxes / _scales(height, width, boxes)
    return _from_xyxy(boxes, target.removeprefix("rel_"))


def clip_to_image_size(
    bounding_boxes: dict, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> dict:
    """Clips bounding boxes to the image; the label of a box of which nothing is left becomes -1.

    Args:
        bounding_boxes: a dictionary with `"boxes"`, (K, 4) or (N, K, 4), and perhaps `"labels"`.
        height: the height of the image, in pixels; not needed for `"rel_xyxy"`.
        width: its width, in pixels.
        bounding_box_format: `"xyxy"` or `"rel_xyxy"`.

    Returns:
        A new dictionary.

    Raises:
        InvalidArgumentError: for another format, or pixels without the size of the image.

    Example:
        >>> boxes = {"boxes": [[-10.0, -20.0, 150.0, 160.0], [200.0, 0.0, 300.0, 9.0]], "labels": [3, 4]}
        >>> clipped = clip_to_image_size(boxes, height=100, width=120)
        >>> clipped["boxes"].tolist(), clipped["labels"].tolist()
        ([[0.0, 0.0, 120.0, 100.0], [120.0, 0.0, 120.0, 9.0]], [3, -1])

    Source: `keras.utils.bounding_boxes.clip_to_image_size`.
    """
    if bounding_box_format not in ("xyxy", "rel_xyxy"):
        raise InvalidArgumentError(
            "`bounding_box_format` must be 'xyxy' or 'rel_xyxy' to clip boxes. Received: "
            f"bounding_box_format={bounding_box_format!r}; call `convert_format` before."
        )
    if bounding_box_format == "rel_xyxy":
        height = width = 1
    elif height is None or width is None:
        raise InvalidArgumentError("`height` and `width` must be set if `bounding_box_format='xyxy'`.")
    boxes = as_tensor(bounding_boxes["boxes"])
    boxes = torch.minimum(boxes.clamp(min=0), _scales(height, width, boxes))
    clipped = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        left, top, right, bottom = boxes.unbind(-1)
        labels = as_tensor(bounding_boxes["labels"])
        clipped["labels"] = torch.where((right - left) * (bottom - top) > 0, labels, -1)
    return clipped


def _only_xyxy(bounding_box_format: str, function: str) -> None:
    if bounding_box_format != "xyxy":
        raise InvalidArgumentError(
            f"`{function}` takes boxes in the format 'xyxy' only. Received: "
            f"bounding_box_format={bounding_box_format!r}; call `convert_format` before."
        )


def crop(boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy") -> Any:
    """Returns the boxes as they lie in a part of the image, clipped to it.

    Args:
        boxes: (K, 4) or (N, K, 4).
        top: the upper edge of the part, in pixels of the image.
        left: its left edge, in pixels.
        height: its height, in pixels.
        width: its width, in pixels.
        bounding_box_format: `"xyxy"`.

    Raises:
        InvalidArgumentError: for another format.

    Example:
        >>> crop([[10.0, 20.0, 50.0, 60.0]], top=10, left=20, height=40, width=30).tolist()
        [[0.0, 10.0, 30.0, 40.0]]

    Source: `keras.utils.bounding_boxes.crop`.
    """
    _only_xyxy(bounding_box_format, "crop")
    moved = pad(boxes, -top, -left)
    return torch.minimum(moved.clamp(min=0), _scales(height, width, moved))


def pad(
    boxes: Any, top: Any, left: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Any:
    """Returns the boxes as they lie in an image with margins.

    Args:
        boxes: (K, 4) or (N, K, 4).
        top: the margin above the image, in pixels.
        left: the margin on its left, in pixels.
        height: has no meaning.
        width: has no meaning.
        bounding_box_format: `"xyxy"`.

    Raises:
        InvalidArgumentError: for another format.

    Example:
        >>> pad([[1.0, 2.0, 5.0, 6.0]], top=10, left=20).tolist()
        [[21.0, 12.0, 25.0, 16.0]]

    Source: `keras.utils.bounding_boxes.pad`.
    """
    _only_xyxy(bounding_box_format, "pad")
    x1, y1, x2, y2 = _corners(as_tensor(boxes))
    return torch.cat([x1 + left, y1 + top, x2 + left, y2 + top], dim=-1)


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: Any,
    width: Any,
    center_x: float | None = None,
    center_y: float | None = None,
    bounding_box_format: str = "xyxy",
) -> torch.Tensor:
    """Returns the upright boxes around boxes that were turned, moved, scaled and sheared.

    Args:
        boxes: (N, K, 4), or (K, 4) for one image.
        angle: how far each image is turned, (N,), in degrees.
        translate_x: how far it is moved to the right, (N,), as a fraction of its width.
        translate_y: how far it is moved down, (N,), as a fraction of its height.
        scale: by what it is scaled, (N,).
        shear_x: how far it is sheared along x, (N,), in degrees.
        shear_y: how far it is sheared along y, (N,), in degrees.
        height: the height of the images, in pixels.
        width: their width, in pixels.
        center_x: the centre of the transformation, as a fraction of the width. Default: 0.5.
        center_y: the centre of the transformation, as a fraction of the height. Default: 0.5.
        bounding_box_format: `"xyxy"`.

    Raises:
        InvalidArgumentError: for another format.

    Example:
        >>> still = torch.zeros(1)
        >>> affine_transform(torch.tensor([[[0.0, 0.0, 2.0, 4.0]]]), torch.tensor([180.0]), still, still,
        ...     torch.ones(1), still, still, height=11, width=11).round().tolist()
        [[[8.0, 6.0, 10.0, 10.0]]]

    Source: `keras.utils.bounding_boxes.affine_transform`.
    """
    _only_xyxy(bounding_box_format, "affine_transform")
    boxes, angle = as_tensor(boxes), as_tensor(angle)
    if boxes.ndim == 2:
        return affine_transform(
            boxes[None], angle.reshape(1), translate_x, translate_y, scale, shear_x, shear_y, height, width,
            center_x, center_y,
        )[0]  # fmt: skip
    rot, skew_x, skew_y = (-math.pi / 180.0 * as_tensor(a) for a in (angle, shear_x, shear_y))
    cx = (0.5 if center_x is None else center_x) * (width - 1)
    cy = (0.5 if center_y is None else center_y) * (height - 1)
    moved_x = cx - as_tensor(translate_x) * (width - 1)
    moved_y = cy - as_tensor(translate_y) * (height - 1)
    a = torch.cos(rot - skew_y) / torch.cos(skew_y)
    b = a * torch.tan(skew_x) + torch.sin(rot)
    c = -torch.sin(rot - skew_y) / torch.cos(skew_y)
    d = torch.cos(rot) - c * torch.tan(skew_x)
    # The inverse of [[a, b], [c, d]], whose determinant is 1.
    xx, xy, yx, yy = (as_tensor(scale) * part for part in (d, -b, -c, a))
    linear = torch.stack([torch.stack([xx, xy], -1), torch.stack([yx, yy], -1)], -2)
    shift = torch.stack([cx - xx * moved_x - xy * moved_y, cy - yx * moved_x - yy * moved_y], -1)
    points = boxes.to(linear.dtype)[..., [0, 1, 2, 1, 2, 3, 0, 3]].unflatten(-1, (4, 2))
    turned = torch.einsum("nkpi,noi->nkpo", points, linear) + shift[:, None, None]
    return torch.cat([turned.amin(2), turned.amax(2)], dim=-1)
