"""Images of another hue at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.colour import hsv_to_rgb, rgb_to_hsv
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, per_image


@registry.builtin("keras.layers")
class RandomHue(ColourLayer):
    """Turns the hue of each image in training.

    Args:
        factor: how far, as a share of half the circle of colours: a number from 0 to 1, for all from 0 to itself, or a
            pair of them. Half of the images turn the other way.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, 3)` or `(N, H, W, 3)`, or a dictionary with such `"images"`; 3 first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `value_range` is out of bounds.
        ShapeError: when the images do not have three colours.

    Example:
        >>> layer = RandomHue((1.0, 1.0), value_range=(0, 1))
        >>> layer(torch.tensor([[[1.0, 0.0, 0.0]]]), training=True).tolist()
        [[[0.0, 1.0, 1.0]]]

    Source: `keras.layers.RandomHue`.
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
        sign = torch.where(self._per_image(extent, (0, 1), seed) > 0.5, -0.5, 0.5)
        return {"factor": sign * self._per_image(extent, self.factor, seed)}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        unit = self._transform_value_range(images, self.value_range, (0, 1))
        hue, saturation, value = rgb_to_hsv(unit, self.channel_axis)
        turn = per_image(transformation["factor"], unit).squeeze(-1)
        turned = hsv_to_rgb(hue + turn, saturation, value, self.channel_axis).clamp(0, 1)
        return self._transform_value_range(turned, (0, 1), self.value_range).to(images.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
