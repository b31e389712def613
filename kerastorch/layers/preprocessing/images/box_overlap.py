"""How far bounding boxes overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.config import epsilon
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.images.bounding_boxes import as_tensor, convert_format


def _as_xyxy(boxes: Any, source: str, image_shape: Sequence[int] | None) -> torch.Tensor:
    if "rel" in source and image_shape is None:
        raise InvalidArgumentError(
            "When using relative bounding box formats (e.g. `rel_yxyx`) the `image_shape` argument must be provided. "
            f"Received: image_shape={image_shape}"
        )
    height, width = (None, None) if image_shape is None else tuple(image_shape)[:2]
    return convert_format(boxes, source=source, target="xyxy", height=height, width=width)


def _area(boxes: torch.Tensor) -> torch.Tensor:
    left, top, right, bottom = boxes.unbind(-1)
    return (right - left) * (bottom - top)


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Sequence[int] | None = None,
) -> torch.Tensor:
    """Returns the area that each box of one set shares with each of another, divided by the area of both together.

    Args:
        boxes1: (K, 4) or (N, K, 4).
        boxes2: (M, 4) or (N, M, 4).
        bounding_box_format: the format of both, as for `convert_format`.
        use_masking: whether pairs with a box of negative numbers only, which stands for none, get `mask_val`.
        mask_val: their value.
        image_shape: height, width and channels of the images, for relative formats.

    Returns:
        (K, M), or (N, K, M) where one of them has a batch axis.

    Raises:
        ShapeError: for boxes of another rank.
        InvalidArgumentError: for an unknown format, or a relative one without `image_shape`.

    Example:
        >>> compute_iou([[0, 0, 2, 2]], [[0, 0, 2, 1], [5, 5, 6, 6]], "xyxy").tolist()
        [[0.5, 0.0]]

    Source: `keras.utils.bounding_boxes.compute_iou`.
    """
    first, second = as_tensor(boxes1), as_tensor(boxes2)
    for name, boxes in (("boxes1", first), ("boxes2", second)):
        if boxes.ndim not in (2, 3):
            raise ShapeError(
                f"compute_iou() expects {name} to be batched, or to be unbatched: of rank 3 or 2. Received: "
                f"{name}.shape={tuple(boxes.shape)}"
            )
    first = _as_xyxy(first, bounding_box_format, image_shape).unsqueeze(-2)
    second = _as_xyxy(second, bounding_box_format, image_shape).unsqueeze(-3)
    sides = torch.minimum(first[..., 2:], second[..., 2:]) - torch.maximum(first[..., :2], second[..., :2])
    shared = sides.clamp(min=0).prod(-1)
    ious = shared / (_area(first) + _area(second) - shared + epsilon())
    if not use_masking:
        return ious
    absent = (first.amax(-1) < 0) | (second.amax(-1) < 0)
    return torch.where(absent, mask_val, ious)


def compute_ciou(
    boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Sequence[int] | None = None
) -> torch.Tensor:
    """Returns the complete overlap of each box with its counterpart: less where centres or proportions differ.

    Args:
        boxes1: (..., 4).
        boxes2: (..., 4).
        bounding_box_format: the format of both, as for `convert_format`.
        image_shape: height, width and channels of the images, for relative formats.

    Returns:
        One number a pair, at most 1.

    Raises:
        InvalidArgumentError: for an unknown format, or a relative one without `image_shape`.

    Example:
        >>> round(compute_ciou([[0.0, 0.0, 2.0, 2.0]], [[0.0, 0.0, 2.0, 2.0]], "xyxy").item(), 4)
        1.0

    Source: `keras.utils.bounding_boxes.compute_ciou`; Zheng et al., 2020.
    """
    first = _as_xyxy(boxes1, bounding_box_format, image_shape)
    second = _as_xyxy(boxes2, bounding_box_format, image_shape)
    tiny = epsilon()
    (w1, h1), (w2, h2) = ((b[..., 2:] - b[..., :2]).unbind(-1) for b in (first, second))
    h1, h2 = h1 + tiny, h2 + tiny
    shared = torch.minimum(first[..., 2:], second[..., 2:]) - torch.maximum(first[..., :2], second[..., :2])
    shared = shared.clamp(min=0).prod(-1)
    iou = shared / (w1 * h1 + w2 * h2 - shared + 2 * tiny)
    hull = torch.maximum(first[..., 2:], second[..., 2:]) - torch.minimum(first[..., :2], second[..., :2])
    centres = (first[..., :2] + first[..., 2:] - second[..., :2] - second[..., 2:]) / 2
    distance = centres.square().sum(-1) / (hull.square().sum(-1) + tiny)
    proportions = 4 / math.pi**2 * (torch.atan(w2 / h2) - torch.atan(w1 / h1)).square()
    weight = proportions / (proportions - iou + (1 + tiny))
    return iou - (distance + proportions * weight)
