"""Margins around images, and parts cut out of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.config import standardize_data_format
from kerastorch.core.context import state
from kerastorch.core.spec import BATCH_SIZES, OTHER_SIZES
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import op
from kerastorch.ops.image.layout import as_images
from kerastorch.ops.plans import planned

_Given = tuple[int | None, int | None, int | None]  # what is said of one axis


def _check(given: dict[str, int | None]) -> None:
    """Checks the arguments of one axis: two of the three are numbers, and none is negative."""
    if [*given.values()].count(None) != 1:
        received = ", ".join(f"{name}={value}" for name, value in given.items())
        raise InvalidArgumentError(f"Must specify exactly two of {', '.join(given)}. Received: {received}.")
    for name, value in given.items():
        if value is not None and value < 0:
            raise InvalidArgumentError(f"{name} must be >= 0. Received: {name}={value}.")


@op("keras.ops.image")
def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Returns images with zeros around them; two of the three numbers of each axis are given.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C).
        top_padding: how many rows come above, in pixels.
        left_padding: how many columns come on the left, in pixels.
        bottom_padding: how many rows come below, in pixels.
        right_padding: how many columns come on the right, in pixels.
        target_height: the new height, in pixels.
        target_width: the new width, in pixels.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor of the type of the images.

    Raises:
        InvalidArgumentError: when another number of arguments is given, or one is negative.
        ShapeError: for another number of axes.

    Example:
        >>> pad_images([[[5]]], 0, 1, target_height=1, target_width=3).flatten().tolist()
        [0, 5, 0]

    Source: `keras.ops.image.pad_images`, `torch.nn.functional.pad`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    rows, columns = (top_padding, bottom_padding, target_height), (left_padding, right_padding, target_width)
    return torch.constant_pad_nd(x, _widths(x.shape, data_format, rows, columns, state.inferring))


@planned
def _widths(
    shape: Sequence[int], data_format: str, rows: _Given, columns: _Given, inferring: bool
) -> tuple[int, ...]:
    """The widths of the margins in the order of `torch.nn.functional.pad`."""
    first = data_format == "channels_first"
    height, width = shape[-2:] if first else shape[-3:-1]
    top, bottom = _both(("top_padding", "bottom_padding", "target_height"), *rows, height, inferring)
    left, right = _both(("left_padding", "right_padding", "target_width"), *columns, width, inferring)
    return (left, right, top, bottom) if first else (0, 0, left, right, top, bottom)


def _both(
    names: tuple[str, str, str],
    first: int | None,
    last: int | None,
    target: int | None,
    length: int,
    inferring: bool,
) -> tuple[int, int]:
    """The margins before and after an axis, of which one may be left to its new length."""
    _check(dict(zip(names, (first, last, target), strict=True)))
    if target is not None:
        if first is None:
            first = target - (last or 0) - length
        elif last is None:
            last = target - first - length
    found = (first or 0, last or 0)
    unknown = inferring and length in (*BATCH_SIZES, *OTHER_SIZES)  # then the length is a stand-in
    for name, value in zip(names, found, strict=False):
        if value < 0 and not unknown:
            raise InvalidArgumentError(
                f"{name} must be >= 0. Received: {name}={value}, which an axis of {length} pixels needs to become "
                f"{target}."
            )
    return found


@op("keras.ops.image")
def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Any:
    """Returns a part of images; two of the three numbers of each axis are given.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C).
        top_cropping: how many rows are dropped above, in pixels.
        left_cropping: how many columns are dropped on the left, in pixels.
        bottom_cropping: how many rows are dropped below, in pixels.
        right_cropping: how many columns are dropped on the right, in pixels.
        target_height: the new height, in pixels.
        target_width: the new width, in pixels.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor of the type of the images.

    Raises:
        InvalidArgumentError: when another number of arguments is given, or one is negative or too large.
        ShapeError: for another number of axes.

    Example:
        >>> crop_images([[[1], [2], [3]]], 0, 1, target_height=1, target_width=1).flatten().tolist()
        [2]

    Source: `keras.ops.image.crop_images`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    rows, columns = (
        (top_cropping, bottom_cropping, target_height),
        (left_cropping, right_cropping, target_width),
    )
    return x[_cut(x.shape, data_format, rows, columns)]


@planned
def _cut(shape: Sequence[int], data_format: str, rows: _Given, columns: _Given) -> tuple[Any, ...]:
    """What to index images with."""
    first = data_format == "channels_first"
    height, width = shape[-2:] if first else shape[-3:-1]
    cuts = (
        _part(("top_cropping", "bottom_cropping", "target_height"), *rows, height),
        _part(("left_cropping", "right_cropping", "target_width"), *columns, width),
    )
    before = (slice(None),) * (len(shape) - (2 if first else 3))
    return *before, *(slice(start, start + length) for start, length in cuts)


def _part(
    names: tuple[str, str, str], first: int | None, last: int | None, target: int | None, length: int
) -> tuple[int, int]:
    """Where the part of an axis begins, and how long it is."""
    _check(dict(zip(names, (first, last, target), strict=True)))
    if first is None:
        first = length - (target or 0) - (last or 0)
    if target is None:
        target = length - first - (last or 0)
    for name, value in ((names[0], first), (names[2], target)):
        if value < 0 or first + target > length:
            raise InvalidArgumentError(
                f"{name} must be >= 0, and no part may leave its axis. "
                f"Received: {name}={value} for an axis of {length} pixels."
            )
    return first, target
