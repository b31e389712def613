"""Pictures as arrays and files: `load_img`, `save_img`, `img_to_array`, `array_to_img` and `smart_resize`."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kerastorch.config import floatx, standardize_data_format
from kerastorch.core.resizing import RESIZE_METHODS, resize_pictures
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, MissingDependencyError, ShapeError

MODES = {"rgb": "RGB", "rgba": "RGBA", "grayscale": "L"}
_DEEP_GRAY = ("L", "I;16", "I")  # grayscale of 8, 16 and 32 bits, which needs no conversion
_PIL_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def pillow() -> Any:
    """Returns the module `PIL.Image`, which reads and writes files of pictures.

    Raises:
        MissingDependencyError: when Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependencyError(
            "Reading and writing pictures needs Pillow, which is not installed: `pip install pillow`."
        ) from error
    return Image


def converted(image: Any, color_mode: str) -> Any:
    """Returns a PIL image with the channels of a color mode; deep grayscale keeps its bits.

    Args:
        image: the PIL image.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.

    Raises:
        InvalidArgumentError: for any other `color_mode`.
    """
    if color_mode not in MODES:
        raise InvalidArgumentError(
            f"`color_mode` must be one of {list(MODES)}. Received: color_mode={color_mode!r}."
        )
    if color_mode == "grayscale" and image.mode in _DEEP_GRAY:
        return image
    return image if image.mode == MODES[color_mode] else image.convert(MODES[color_mode])


def load_img(
    path: Any,
    color_mode: str | bool = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
    grayscale: bool = False,
) -> Any:
    """Returns a picture of a file as a PIL image.

    Args:
        path: the file's path, or an `io.BytesIO` of its content.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`. Default: `"rgb"`. A boolean is the `grayscale` of Keras 2.
        target_size: height and width in pixels to resize to; None keeps the size. Default: None.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"hamming"`, `"box"` or `"lanczos"`. Default:
            `"nearest"`.
        keep_aspect_ratio: whether the centre with the proportions of `target_size` is cut out before resizing,
            so that nothing is distorted. Default: False.
        grayscale: Keras 2's way to write `color_mode="grayscale"`. Default: False.

    Raises:
        ArgumentTypeError: when `path` is no path.
        InvalidArgumentError: for an unknown `color_mode` or `interpolation`.
        MissingDependencyError: when Pillow is not installed.

    Example:
        >>> file = io.BytesIO()
        >>> array_to_img([[[0.0], [1.0]]]).save(file, "png")
        >>> load_img(file, color_mode="grayscale", target_size=(4, 6)).size
        (6, 4)

    Source: keras.utils.load_img
    """
    if grayscale or color_mode is True:
        color_mode = "grayscale"
    elif color_mode is False:
        color_mode = "rgb"
    image = converted(_opened(path), color_mode)
    if target_size is None:
        return image
    size = (target_size[1], target_size[0])
    if image.size == size:
        return image
    if interpolation not in _PIL_METHODS:
        raise InvalidArgumentError(
            f"Invalid interpolation method {interpolation!r}. Expected one of {list(_PIL_METHODS)}."
        )
    method = pillow().Resampling[interpolation.upper()]
    box = _centre(image.size, size) if keep_aspect_ratio else None
    return image.resize(size, method, box=box)


def _opened(path: Any) -> Any:
    if isinstance(path, io.BytesIO):
        return pillow().open(path)
    if isinstance(path, (str, bytes, os.PathLike)):
        with open(path, "rb") as file:
            return pillow().open(io.BytesIO(file.read()))
    raise ArgumentTypeError(f"`path` must be a path or an io.BytesIO. Received: {path!r}.")


def _centre(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int, int, int]:
    """The edges of the largest box in the centre of a picture that has the proportions of another size."""
    width, height = size
    box_width = min(width, (height * target[0]) // target[1])
    box_height = min(height, (width * target[1]) // target[0])
    left, top = (width - box_width) // 2, (height - box_height) // 2
    return left, top, left + box_width, top + box_height


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Returns a PIL image as an array (height, width, channels).

    Args:
        img: the PIL image, or an array of two or three axes.
        data_format: `"channels_first"` gives (channels, height, width). Default: None, the global one.
        dtype: the type of the array. Default: None, the default float type.

    Raises:
        ShapeError: when `img` has another number of axes.

    Example:
        >>> img_to_array(array_to_img([[[0.0], [1.0]]])).tolist()
        [[[0.0], [255.0]]]

    Source: keras.utils.img_to_array
    """
    array = np.asarray(img, dtype=floatx() if dtype is None else dtype)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.ndim != 3:
        raise ShapeError(f"A picture has 2 or 3 axes. Received an array of shape {array.shape}.")
    return array.transpose(2, 0, 1) if standardize_data_format(data_format) == "channels_first" else array


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """Returns an array (height, width, channels) as a PIL image.

    Args:
        x: the array or tensor, of 1 (gray), 3 (RGB) or 4 (RGBA) channels.
        data_format: `"channels_first"` takes (channels, height, width). Default: None, the global one.
        scale: whether the least value becomes 0 and the greatest 255. Default: True.
        dtype: the type of the computation. Default: None, the default float type.

    Raises:
        ShapeError: when `x` has not three axes, or another number of channels.
        MissingDependencyError: when Pillow is not installed.

    Example:
        >>> list(array_to_img([[[0.0], [0.5], [1.0]]]).tobytes())
        [0, 127, 255]

    Source: keras.utils.array_to_img
    """
    if isinstance(x, torch.Tensor):
        x = x.detach().cpu()
    array = np.asarray(x, dtype=floatx() if dtype is None else dtype)
    if array.ndim != 3:
        raise ShapeError(f"A picture has 3 axes. Received an array of shape {array.shape}.")
    if standardize_data_format(data_format) == "channels_first":
        array = array.transpose(1, 2, 0)
    channels = array.shape[2]
    if channels not in (1, 3, 4):
        raise ShapeError(f"A picture has 1, 3 or 4 channels. Received: {channels} (shape {array.shape}).")
    if scale:
        array = _spread(array)
    if channels == 1:
        array = array[:, :, 0]
        return pillow().fromarray(array.astype("int32" if array.max() > 255 else "uint8"))
    return pillow().fromarray(array.astype("uint8"))


def _spread(array: np.ndarray) -> np.ndarray:
    """The array with its values spread from 0 to 255."""
    array = array - array.min()
    greatest = array.max()
    return (array / greatest if greatest != 0 else array) * 255


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Writes an array (height, width, channels) to a file of a picture.

    Args:
        path: the file's path, or an open binary file.
        x: the array or tensor.
        data_format: as in `array_to_img`.
        file_format: such as `"png"`. Default: None, by the ending of `path`.
        scale: as in `array_to_img`. Default: True.
        kwargs: go to PIL's `Image.save`.

    Example:
        >>> file = io.BytesIO()
        >>> save_img(file, [[[0.0], [1.0]]], file_format="png")
        >>> load_img(file).size
        (2, 1)

    Source: keras.utils.save_img
    """
    if file_format is None and isinstance(path, (str, Path)):
        file_format = Path(path).suffix[1:]
    file_format = "jpeg" if (file_format or "").lower() == "jpg" else file_format or None
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and (file_format or "").lower() == "jpeg":
        warnings.warn("JPEG files have no transparency: the alpha channel is left out.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=file_format, **kwargs)


def smart_resize(
    x: Any, size: tuple[int, int], interpolation: str = "bilinear", data_format: str = "channels_last"
) -> Any:
    """Returns pictures of another size without distortion: what does not fit is cut off around the centre.

    Args:
        x: an array or tensor (height, width, channels), or a batch of such.
        size: the new height and width, in pixels.
        interpolation: one of the methods of `tf.image.resize`. Default: `"bilinear"`.
        data_format: `"channels_first"` takes and gives (channels, height, width). Default: `"channels_last"`.

    Returns:
        A tensor for a tensor, a NumPy array for anything else, of the type of `x`; integers are rounded.

    Raises:
        ShapeError: when `x` has other than three or four axes, or `size` is not two integers.
        InvalidArgumentError: when `interpolation` is unknown.

    Example:
        >>> smart_resize(np.arange(6.0).reshape(1, 6, 1), (1, 1)).shape
        (1, 1, 1)

    Source: keras.preprocessing.image.smart_resize
    """
    if len(size) != 2:
        raise ShapeError(f"`size` must be two integers, height and width. Received: size={size!r}.")
    if interpolation not in RESIZE_METHODS:
        raise InvalidArgumentError(
            f"`interpolation` must be one of {RESIZE_METHODS}. Received: interpolation={interpolation!r}."
        )
    tensor = x if isinstance(x, torch.Tensor) else torch.as_tensor(np.asarray(x))
    if tensor.ndim not in (3, 4):
        raise ShapeError(
            "Expected pictures of shape (height, width, channels), or a batch of them. "
            f"Received shape {tuple(tensor.shape)}."
        )
    first = standardize_data_format(data_format) == "channels_first"
    batch = tensor if tensor.ndim == 4 else tensor.unsqueeze(0)
    resized = cut_and_resized(batch.permute(0, 2, 3, 1) if first else batch, size, interpolation)
    resized = resized.permute(0, 3, 1, 2) if first else resized
    resized = _as_type(resized if tensor.ndim == 4 else resized[0], tensor.dtype)
    return resized if isinstance(x, torch.Tensor) else resized.numpy()


def cut_and_resized(pictures: torch.Tensor, size: tuple[int, int], interpolation: str) -> torch.Tensor:
    """Returns the largest centre of pictures with the proportions of a size, resized to it.

    Args:
        pictures: (N, height, width, channels).
        size: the new height and width, in pixels.
        interpolation: one of `RESIZE_METHODS`.
    """
    height, width = pictures.shape[1:3]
    box_height = max(min(height, int(width * size[0] / size[1])), 1)
    box_width = max(min(width, int(height * size[1] / size[0])), 1)
    top, left = int((height - box_height) / 2), int((width - box_width) / 2)
    box = pictures[:, top : top + box_height, left : left + box_width]
    return resize_pictures(box, size, interpolation)


def _as_type(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    if dtype.is_floating_point or tensor.dtype == dtype:
        return tensor.to(dtype)
    limits = torch.iinfo(dtype)
    return tensor.round().clamp(limits.min, limits.max).to(dtype)
