"""Random changes of images: from the global generator (`random_...`) or from a pair of seeds (`stateless_...`)."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.image import color
from kerastorch.compat.tensorflow.image.layout import as_images
from kerastorch.compat.tensorflow.operation import as_tensor, integers, operation
from kerastorch.compat.tensorflow.random.stateless import seeded
from kerastorch.core.devices import current_device
from kerastorch.core.seeds import generator_for
from kerastorch.errors import InvalidArgumentError, ShapeError

Numbers = torch.Generator | None


def _between(low: float, high: float, generator: Numbers) -> torch.Tensor:
    return low + (high - low) * torch.rand((), generator=generator, device=current_device())


def _generator(seed: int | None) -> Numbers:
    return generator_for(seed, current_device())


def _symmetric(most: float) -> tuple[float, float]:
    if most < 0:
        raise InvalidArgumentError(f"max_delta must be non-negative. Received: max_delta={most}.")
    return -most, most


def _ordered(lower: float, upper: float) -> tuple[float, float]:
    if not 0 <= lower < upper:
        raise InvalidArgumentError(f"Expected 0 <= lower < upper. Received: lower={lower}, upper={upper}.")
    return lower, upper


def _flipped(image: Any, axis: int, generator: Numbers) -> torch.Tensor:
    """Images mirrored along an axis, each with probability one half."""
    x = as_images(image, "tf.image.random_flip")
    count = x.shape[0] if x.ndim == 4 else 1
    mirrored = torch.rand((count, 1, 1, 1), generator=generator, device=current_device()).to(x.device) < 0.5
    return torch.where(mirrored if x.ndim == 4 else mirrored[0], torch.flip(x, [axis]), x)


def _cropped(value: Any, size: Any, generator: Numbers) -> torch.Tensor:
    x, sizes = as_tensor(value), integers(size)
    sizes = [full if wanted == -1 else wanted for full, wanted in zip(x.shape, sizes, strict=True)]
    if any(wanted > full for full, wanted in zip(x.shape, sizes, strict=True)):
        raise ShapeError(f"Need value.shape >= size, got {tuple(x.shape)} and {sizes}.")
    for axis, (full, wanted) in enumerate(zip(x.shape, sizes, strict=True)):
        if wanted < full:
            first = torch.randint(full - wanted + 1, (1,), generator=generator, device=current_device())
            places = first + torch.arange(wanted, device=first.device)
            x = x.index_select(axis, places.to(x.device))
    return x


@operation("tf.image")
def random_flip_left_right(image: Any, seed: int | None = None) -> Any:
    """Returns images, one half of them mirrored left to right.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        seed: an integer; None draws from the global generator.

    Example:
        >>> random_flip_left_right(torch.zeros(4, 4, 3)).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.random_flip_left_right`
    """
    return _flipped(image, -2, _generator(seed))


@operation("tf.image")
def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """Returns images, one half of them mirrored left to right.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        seed: two integers.

    Example:
        >>> stateless_random_flip_left_right(torch.zeros(4, 4, 3), seed=[1, 2]).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.stateless_random_flip_left_right`
    """
    return _flipped(image, -2, seeded(seed))


@operation("tf.image")
def random_flip_up_down(image: Any, seed: int | None = None) -> Any:
    """Returns images, one half of them mirrored upside down.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        seed: an integer; None draws from the global generator.

    Example:
        >>> random_flip_up_down(torch.zeros(4, 4, 3)).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.random_flip_up_down`
    """
    return _flipped(image, -3, _generator(seed))


@operation("tf.image")
def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """Returns images, one half of them mirrored upside down.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        seed: two integers.

    Example:
        >>> stateless_random_flip_up_down(torch.zeros(4, 4, 3), seed=[1, 2]).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.stateless_random_flip_up_down`
    """
    return _flipped(image, -3, seeded(seed))


@operation("tf.image")
def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Any:
    """Returns images with a random number added to every pixel.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        max_delta: the largest change, on the scale from 0 to 1.
        seed: an integer; None draws from the global generator.

    Raises:
        InvalidArgumentError: when `max_delta` is negative.

    Example:
        >>> random_brightness(torch.zeros(4, 4, 3), 0.2).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.random_brightness`
    """
    return color.adjust_brightness(image, _between(*_symmetric(max_delta), _generator(seed)))


@operation("tf.image")
def stateless_random_brightness(image: Any, max_delta: float, seed: Any) -> Any:
    """Returns images with a random number added to every pixel.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        max_delta: the largest change, on the scale from 0 to 1.
        seed: two integers.

    Raises:
        InvalidArgumentError: when `max_delta` is negative.

    Example:
        >>> stateless_random_brightness(torch.zeros(4, 4, 3), 0.2, seed=[1, 2]).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.stateless_random_brightness`
    """
    return color.adjust_brightness(image, _between(*_symmetric(max_delta), seeded(seed)))


@operation("tf.image")
def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Any:
    """Returns images with their colours turned at random.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        max_delta: the largest change, on the scale from 0 to 1.
        seed: an integer; None draws from the global generator.

    Raises:
        InvalidArgumentError: when `max_delta` is negative.

    Example:
        >>> random_hue(torch.zeros(4, 4, 3), 0.2).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.random_hue`
    """
    return color.adjust_hue(image, _between(*_symmetric(max_delta), _generator(seed)))


@operation("tf.image")
def stateless_random_hue(image: Any, max_delta: float, seed: Any) -> Any:
    """Returns images with their colours turned at random.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        max_delta: the largest change, on the scale from 0 to 1.
        seed: two integers.

    Raises:
        InvalidArgumentError: when `max_delta` is negative.

    Example:
        >>> stateless_random_hue(torch.zeros(4, 4, 3), 0.2, seed=[1, 2]).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.stateless_random_hue`
    """
    return color.adjust_hue(image, _between(*_symmetric(max_delta), seeded(seed)))


@operation("tf.image")
def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Any:
    """Returns images with random contrast.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        lower: the least factor.
        upper: the largest factor.
        seed: an integer; None draws from the global generator.

    Raises:
        InvalidArgumentError: unless `0 <= lower < upper`.

    Example:
        >>> random_contrast(torch.zeros(4, 4, 3), 0.5, 2.0).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.random_contrast`
    """
    return color.adjust_contrast(image, _between(*_ordered(lower, upper), _generator(seed)))


@operation("tf.image")
def stateless_random_contrast(image: Any, lower: float, upper: float, seed: Any) -> Any:
    """Returns images with random contrast.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        lower: the least factor.
        upper: the largest factor.
        seed: two integers.

    Raises:
        InvalidArgumentError: unless `0 <= lower < upper`.

    Example:
        >>> stateless_random_contrast(torch.zeros(4, 4, 3), 0.5, 2.0, seed=[1, 2]).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.stateless_random_contrast`
    """
    return color.adjust_contrast(image, _between(*_ordered(lower, upper), seeded(seed)))


@operation("tf.image")
def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Any:
    """Returns images with a random strength of colour.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        lower: the least factor.
        upper: the largest factor.
        seed: an integer; None draws from the global generator.

    Raises:
        InvalidArgumentError: unless `0 <= lower < upper`.

    Example:
        >>> random_saturation(torch.zeros(4, 4, 3), 0.5, 2.0).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.random_saturation`
    """
    return color.adjust_saturation(image, _between(*_ordered(lower, upper), _generator(seed)))


@operation("tf.image")
def stateless_random_saturation(image: Any, lower: float, upper: float, seed: Any) -> Any:
    """Returns images with a random strength of colour.

    Args:
        image: an image (H, W, C), or a batch (N, H, W, C).
        lower: the least factor.
        upper: the largest factor.
        seed: two integers.

    Raises:
        InvalidArgumentError: unless `0 <= lower < upper`.

    Example:
        >>> stateless_random_saturation(torch.zeros(4, 4, 3), 0.5, 2.0, seed=[1, 2]).shape
        torch.Size([4, 4, 3])

    Source: `tf.image.stateless_random_saturation`
    """
    return color.adjust_saturation(image, _between(*_ordered(lower, upper), seeded(seed)))


@operation("tf.image")
def random_crop(value: Any, size: Any, seed: int | None = None) -> Any:
    """Returns a part of a tensor at a random place.

    Args:
        value: a tensor.
        size: the size of the part on each axis; -1 keeps the axis.
        seed: an integer; None draws from the global generator.

    Raises:
        ShapeError: when the tensor is smaller.

    Example:
        >>> random_crop(torch.zeros(4, 4, 3), [2, 2, 3]).shape
        torch.Size([2, 2, 3])

    Source: `tf.image.random_crop`
    """
    return _cropped(value, size, _generator(seed))


@operation("tf.image")
def stateless_random_crop(value: Any, size: Any, seed: Any) -> Any:
    """Returns a part of a tensor at a random place.

    Args:
        value: a tensor.
        size: the size of the part on each axis; -1 keeps the axis.
        seed: two integers.

    Raises:
        ShapeError: when the tensor is smaller.

    Example:
        >>> stateless_random_crop(torch.zeros(4, 4, 3), [2, 2, 3], seed=[1, 2]).shape
        torch.Size([2, 2, 3])

    Source: `tf.image.stateless_random_crop`
    """
    return _cropped(value, size, seeded(seed))
