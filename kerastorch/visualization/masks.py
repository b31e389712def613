"""Segmentation masks drawn over images: `draw_segmentation_masks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerastorch.callbacks.events import as_array
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.visualization.pixels import as_bytes, image_batch, ink, is_channels_first

_PALETTE = np.array([2**25 - 1, 2**15 - 1, 2**21 - 1])  # multiples of it, modulo 255, are far from each other


def draw_segmentation_masks(
    images: Any,
    segmentation_masks: Any,
    num_classes: int | None = None,
    color_mapping: Mapping[int, Sequence[float]] | None = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> np.ndarray:
    """Draws segmentation masks over a batch of images.

    Args:
        images: (N, H, W, C), or (N, C, H, W) where colours come first; values in [0, 255]. Images in shades of gray
            become coloured ones.
        segmentation_masks: the class of each pixel as whole numbers, (N, H, W) or with an axis of length one where
            the images have their colours.
        num_classes: the highest class that gets a colour of its own accord; None takes the highest in the masks.
        color_mapping: red, green and blue of each class, in [0, 255]; classes that it lacks are not drawn. None
            makes colours up: black for class 0, the background.
        alpha: how much the colour covers, in [0, 1]. Default: 0.8.
        blend: False covers the pixels completely. Default: True.
        ignore_index: a class that is not drawn. Default: -1.
        data_format: `"channels_last"` or `"channels_first"`; None takes `config.image_data_format()`.

    Returns:
        A new array of bytes, (N, H, W, C) in either data format, as Keras has it.

    Raises:
        ArgumentTypeError: when the masks are not of whole numbers.
        InvalidArgumentError: when `alpha` is outside of [0, 1].
        ShapeError: when `images` are no batch of images, or the masks do not fit them.

    Example:
        >>> images, masks = np.full((1, 1, 3, 3), 100), np.array([[[0, 1, 2]]])
        >>> colors = {1: (255, 0, 0), 2: (0, 0, 255)}
        >>> draw_segmentation_masks(images, masks, color_mapping=colors, alpha=1.0)[0, 0].tolist()
        [[100, 100, 100], [255, 0, 0], [0, 0, 255]]

    Source: `keras.visualization.draw_segmentation_masks`.
    """
    if not 0 <= alpha <= 1:
        raise InvalidArgumentError(f"`alpha` must be in [0, 1]. Received: alpha={alpha}")
    pixels = image_batch(images, data_format).astype("float32")
    if pixels.shape[-1] == 1:
        pixels = np.repeat(pixels, 3, axis=-1)
    classes = _classes(segmentation_masks, pixels.shape[:3], is_channels_first(data_format))
    present = np.unique(classes)
    highest = present.max(initial=0) if num_classes is None else num_classes
    for each in present.tolist():
        color = color_mapping.get(each) if color_mapping is not None else _color(each, highest)
        if color is not None and each != ignore_index:
            drawn, chosen = ink(color, pixels.shape[-1]), classes == each
            pixels[chosen] = pixels[chosen] * (1 - alpha) + drawn * np.float32(alpha) if blend else drawn
    return as_bytes(pixels)


def _classes(masks: Any, shape: tuple[int, ...], is_first: bool) -> np.ndarray:
    """The class of each pixel, (N, H, W)."""
    classes = as_array(masks)
    if classes.dtype.kind not in "iu":
        raise ArgumentTypeError(
            f"`segmentation_masks` must be in integer dtype. Received: segmentation_masks.dtype={classes.dtype}"
        )
    axis = 1 if is_first else -1
    if classes.ndim == 4 and classes.shape[axis] == 1:
        classes = classes.squeeze(axis)
    if classes.shape != shape:
        raise ShapeError(
            f"`segmentation_masks` must have the shape {shape} of the images, without their colours. "
            f"Received: segmentation_masks.shape={np.shape(masks)}"
        )
    return classes


def _color(each: int, highest: int) -> list[int] | None:
    return (each * _PALETTE % 255).tolist() if 0 <= each <= highest else None
