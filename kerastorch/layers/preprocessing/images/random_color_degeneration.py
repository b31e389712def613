"""Images that lose a part of their colours at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.colour import to_grayscale
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, per_image


@registry.builtin("keras.layers")
class RandomColorDegeneration(ColourLayer):
    """Blends each image with its greyscale version in training.

    Args:
        factor: the share of the greyscale version: a number from -1 to 1, for all between its negative and itself, or
            a pair of them. Negative shares make colours stronger.
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
        ShapeError: when the images have neither three colours nor one.

    Example:
        >>> layer = RandomColorDegeneration((1.0, 1.0))
        >>> layer(torch.tensor([[[100.0, 0.0, 0.0]]]), training=True).round().tolist()
        [[[30.0, 30.0, 30.0]]]

    Source: `keras.layers.RandomColorDegeneration`.
    """

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
        return {"factor": self._per_image(extent, self.factor, seed)[:, None, None, None]}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        grey = to_grayscale(images, self.channel_axis)
        return self._clipped(images + per_image(transformation["factor"], images) * (grey - images))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
