"""`image_dataset_from_directory`."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.config import standardize_data_format
from kerastorch.core.resizing import RESIZE_METHODS, resize_pictures
from kerastorch.errors import InvalidArgumentError
from kerastorch.utils.directories import Request
from kerastorch.utils.directories_pipeline import datasets_of
from kerastorch.utils.image_utils import MODES, converted, cut_and_resized, pillow

_FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Returns a dataset of the pictures in the folders of a directory, a folder for each class.

    Files are read by threads when their batch is near, so that memory does not grow with their number.

    Args:
        directory: where the folders are, with files that end in .bmp, .gif (the first frame), .jpeg, .jpg or .png.
        labels: `"inferred"` takes the number of the folder; a list has one label for each file in alphabetical
            order, and folders mean nothing; None gives no labels. Default: `"inferred"`.
        label_mode: `"int"` gives labels int32 (batch,), `"categorical"` float32 (batch, classes), `"binary"` float32
            (batch, 1), None none. Default: `"int"`.
        class_names: the folders that count, in the order of their numbers. Default: None, all, alphabetically.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`: 3, 4 or 1 channels. Default: `"rgb"`.
        batch_size: number of pictures in a batch; None gives them one by one. Default: 32.
        image_size: height and width in pixels to which all are resized; one number for both. Default: (256, 256).
        shuffle: whether the order is random and another one in each epoch; else alphabetical. Default: True.
        seed: fixes the order, and with it the split. Default: None.
        validation_split: fraction of the files that is kept for validation. Default: None.
        subset: with a `validation_split`: `"training"`, `"validation"`, or `"both"` for a list of two datasets.
            Default: None.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`. Default: `"bilinear"`.
        follow_links: whether linked folders are looked into. Default: False.
        crop_to_aspect_ratio: whether the centre with the proportions of `image_size` is cut out before resizing.
            Default: False, which distorts.
        pad_to_aspect_ratio: whether zeros fill up what the whole picture, not distorted, leaves of `image_size`.
            Default: False.
        data_format: `"channels_first"` gives (batch, channels, height, width). Default: None, the global one.
        format: accepted for Keras; there is one kind of dataset here, which `"tf"` is the name of. Default: `"tf"`.
        verbose: whether to print how many files were found. Default: True.

    Returns:
        A `Dataset` of float32 pictures (batch, height, width, channels) from 0 to 255, or of pairs of them and
        labels, with the attributes `class_names` and `file_paths`; a list of two such for `subset="both"`.

    Raises:
        InvalidArgumentError: when an argument has a value that means nothing, or labels do not fit the files.
        MissingFileError: when there is no such directory.
        DataError: when there are no pictures in it.
        MissingDependencyError: when Pillow is not installed.

    Example:
        >>> import os, tempfile
        >>> from kerastorch.utils.image_utils import save_img
        >>> with tempfile.TemporaryDirectory() as home:
        ...     for name in ("cat", "dog"):
        ...         os.mkdir(f"{home}/{name}")
        ...         save_img(f"{home}/{name}/1.png", np.zeros((4, 5, 3)))
        ...     dataset = image_dataset_from_directory(home, image_size=(8, 8), shuffle=False)
        ...     images, labels = next(iter(dataset))
        Found 2 files belonging to 2 classes.
        >>> images.shape, labels.tolist(), dataset.class_names
        (torch.Size([2, 8, 8, 3]), [0, 1], ['cat', 'dog'])

    Source: keras.utils.image_dataset_from_directory
    """
    request = Request(
        directory,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
        "images",
        _FORMATS,
    )
    check_format(format)
    pillow()
    if color_mode not in MODES:
        raise InvalidArgumentError(
            f"`color_mode` must be one of {list(MODES)}. Received: color_mode={color_mode!r}."
        )
    resize = _resizer(_size(image_size), interpolation.lower(), crop_to_aspect_ratio, pad_to_aspect_ratio)
    first = standardize_data_format(data_format) == "channels_first"

    def load(path: str) -> torch.Tensor:
        picture = resize(_read(path, color_mode))
        return picture.permute(2, 0, 1) if first else picture

    return datasets_of(request, load)


def check_format(format: str) -> None:
    """Warns or raises when `format` is not the one kind of dataset that there is.

    Args:
        format: `"tf"`; `"grain"` gives the same dataset, after a warning.

    Raises:
        InvalidArgumentError: for any other value.
    """
    if format not in ("tf", "grain"):
        raise InvalidArgumentError(f'`format` should be "tf" or "grain". Received: format={format!r}.')
    if format == "grain":
        warnings.warn("`format='grain'` gives the same Dataset as format='tf'.", stacklevel=3)


def _size(image_size: Any) -> tuple[int, int]:
    if isinstance(image_size, int):
        return image_size, image_size
    if not isinstance(image_size, (list, tuple)) or len(image_size) != 2:
        raise InvalidArgumentError(
            f"`image_size` must be height and width, two integers. Received: image_size={image_size!r}."
        )
    return image_size[0], image_size[1]


def _resizer(
    size: tuple[int, int], interpolation: str, crop: bool, pad: bool
) -> Callable[[torch.Tensor], torch.Tensor]:
    """What makes a float32 picture (height, width, channels) of `size` of one of any size."""
    if interpolation not in RESIZE_METHODS:
        raise InvalidArgumentError(
            f"`interpolation` must be one of {RESIZE_METHODS}. Received: interpolation={interpolation!r}."
        )
    if crop and pad:
        raise InvalidArgumentError(
            "Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be True."
        )
    if crop:
        return lambda picture: cut_and_resized(picture[None], size, interpolation)[0]
    if pad:
        return lambda picture: _padded(picture, size, interpolation)
    return lambda picture: resize_pictures(picture[None], size, interpolation)[0]


def _padded(picture: torch.Tensor, size: tuple[int, int], interpolation: str) -> torch.Tensor:
    """The whole picture, resized without distortion, in the centre of zeros."""
    ratio = max(picture.shape[0] / size[0], picture.shape[1] / size[1])
    inner = tuple(
        min(max(math.floor(old / ratio + 1e-6), 1), new)  # against a ratio that is a little too large
        for old, new in zip(picture.shape[:2], size, strict=True)
    )
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    canvas = picture.new_zeros((*size, picture.shape[2]))
    canvas[top : top + inner[0], left : left + inner[1]] = resize_pictures(
        picture[None], inner, interpolation
    )[0]
    return canvas


def _read(path: str, color_mode: str) -> torch.Tensor:
    """The picture of a file, float32 (height, width, channels)."""
    with pillow().open(path) as image:
        array = np.array(converted(image, color_mode), dtype=np.float32)
    return torch.from_numpy(array[:, :, np.newaxis] if array.ndim == 2 else array)
