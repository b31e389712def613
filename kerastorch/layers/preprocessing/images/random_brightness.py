"""Images made brighter or darker at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, per_image


@registry.builtin("keras.layers")
class RandomBrightness(ColourLayer):
    """Adds a random number to each image in training.

    Args:
        factor: what is added, as a share of the range of values: a number from -1 to 1, for all between its negative
            and itself, or a pair of them.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format`, `data_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `value_range` is out of bounds.

    Example:
        >>> layer = RandomBrightness((0.25, 0.25), value_range=(0, 1))
        >>> layer(torch.full((1, 1, 3), 0.5), training=True).tolist()
        [[[0.75, 0.75, 0.75]]]

    Source: `keras.layers.RandomBrightness`.
    """

    def __init__(
        self, factor: Any, value_range: Sequence[float] = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        self._set_factor(factor)

    def _draw(self, extent: Extent, seed: Any) -> dict:
        low, high = self.value_range
        return {"rgb_delta": self._per_image(extent, self.factor, seed)[:, None, None, None] * (high - low)}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        return self._clipped(images + per_image(transformation["rgb_delta"], images))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
