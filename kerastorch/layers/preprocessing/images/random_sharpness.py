"""Images made sharper or smoother at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.filters import smoothed
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, per_image


@registry.builtin("keras.layers")
class RandomSharpness(ColourLayer):
    """Moves each image away from a smoothed version of it in training, or towards it.

    Args:
        factor: 0 is the smoothed image, 0.5 the image itself, 1 the sharpest: a number from 0 to 1, for all from 0 to
            itself, or a pair of them.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `value_range` is out of bounds.

    Example:
        >>> RandomSharpness((0.0, 0.0))(torch.full((1, 2, 1), 13.0), training=True).flatten().tolist()
        [6.0, 6.0]

    Source: `keras.layers.RandomSharpness`.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self._set_factor(factor)

    def _draw(self, extent: Extent, seed: Any) -> dict:
        return {"factor": self._per_image(extent, self.factor, seed)}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        smooth = self._filtered(images, smoothed)
        return self._clipped(
            images + (1.0 - per_image(transformation["factor"], images) * 2) * (smooth - images)
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
