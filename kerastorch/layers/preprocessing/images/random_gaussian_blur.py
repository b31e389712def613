"""Images blurred at random."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.filters import gaussian_blur
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.arrays import each_image
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, checked_interval


def _checked_size(size: Any) -> tuple[int, int]:
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2 or not all(isinstance(v, int) and v > 0 and v % 2 for v in pair):
        raise InvalidArgumentError(
            f"kernel_size must be an odd number, or two of them. Received: kernel_size={size!r}"
        )
    return pair[0], pair[1]


@registry.builtin("keras.layers")
class RandomGaussianBlur(ColourLayer):
    """Blurs some images in training, as seen through a bell-shaped kernel; all of a batch by the same width.

    Args:
        factor: the chance of an image to be blurred: a number from 0 to 1, for all from 0 to itself, or a pair of
            them. Default: 1.
        kernel_size: the size of the kernel, in pixels: an odd integer, or two, for width and height. Default: 3.
        sigma: the standard deviation of the kernel, in pixels: a number from 0 to 1, for all from 0 to itself, or a
            pair of them; drawn apart for width and height. Default: 1.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor`, `sigma` or `value_range` is out of bounds, or `kernel_size` is not odd.

    Example:
        >>> point = torch.zeros(3, 3, 1).index_put((torch.tensor(1), torch.tensor(1)), torch.tensor(100.0))
        >>> blurred = RandomGaussianBlur((1.0, 1.0), sigma=(1.0, 1.0))(point, training=True)
        >>> blurred[..., 0].round().tolist()
        [[8.0, 12.0, 8.0], [12.0, 20.0, 12.0], [8.0, 12.0, 8.0]]

    Source: `keras.layers.RandomGaussianBlur`.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: Any = 3,
        sigma: Any = 1.0,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self._set_factor(factor)
        self.kernel_size = _checked_size(kernel_size)
        self.sigma = checked_interval(sigma, "sigma", pair_limit=float("inf"))

    def _draw(self, extent: Extent, seed: Any) -> dict:
        chosen = self._chosen(extent, self.factor, seed)
        sigma = self._uniform((2,), *self.sigma, device=extent.device, seed=seed) + 1e-6
        return {"should_apply_blur": chosen, "blur_factor": sigma}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        blur = partial(gaussian_blur, size=self.kernel_size, sigma=transformation["blur_factor"])
        chosen = each_image(transformation["should_apply_blur"], images)
        return self._clipped(torch.where(chosen, self._filtered(images, blur), images))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        settings = {"factor": self.factor, "kernel_size": self.kernel_size, "sigma": self.sigma}
        return {**super().get_config(), **settings}
