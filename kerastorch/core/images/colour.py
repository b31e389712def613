"""Colour spaces, and changes of pictures pixel by pixel.

Legend: pictures are (..., H, W, C) or (..., C, H, W); `axis` is the axis of the colours, -1 or -3. All functions keep
the shape and run on the device of the pictures, a whole batch at a time.
"""

from __future__ import annotations

import functools

import torch

from kerastorch.errors import ShapeError

_RED, _GREEN, _BLUE = 0.2989, 0.587, 0.114  # ITU-R BT.601, as torchvision and Keras round them


def to_grayscale(images: torch.Tensor, axis: int) -> torch.Tensor:
    """Returns the brightness of pictures, with one colour; pictures of one colour stay as they are.

    Args:
        images: pictures of three colours or one.
        axis: the axis of the colours.

    Raises:
        ShapeError: for another number of colours.
    """
    if images.shape[axis] == 1:
        return images
    check_three(images, axis)
    return brightness(images, axis)


def brightness(images: torch.Tensor, axis: int) -> torch.Tensor:
    """Returns the brightness of pictures of three colours, with one colour.

    Args:
        images: the pictures.
        axis: the axis of the colours.
    """
    if axis == -1 and images.dtype is torch.float32:
        return torch.matmul(images, _shares(images)).unsqueeze(-1)
    red, green, blue = images.unbind(axis)
    found = (red * _RED).add_(green, alpha=_GREEN).add_(blue, alpha=_BLUE).unsqueeze(axis)
    return found if found.dtype is images.dtype else found.to(images.dtype)


def _shares(like: torch.Tensor) -> torch.Tensor:
    """What each colour adds to the brightness; numbers that are sent to a GPU at each call would make it wait."""
    traced = torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack() or like.is_meta
    return like.new_tensor((_RED, _GREEN, _BLUE)) if traced else _kept_shares(like.device)


@functools.cache
def _kept_shares(device: torch.device) -> torch.Tensor:
    with torch.inference_mode(False):
        return torch.tensor((_RED, _GREEN, _BLUE), dtype=torch.float32, device=device)


def rgb_to_hsv(images: torch.Tensor, axis: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns hue and saturation, both from 0 to 1, and value, in the range of the input; (..., H, W) each.

    Args:
        images: floating-point pictures in red, green and blue, not negative.
        axis: the axis of the colours.

    Raises:
        ShapeError: when the pictures do not have three colours.
    """
    smallest = torch.finfo(images.dtype).eps
    red, green, blue = three_colours(torch.where(images.abs() < smallest, 0.0, images), axis)
    value = torch.maximum(torch.maximum(red, green), blue)
    spread = value - torch.minimum(torch.minimum(red, green), blue)
    coloured = spread > 0
    sixth = 1.0 / (6.0 * torch.where(coloured, spread, 1.0))
    hue = torch.where(value == green, sixth * (blue - red) + 2.0 / 6.0, sixth * (red - green) + 4.0 / 6.0)
    hue = torch.where(value == red, sixth * (green - blue), hue)
    hue = torch.where(coloured, hue, 0.0) + (hue < 0.0).to(hue.dtype)
    saturation = torch.where(value > 0, spread / torch.where(value > 0, value, 1.0), 0.0)
    return hue, saturation, value


def hsv_to_rgb(hue: torch.Tensor, saturation: torch.Tensor, value: torch.Tensor, axis: int) -> torch.Tensor:
    """Returns pictures in red, green and blue; the inverse of `rgb_to_hsv`.

    Args:
        hue: (..., H, W); whole numbers added to it change nothing.
        saturation: (..., H, W).
        value: (..., H, W).
        axis: the axis of the colours in the result.
    """
    angle = torch.remainder(hue, 1.0) * 6.0
    shares = (
        ((angle - 3.0).abs() - 1.0).clamp(0.0, 1.0),
        (2.0 - (angle - 2.0).abs()).clamp(0.0, 1.0),
        (2.0 - (angle - 4.0).abs()).clamp(0.0, 1.0),
    )
    grey = 1.0 - saturation
    return torch.stack([value * (grey + saturation * share) for share in shares], axis)


def posterize(images: torch.Tensor, dropped_bits: torch.Tensor) -> torch.Tensor:
    """Returns pictures of which each value keeps its highest bits only.

    Args:
        images: floating-point pictures with values from 0 to 255.
        dropped_bits: how many low bits become zero, from 0 to 7: a uint8 tensor that broadcasts to the pictures.
    """
    kept = images.clamp(0, 255).to(torch.uint8) >> dropped_bits
    return (kept << dropped_bits).to(images.dtype)


def solarize(images: torch.Tensor, additions: torch.Tensor, thresholds: torch.Tensor) -> torch.Tensor:
    """Returns pictures made brighter and then inverted where they reach a threshold.

    Args:
        images: floating-point pictures with values from 0 to 255.
        additions: what is added; it broadcasts to the pictures.
        thresholds: from where on values are inverted; they broadcast to the pictures.
    """
    brighter = (images + additions).clamp(0, 255)
    return torch.where(brighter < thresholds, brighter, 255 - brighter)


def stretched(images: torch.Tensor, axes: tuple[int, int]) -> torch.Tensor:
    """Returns pictures of which each colour goes from 0 to 255; a colour of one value stays as it is.

    Args:
        images: floating-point pictures.
        axes: the axes of height and width.
    """
    low, high = images.amin(axes, keepdim=True), images.amax(axes, keepdim=True)
    varied = high > low
    scale = 255.0 / torch.where(varied, high - low, 1.0)
    return torch.where(varied, (images * scale - low * scale).clamp(0.0, 255.0), images)


def three_colours(images: torch.Tensor, axis: int) -> tuple[torch.Tensor, ...]:
    """Returns the three colours of pictures, (..., H, W) each.

    Args:
        images: pictures of three colours.
        axis: the axis of the colours.

    Raises:
        ShapeError: for another number of colours.
    """
    check_three(images, axis)
    return images.unbind(axis)


def check_three(images: torch.Tensor, axis: int) -> None:
    """Checks that pictures have three colours.

    Args:
        images: the pictures.
        axis: the axis of the colours.

    Raises:
        ShapeError: for another number of colours.
    """
    if images.shape[axis] != 3:
        raise ShapeError(
            f"Input images must have 3 channels, but received images with {images.shape[axis]} channels. Received: "
            f"images.shape={tuple(images.shape)} with the channels on axis {axis}. Images of the shape (..., "
            'channels, height, width) need data_format="channels_first".'
        )
