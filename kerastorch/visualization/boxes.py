"""Bounding boxes drawn on images: `draw_bounding_boxes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerastorch.callbacks.events import as_array
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.layers.preprocessing.images.bounding_boxes import convert_format
from kerastorch.utils.image_utils import pillow
from kerastorch.visualization.pixels import as_bytes, image_batch, ink, is_channels_first

_PADDING = -1  # the label of a box that only fills up its row
_FAR = 1 << 20  # corners further away than this number of pixels are taken to be there
_FONT_SIZE = 28  # pixels, at a scale of one; capitals are 20 of them high


def draw_bounding_boxes(
    images: Any,
    bounding_boxes: Mapping[str, Any],
    bounding_box_format: str,
    class_mapping: Mapping[int, str] | None = None,
    color: Sequence[float] = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int | None = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> np.ndarray:
    """Draws bounding boxes, and the names of what is in them, on a batch of images.

    Args:
        images: (N, H, W, C), or (N, C, H, W) where colours come first. Floats up to 1.0 are taken as fractions of
            255, all other values as bytes.
        bounding_boxes: a dictionary with `"boxes"`, (N, K, 4), and `"labels"`, (N, K); `"confidences"`, (N, K), are
            written behind the names. Lists may hold another number of boxes for each image, and boxes with the label
            -1 are not drawn.
        bounding_box_format: the format of the boxes, such as `"xyxy"`, `"yxyx"`, `"xywh"`, `"center_xywh"`,
            `"center_yxhw"` or `"rel_xyxy"`.
        class_mapping: names of the labels; a box without one stays without text. Default: None.
        color: red, green and blue of lines and text, in [0, 255]. Default: gray.
        line_thickness: in pixels; -1 fills the boxes. Default: 2.
        text_thickness: of the letters' strokes; None or 0 takes `line_thickness`. Default: 1.
        font_scale: 1.0 gives letters of 20 pixels. Default: 1.0.
        data_format: `"channels_last"` or `"channels_first"`; None takes `config.image_data_format()`.

    Returns:
        A new array of bytes, of the shape of `images`.

    Raises:
        ArgumentTypeError: when `bounding_boxes` is no dictionary.
        InvalidArgumentError: when it lacks boxes or labels, or their numbers differ, or the format is unknown.
        ShapeError: when `images` are no batch of images.
        MissingDependencyError: when there is text to write, and Pillow is not installed.

    Example:
        >>> boxes = {"boxes": [[[1, 1, 3, 3]]], "labels": [[0]]}
        >>> draw_bounding_boxes(np.zeros((1, 5, 5, 1)), boxes, "xyxy", color=(9,), line_thickness=1)[0, :, :, 0]
        array([[0, 0, 0, 0, 0],
               [0, 9, 9, 9, 0],
               [0, 9, 0, 9, 0],
               [0, 9, 9, 9, 0],
               [0, 0, 0, 0, 0]], dtype=uint8)

    Source: `keras.visualization.draw_bounding_boxes`.
    """
    batch = _unit_range_to_bytes(image_batch(images, data_format))
    rows = _rows(bounding_boxes, len(batch))
    for image, (boxes, labels, confidences) in zip(batch, rows, strict=True):
        height, width, channels = image.shape
        corners = _corners(boxes, bounding_box_format, height, width)
        shown = [i for i, label in enumerate(labels) if label != _PADDING]
        coverage = np.zeros((height, width), "uint8")
        for i in shown:
            _add_box(coverage, corners[i], line_thickness)
        captions = [(corners[i], _caption(labels[i], confidences[i], class_mapping)) for i in shown]
        coverage = _with_text(coverage, captions, text_thickness or line_thickness, font_scale)
        inked = coverage > 0
        share = coverage[inked, None] / np.float32(255)
        image[inked] = np.rint(image[inked] * (1 - share) + ink(color, channels) * share)
    return batch.transpose(0, 3, 1, 2) if is_channels_first(data_format) else batch


def _unit_range_to_bytes(images: np.ndarray) -> np.ndarray:
    is_fraction = images.dtype.kind == "f" and images.size > 0 and images.max() <= 1
    return as_bytes(images * 255 if is_fraction else images)


def _rows(bounding_boxes: Mapping[str, Any], count: int) -> Iterator[tuple[Any, list[int], list[Any]]]:
    """The boxes, labels and confidences of each image."""
    if not isinstance(bounding_boxes, Mapping):
        raise ArgumentTypeError(
            "`bounding_boxes` should be a dict. "
            f"Received: bounding_boxes={bounding_boxes} of type {type(bounding_boxes)}"
        )
    if "boxes" not in bounding_boxes or "labels" not in bounding_boxes:
        raise InvalidArgumentError(
            "`bounding_boxes` should be a dict containing 'boxes' and 'labels' keys. "
            f"Received keys: {list(bounding_boxes)}"
        )
    boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
    confidences = bounding_boxes.get("confidences")
    lengths = {"boxes": len(boxes), "labels": len(labels)}
    if confidences is not None:
        lengths["confidences"] = len(confidences)
    if set(lengths.values()) != {count}:
        raise InvalidArgumentError(
            f"`bounding_boxes` should have one row for each image. Received: {count} images and {lengths}"
        )
    for i in range(count):
        numbers = as_array(labels[i]).astype("int64").reshape(-1).tolist()
        sure = [None] * len(numbers) if confidences is None else as_array(confidences[i]).reshape(-1).tolist()
        if not len(boxes[i]) == len(numbers) == len(sure):
            raise InvalidArgumentError(
                f"`bounding_boxes` should have a label for each box, and a confidence if any. Received for image {i}: "
                f"{len(boxes[i])} boxes, {len(numbers)} labels, {len(sure)} confidences"
            )
        yield boxes[i], numbers, sure


def _corners(boxes: Any, kind: str, height: int, width: int) -> list[list[int]]:
    """Left, top, right and bottom of each box in whole pixels."""
    numbers = as_array(boxes).reshape(-1, 4)
    exact = as_array(convert_format(numbers, kind, "xyxy", height, width))
    return np.clip(np.nan_to_num(exact), -_FAR, _FAR).astype("int32").tolist()


def _add_box(coverage: np.ndarray, box: Sequence[int], thickness: int) -> None:
    """Sets the pixels under the outline of a box, with round corners outside, as OpenCV does."""
    (left, right), (top, bottom) = sorted(box[::2]), sorted(box[1::2])
    reach = (thickness + 1) // 2 if thickness > 1 else 0
    x0, y0 = max(left - reach, 0), max(top - reach, 0)
    window = coverage[y0 : max(bottom + reach + 1, 0), x0 : max(right + reach + 1, 0)]
    y = np.arange(y0, y0 + window.shape[0])[:, None]
    x = np.arange(x0, x0 + window.shape[1])
    dx = np.maximum(left - x, x - right)  # how far outside of the box, negative inside
    dy = np.maximum(top - y, y - bottom)
    near = np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2 <= reach**2
    if thickness >= 0:
        near &= np.maximum(dx, dy) >= -reach
    window[near] = 255


def _caption(label: int, confidence: float | None, names: Mapping[int, str] | None) -> str:
    if not names or label not in names:
        return ""
    return str(names[label]) if confidence is None else f"{names[label]} | {confidence:.2f}"


def _with_text(coverage: np.ndarray, captions: list, thickness: int, scale: float) -> np.ndarray:
    """Writes above the boxes, or inside of those that are too near to the top of the image."""
    if not any(text for _, text in captions):
        return coverage
    image_module = pillow()
    from PIL import ImageDraw, ImageFont

    sheet = image_module.fromarray(coverage)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_FONT_SIZE * scale)
    for (left, top, _, _), text in captions:
        x, y = _text_place(left, top, scale, thickness)
        for shift in range(max(thickness, 1)):  # bold letters are written again, a pixel further on
            pen.text((x + shift, y), text, 255, font, anchor="ls")
    return np.asarray(sheet)


def _text_place(x: int, y: int, scale: float, thickness: int) -> tuple[int, int]:
    """Where the first letter's lower left corner goes."""
    height = 2 * int(12 * scale)
    if y - 8 - height > 0:
        return x, y - 8
    return x + 3, y + height + thickness + 3
