"""What the functions on images share: single images and batches, and where the colours are.

Legend: N batch, H height, W width, C channels. An image is (H, W, C), a batch of them (N, H, W, C); with
`data_format="channels_first"` (C, H, W) and (N, C, H, W).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean
from kerastorch.ops.base import tensor


def as_images(value: Any, name: str = "images") -> torch.Tensor:
    """Returns an image or a batch of images as a tensor.

    Args:
        value: three axes or four.
        name: the argument's name, for the error.

    Raises:
        ShapeError: when it has another number of axes.

    Example:
        >>> as_images([[[1.0]]]).shape
        torch.Size([1, 1, 1])
    """
    images = value if isinstance(value, torch.Tensor) else tensor(value)
    if images.ndim != 4 and images.ndim != 3:
        raise ShapeError(
            f"Invalid {name} rank: expected rank 3 (single image) or rank 4 (batch of images). "
            f"Received: {name}.shape={tuple(images.shape)}."
        )
    return images


def on_batch(function: Callable[[torch.Tensor], torch.Tensor], images: torch.Tensor) -> torch.Tensor:
    """Returns what a function on batches makes of a batch, or of a single image.

    Args:
        function: takes a batch of images and returns as many results.
        images: three axes or four.

    Example:
        >>> on_batch(lambda x: x.sum((1, 2, 3)), torch.ones(2, 2, 3))
        tensor(12.)
    """
    return function(images) if images.ndim == 4 else function(images.unsqueeze(0)).squeeze(0)


def planes(images: torch.Tensor, data_format: str) -> torch.Tensor:
    """Returns a batch of images as (N, C, H, W), as a view.

    Args:
        images: (N, H, W, C), or (N, C, H, W) with channels first.
        data_format: where the channels are.

    Example:
        >>> planes(torch.ones(1, 4, 5, 3), "channels_last").shape
        torch.Size([1, 3, 4, 5])
    """
    return images if data_format == "channels_first" else images.movedim(-1, 1)


def from_planes(images: torch.Tensor, data_format: str) -> torch.Tensor:
    """Returns images, (N, C, H, W, ...), in a format; the inverse of `planes`.

    Args:
        images: with the channels first.
        data_format: where the channels shall be.

    Example:
        >>> from_planes(torch.ones(1, 3, 4, 5), "channels_last").shape
        torch.Size([1, 4, 5, 3])
    """
    return images if data_format == "channels_first" else images.movedim(1, 3)


def size_of(images: torch.Tensor, data_format: str) -> tuple[int, int]:
    """Returns the height and width of images, in pixels.

    Args:
        images: an image or a batch of images.
        data_format: where the channels are.

    Example:
        >>> size_of(torch.ones(4, 5, 3), "channels_last")
        (4, 5)
    """
    height, width = images.shape[-2:] if data_format == "channels_first" else images.shape[-3:-1]
    return height, width


def check_choice(name: str, value: Any, known: Sequence[str]) -> None:
    """Checks an argument that is one of several words.

    Args:
        name: the argument's name.
        value: what was given.
        known: the words.

    Raises:
        InvalidArgumentError: when it is none of them.
    """
    if value not in known:
        raise InvalidArgumentError(
            f"Invalid value for argument `{name}`. Expected one of {sorted(known)}. Received: {name}={value!r}."
            f"{did_you_mean(str(value), known)}"
        )
