"""Files of images into tensors and back, for `tf.io` and `tf.image`."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.events import as_array, png_bytes
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, MissingDependencyError

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def one_text(contents: Any) -> bytes:
    """Returns the bytes of one text.

    Args:
        contents: text, bytes or a tensor of one.

    Raises:
        InvalidArgumentError: when there are several.

    Example:
        >>> one_text("a")
        b'a'
    """
    value = as_strings(contents).numpy()
    if not isinstance(value, bytes):
        raise InvalidArgumentError(f"One text is needed. Received: shape {np.shape(value)}.")
    return value


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependencyError(
            "Images are read by the package `pillow`. Install it with `pip install pillow`."
        ) from error
    return Image


def decode_image(
    contents: Any,
    channels: int = 0,
    dtype: Any = "uint8",
    name: str | None = None,
    expand_animations: bool = True,
) -> torch.Tensor:
    """Returns the pixels of a PNG, JPEG, BMP or GIF file.

    Args:
        contents: the bytes of the file.
        channels: 1 for grey, 3 for colours, 4 for colours and opacity; 0 takes those of the file. Default: 0.
        dtype: the type; floats go from 0 to 1. Default: uint8.
        name: has no effect.
        expand_animations: whether a GIF gives all its frames, along a first axis. Default: True.

    Returns:
        A tensor of shape (height, width, channels), or (frames, height, width, channels).

    Raises:
        InvalidArgumentError: when the bytes are no image.
        MissingDependencyError: when the package `pillow` is not installed.

    Example:
        >>> decode_image(encode_png(torch.zeros(2, 3, 1, dtype=torch.uint8))).shape
        torch.Size([2, 3, 1])

    Source: `tf.io.decode_image`
    """
    library, data = _pillow(), one_text(contents)
    try:
        image = library.open(io.BytesIO(data))
        animated = image.format == "GIF" and expand_animations
        frames = [_pixels(image, channels, at) for at in range(image.n_frames if animated else 1)]
    except OSError as error:
        raise InvalidArgumentError(f"The bytes are no image that can be read: {error}") from error
    pixels = torch.from_numpy(np.stack(frames) if animated else frames[0])
    kind = torch_dtype(dtype)
    return pixels.to(kind) / 255 if kind.is_floating_point else pixels.to(kind)


def _pixels(image: Any, channels: int, frame: int) -> np.ndarray:
    if frame:
        image.seek(frame)
    if channels not in (0, *_MODES):
        raise InvalidArgumentError(f"`channels` must be 0 to 4. Received: {channels}.")
    wanted = _MODES.get(channels) or (image.mode if image.mode in _MODES.values() else "RGB")
    array = np.array(image.convert(wanted))
    return array[..., None] if array.ndim == 2 else array


def decode_png(
    contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None
) -> torch.Tensor:
    """Returns the pixels of an image file.

    Args:
        contents: the bytes of the file.
        channels: 1 for grey, 3 for colours, 4 for colours and opacity; 0 takes those of the file. Default: 0.
        dtype: the type. Default: uint8.
        name: has no effect.

    Returns:
        A tensor of shape (height, width, channels).

    Example:
        >>> decode_png(encode_png(torch.zeros(2, 3, 1, dtype=torch.uint8)), channels=3).shape
        torch.Size([2, 3, 3])

    Source: `tf.io.decode_png`
    """
    return decode_image(contents, channels, dtype, expand_animations=False)


def decode_jpeg(
    contents: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> torch.Tensor:
    """Returns the pixels of an image file.

    Args:
        contents: the bytes of the file.
        channels: 1 for grey, 3 for colours; 0 takes those of the file. Default: 0.
        ratio: 1, 2, 4 or 8: how much smaller the result is. Default: 1.
        fancy_upscaling: has no effect.
        try_recover_truncated: has no effect.
        acceptable_fraction: has no effect.
        dct_method: has no effect.
        name: has no effect.

    Returns:
        A tensor of shape (height, width, channels).

    Example:
        >>> decode_jpeg(encode_jpeg(torch.zeros(4, 6, 3, dtype=torch.uint8)), ratio=2).shape
        torch.Size([2, 3, 3])

    Source: `tf.io.decode_jpeg`
    """
    pixels = decode_image(contents, channels, expand_animations=False)
    if ratio == 1:
        return pixels
    height, width = -(-pixels.shape[0] // ratio), -(-pixels.shape[1] // ratio)
    small = torch.nn.functional.adaptive_avg_pool2d(pixels.permute(2, 0, 1).float(), (height, width))
    return small.permute(1, 2, 0).round().to(torch.uint8)


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> torch.Tensor:
    """Returns the pixels of an image file.

    Args:
        contents: the bytes of the file.
        channels: 1 for grey, 3 for colours; 0 takes those of the file. Default: 0.
        name: has no effect.

    Example:
        >>> decode_bmp(encode_png(torch.zeros(2, 3, 3, dtype=torch.uint8))).shape
        torch.Size([2, 3, 3])

    Source: `tf.io.decode_bmp`
    """
    return decode_image(contents, channels, expand_animations=False)


def decode_gif(contents: Any, name: str | None = None) -> torch.Tensor:
    """Returns the frames of a GIF file in colours.

    Args:
        contents: the bytes of the file.
        name: has no effect.

    Returns:
        A tensor of shape (frames, height, width, 3).

    Example:
        >>> decode_gif(encode_png(torch.zeros(2, 3, 3, dtype=torch.uint8))).shape
        torch.Size([1, 2, 3, 3])

    Source: `tf.io.decode_gif`
    """
    pixels = decode_image(contents, 3)
    return pixels if pixels.ndim == 4 else pixels[None]


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> StringTensor:
    """Returns the bytes of a PNG file.

    Args:
        image: a tensor (height, width, channels) of whole numbers from 0 to 255.
        compression: has no effect.
        name: has no effect.

    Raises:
        ShapeError: when the image has not 1 to 4 channels.

    Example:
        >>> encode_png(torch.zeros(2, 2, 1, dtype=torch.uint8)).numpy()[1:4]
        b'PNG'

    Source: `tf.io.encode_png`
    """
    return StringTensor(png_bytes(as_array(image)))


def encode_jpeg(image: Any, format: str = "", quality: int = 95, name: str | None = None) -> StringTensor:
    """Returns the bytes of a JPEG file.

    Args:
        image: a tensor (height, width, channels) of whole numbers from 0 to 255, with 1 or 3 channels.
        format: has no effect: the number of channels says it.
        quality: from 0 to 100. Default: 95.
        name: has no effect.

    Example:
        >>> encode_jpeg(torch.zeros(2, 2, 3, dtype=torch.uint8)).numpy()[6:10]
        b'JFIF'

    Source: `tf.io.encode_jpeg`
    """
    pixels = as_array(image).astype(np.uint8)
    file = io.BytesIO()
    picture = _pillow().fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    picture.save(file, "JPEG", quality=quality)
    return StringTensor(file.getvalue())
