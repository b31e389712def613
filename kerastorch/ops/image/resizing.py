"""Images of another size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch.config import standardize_data_format
from kerastorch.core.images import fitting
from kerastorch.core.resizing import RESIZE_METHODS
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import op
from kerastorch.ops.image.layout import as_images, check_choice, size_of
from kerastorch.ops.plans import planned


@op("keras.ops.image")
def resize(
    images: Any,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Any:
    """Returns images of another size.

    Args:
        images: an image (H, W, C) or a batch (N, H, W, C).
        size: the new height and width, in pixels.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`.
        antialias: whether all old pixels count when an image shrinks.
        crop_to_aspect_ratio: whether to cut the images to the proportions of `size` first.
        pad_to_aspect_ratio: whether to give them margins for these proportions instead.
        fill_mode: what the margins hold; `"constant"` is `fill_value`, and there is no other.
        fill_value: the value of the margins.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.

    Returns:
        A tensor of the type of the images; whole numbers are rounded.

    Raises:
        InvalidArgumentError: for an unknown word, a size that is none, or when asked both to cut and to pad.
        ShapeError: for another number of axes.

    Example:
        >>> resize([[[0.0], [1.0]]], (1, 4)).flatten().tolist()
        [0.0, 0.25, 0.75, 1.0]

    Source: `keras.ops.image.resize` (as it is on TensorFlow), `torch.nn.functional.interpolate`.
    """
    x, data_format = as_images(images), standardize_data_format(data_format)
    target = _checked_size(size, interpolation, fill_mode)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise InvalidArgumentError(
            "Only one of `pad_to_aspect_ratio` and `crop_to_aspect_ratio` can be `True`."
        )
    if crop_to_aspect_ratio:
        x = fitting.cut(x, fitting.largest_window(size_of(x, data_format), target), data_format)
    elif pad_to_aspect_ratio:
        rows, columns = fitting.margins(size_of(x, data_format), target)
        x = fitting.padded(x, rows, columns, fill_value, data_format)
    if x.ndim == 4:
        return fitting.resized(x, target, interpolation, data_format, antialias)
    return fitting.resized(x.unsqueeze(0), target, interpolation, data_format, antialias).squeeze(0)


@planned
def _checked_size(size: Any, interpolation: str, fill_mode: str) -> tuple[int, int]:
    if not hasattr(size, "__len__") or len(size) != 2:
        raise InvalidArgumentError(f"Expected `size` to be a tuple of 2 integers. Received: size={size!r}.")
    height, width = (int(length) for length in size)
    if height <= 0 or width <= 0:
        raise InvalidArgumentError(f"`size` must have positive height and width. Received: size={size!r}.")
    check_choice("interpolation", interpolation, RESIZE_METHODS)
    check_choice("fill_mode", fill_mode, ("constant",))
    return height, width
