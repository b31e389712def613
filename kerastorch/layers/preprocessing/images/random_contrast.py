"""Images of more or less contrast at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, per_image


@registry.builtin("keras.layers")
class RandomContrast(ColourLayer):
    """Moves the values of each image away from their mean in training, or towards it.

    Args:
        factor: a pair `(lower, upper)`: the distance of a value from the mean of its colour is multiplied by a number
            from `1 - lower` to `1 + upper`; the smaller one of the two is `lower`. A number from 0 to 1 is `upper`,
            with 0 for `lower`, as Keras 3 takes it.
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
        >>> images = torch.tensor([[[100.0], [110.0]]])
        >>> low, high = RandomContrast((0.2, 0.4))(images, training=True).flatten().tolist()
        >>> 8 <= high - low <= 14
        True

    Source: `keras.layers.RandomContrast`.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self, factor: Any, value_range: Sequence[float] = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        self._set_factor(factor)

    def _draw(self, extent: Extent, seed: Any) -> dict:
        lower, upper = self.factor
        factor = self._per_image(extent, (1.0 - lower, 1.0 + upper), seed)
        return {"contrast_factor": factor[:, None, None, None]}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        mean = images.mean((self.height_axis, self.width_axis), keepdim=True)
        factor = per_image(transformation["contrast_factor"], images)
        return self._clipped((images - mean) * factor + mean)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
