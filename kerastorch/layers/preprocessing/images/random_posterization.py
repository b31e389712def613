"""Images of fewer different values at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.colour import posterize
from kerastorch.layers.preprocessing.images.arrays import each_image
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer

_BITS = 8


@registry.builtin("keras.layers")
class RandomPosterization(ColourLayer):
    """Keeps the highest bits of each value only, in training.

    Args:
        factor: how many of eight bits are kept: an integer from 1 to 8, for all from 1 to below itself, or a pair of
            them, of which the larger one is not drawn, as in Keras, unless both are equal.
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
        >>> RandomPosterization((2, 2))(torch.tensor([[[10.0, 100.0, 255.0]]]), training=True).tolist()
        [[[0.0, 64.0, 192.0]]]

    Source: `keras.layers.RandomPosterization`.
    """

    _FACTOR_BOUNDS = (1, 8)

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
        low, high = self.factor
        bits = self._per_image(extent, (low, high), seed).floor().clamp(max=max(low, high - 1))
        return {"shift_factor": (_BITS - bits).to(torch.uint8)}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        levels = self._transform_value_range(images, self.value_range, (0, 255), dtype=self.compute_dtype)
        kept = posterize(levels, each_image(transformation["shift_factor"], images))
        return self._transform_value_range(kept, (0, 255), self.value_range, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
