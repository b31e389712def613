"""Patches of images and volumes.

Legend: N batch, D depth, H height, W width, C channels.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.config import standardize_data_format
from kerastorch.core.images.patches import patches
from kerastorch.core.spatial import integers, padding_mode, same_padding
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.plans import planned


@op("keras.ops.image")
def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Returns the patches of images, or of volumes, each flattened into channels.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C); with three sizes a volume (D, H, W, C) or a batch of them.
        size: the size of a patch, in pixels: one integer for both axes, two, or three for volumes.
        strides: the steps between patches, one integer or one for each axis; None takes `size`.
        dilation_rate: the distances of the pixels of a patch, one integer or one for each axis.
        padding: `"valid"`, or `"same"` for patches that reach over the edge, where all is zero.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor (N, rows, columns, pixels of a patch times C), or with `"channels_first"` the channels second; without
        N for a single image.

    Raises:
        ArgumentTypeError: when `size` is neither an integer nor a tuple.
        InvalidArgumentError: for another number of sizes, or an unknown padding.
        ShapeError: for another number of axes.

    Example:
        >>> extract_patches([[[1], [2], [3]]], (1, 2), strides=1).tolist()
        [[[1, 2], [2, 3]]]

    Source: `keras.ops.image.extract_patches`, `torch.Tensor.unfold`.
    """
    if not isinstance(size, (int, tuple, list)):
        raise ArgumentTypeError(
            f"Invalid `size` argument. Expected an int or a tuple. Received: size={size!r} of type "
            f"{type(size).__name__}."
        )
    if not isinstance(size, int) and len(size) not in (2, 3):
        raise InvalidArgumentError(
            f"Invalid `size` argument. Expected a tuple of length 2 or 3. Received: size={size} with length "
            f"{len(size)}."
        )
    rank = 2 if isinstance(size, int) else len(size)
    return _extracted(images, size, strides, dilation_rate, padding, data_format, rank)


@op("keras.ops.image")
def extract_patches_3d(
    volumes: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Any:
    """Returns the patches of volumes, each flattened into channels.

    Args:
        volumes: a volume (D, H, W, C) or a batch (N, D, H, W, C).
        size: the size of a patch, in pixels: one integer for all axes, or three.
        strides: the steps between patches, one integer or three; None takes `size`.
        dilation_rate: the distances of the pixels of a patch, one integer or three.
        padding: `"valid"`, or `"same"` for patches that reach over the edge, where all is zero.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor (N, planes, rows, columns, pixels of a patch times C), or with `"channels_first"` the channels second;
        without N for a single volume.

    Raises:
        ArgumentTypeError: for another number of sizes.
        InvalidArgumentError: for another number of strides or rates, or an unknown padding.
        ShapeError: for another number of axes.

    Example:
        >>> extract_patches_3d(torch.ones(10, 10, 10, 3), 3).shape
        torch.Size([3, 3, 3, 81])

    Source: `keras.ops.image.extract_patches_3d`, `torch.Tensor.unfold`.
    """
    if not isinstance(size, int) and len(size) != 3:
        raise ArgumentTypeError(
            f"Invalid `size` argument. Expected an int or a tuple of length 3. Received: size={size}."
        )
    return _extracted(volumes, size, strides, dilation_rate, padding, data_format, 3)


def _extracted(
    images: Any, size: Any, strides: Any, rates: Any, padding: str, data_format: str | None, rank: int
) -> torch.Tensor:
    x = images if isinstance(images, torch.Tensor) else tensor(images)
    if x.ndim not in (rank + 1, rank + 2):
        raise ShapeError(
            f"Invalid images rank: patches of {rank} sizes come from {rank + 1} axes, or from {rank + 2} for a batch. "
            f"Received: images.shape={tuple(x.shape)}."
        )
    size, strides, rates = _settings(size, strides, rates, rank)
    if standardize_data_format(data_format) == "channels_first":
        x, axis = x.movedim(-rank - 1, -1), -rank - 1
    else:
        axis = -1
    if padding_mode(padding) == "same":
        spans = [rate * (length - 1) + 1 for length, rate in zip(size, rates, strict=True)]
        sides = [*zip(x.shape[-rank - 1 : -1], spans, strides, strict=True)]
        x = F.pad(x, [0, 0, *(n for side in reversed(sides) for n in same_padding(*side))])
    first = x.ndim - rank - 1
    found = patches(x, range(first, first + rank), size, strides, rates)
    found = found.movedim(first + rank, -1).flatten(first + rank)
    return found if axis == -1 else found.movedim(-1, axis)


@planned
def _settings(size: Any, strides: Any, rates: Any, rank: int) -> tuple[tuple[int, ...], ...]:
    """Sizes, steps and distances, one for each axis."""
    size = integers(size, rank, "size")
    return size, integers(strides or size, rank, "strides"), integers(rates, rank, "dilation_rate")
