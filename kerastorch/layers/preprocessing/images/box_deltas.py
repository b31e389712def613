"""Bounding boxes as differences from anchors, which is what detectors learn to predict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.config import epsilon
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.bounding_boxes import as_tensor, convert_format


def _checked_variance(variance: Any, like: torch.Tensor) -> torch.Tensor | None:
    if variance is None:
        return None
    found = torch.as_tensor(variance, dtype=torch.float32, device=like.device)
    if found.ndim == 0 or found.shape[-1] != 4:
        raise InvalidArgumentError(f"`variance` must be length 4, got {variance}")
    return found


def _check_encoding(name: str, value: str) -> None:
    if value not in ("center_xywh", "center_yxhw"):
        raise InvalidArgumentError(f"`{name}` should be one of 'center_xywh' or 'center_yxhw', got {value!r}")


def _size(image_shape: Sequence[int] | None) -> dict[str, Any]:
    height, width = (None, None) if image_shape is None else tuple(image_shape)[:2]
    return {"height": height, "width": width}


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
) -> torch.Tensor:
    """Returns boxes as differences from anchors: of centres in sizes of the anchor, of sizes as logarithms.

    Args:
        anchors: (K, 4).
        boxes: (K, 4) or (N, K, 4).
        anchor_format: the format of the anchors, as for `convert_format`.
        box_format: the format of the boxes.
        encoding_format: `"center_yxhw"` or `"center_xywh"`, the order of the differences.
        variance: four numbers by which the differences are divided.
        image_shape: height, width and channels of the images, for relative formats.

    Raises:
        InvalidArgumentError: for another `encoding_format`, or a `variance` of another length.

    Example:
        >>> encode_box_to_deltas([[0.0, 0.0, 4.0, 4.0]], [[2.0, 0.0, 6.0, 4.0]], "xyxy", "xyxy").tolist()
        [[0.0, 0.5, 0.0, 0.0]]

    Source: `keras.utils.bounding_boxes.encode_box_to_deltas`.
    """
    _check_encoding("encoding_format", encoding_format)
    size = _size(image_shape)
    encoded = convert_format(anchors, source=anchor_format, target=encoding_format, **size)
    boxes = convert_format(boxes, source=box_format, target=encoding_format, **size)
    divisor = _checked_variance(variance, boxes)
    anchor_sides, sides = (b[..., 2:].clamp(min=epsilon()) for b in (encoded, boxes))
    centres = (boxes[..., :2] - encoded[..., :2]) / anchor_sides
    growth = torch.log(sides / anchor_sides)
    deltas = torch.cat(torch.broadcast_tensors(centres, growth), dim=-1)
    return deltas if divisor is None else deltas / divisor


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Sequence[float] | None = None,
    image_shape: Sequence[int] | None = None,
) -> Any:
    """Returns the boxes that differences from anchors stand for: the reverse of `encode_box_to_deltas`.

    Args:
        anchors: (K, 4), or a dictionary of them, one for each level of a detector.
        boxes_delta: (K, 4) or (N, K, 4), or a dictionary of them with the same keys.
        anchor_format: the format of the anchors, as for `convert_format`.
        box_format: the format of the boxes that are returned.
        encoded_format: `"center_yxhw"` or `"center_xywh"`, the order of the differences.
        variance: four numbers by which the differences are multiplied.
        image_shape: height, width and channels of the images, for relative formats.

    Raises:
        InvalidArgumentError: for another `encoded_format`, or a `variance` of another length.

    Example:
        >>> decode_deltas_to_boxes([[0.0, 0.0, 4.0, 4.0]], [[0.0, 0.5, 0.0, 0.0]], "xyxy", "xyxy").tolist()
        [[2.0, 0.0, 6.0, 4.0]]

    Source: `keras.utils.bounding_boxes.decode_deltas_to_boxes`.
    """
    _check_encoding("encoded_format", encoded_format)
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        settings = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {k: decode_deltas_to_boxes(a, boxes_delta[k], *settings) for k, a in anchors.items()}
    size = _size(image_shape)
    encoded = convert_format(anchors, source=anchor_format, target=encoded_format, **size)
    deltas = as_tensor(boxes_delta)
    factor = _checked_variance(variance, deltas)
    deltas = deltas if factor is None else deltas * factor
    centres = deltas[..., :2] * encoded[..., 2:] + encoded[..., :2]
    sides = torch.exp(deltas[..., 2:]) * encoded[..., 2:]
    boxes = torch.cat([centres, sides], dim=-1)
    return convert_format(boxes, source=encoded_format, target=box_format, **size)
