"""Images as NumPy arrays of bytes, colours last, and colours that are laid over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerastorch import config
from kerastorch.callbacks.events import as_array
from kerastorch.errors import InvalidArgumentError, ShapeError


def is_channels_first(data_format: str | None) -> bool:
    """Returns whether colours come before height and width.

    Args:
        data_format: `"channels_first"`, `"channels_last"`, or None for `config.image_data_format()`.

    Raises:
        InvalidArgumentError: when it is anything else.
    """
    chosen = config.image_data_format() if data_format is None else data_format
    if chosen not in ("channels_first", "channels_last"):
        raise InvalidArgumentError(
            f"`data_format` must be 'channels_first' or 'channels_last'. Received: data_format={data_format!r}"
        )
    return chosen == "channels_first"


def image_batch(images: Any, data_format: str | None) -> np.ndarray:
    """Returns a batch of images as an array (N, H, W, C).

    Args:
        images: (N, H, W, C), or (N, C, H, W) where colours come first.
        data_format: where they come, as for `is_channels_first`.

    Raises:
        ShapeError: when it is no batch of images.
    """
    pixels = as_array(images)
    if pixels.ndim != 4:
        raise ShapeError(
            f"`images` must be a batched 4D tensor, (N, H, W, C). Received: images.shape={pixels.shape}"
        )
    return pixels.transpose(0, 2, 3, 1) if is_channels_first(data_format) else pixels


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Returns a new array of bytes; values outside of [0, 255] become the nearest inside, fractions are cut off."""
    return np.clip(images, 0, 255).astype("uint8")


def from_range(images: np.ndarray, value_range: Sequence[float]) -> np.ndarray:
    """Returns images whose values go from one number to another as bytes; those in (0, 255) stay as they are.

    Args:
        images: the images.
        value_range: what stands for black and what for full colour.

    Raises:
        InvalidArgumentError: when they are the same, or not two.
    """
    low, high = value_range if len(value_range) == 2 else (0, 0)
    if low == high:
        raise InvalidArgumentError(
            f"`value_range` must be two different numbers, the lowest value and the highest. Received: {value_range}"
        )
    if (low, high) == (0, 255):
        return images
    return as_bytes((images.astype("float32") - low) / (high - low) * 255)


def ink(color: Any, channels: int) -> np.ndarray:
    """Returns a colour as the bytes of one pixel.

    Args:
        color: red, green and blue, or one number, in [0, 255].
        channels: how many bytes; those after blue, such as the opacity, are 255.

    Example:
        >>> ink((255, 128, 0), channels=4).tolist()
        [255, 128, 0, 255]
    """
    given = as_bytes(np.rint(np.atleast_1d(np.asarray(color, "float32"))))[:channels]
    return np.concatenate([given, np.full(channels - len(given), 255, "uint8")])
