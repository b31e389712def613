"""Images turned into negatives at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.arrays import each_image
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer


@registry.builtin("keras.layers")
class RandomInvert(ColourLayer):
    """Replaces some images by their negatives in training.

    Args:
        factor: the chance of an image to be replaced: a number from 0 to 1, for all from 0 to itself, or a pair of
            them. Default: 1.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `value_range` is out of bounds.

    Example:
        >>> RandomInvert((1.0, 1.0))(torch.tensor([[[55.0, 0.0, 255.0]]]), training=True).tolist()
        [[[200.0, 255.0, 0.0]]]

    Source: `keras.layers.RandomInvert`.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self._set_factor(factor)

    def _draw(self, extent: Extent, seed: Any) -> dict:
        return {"apply_inversion": self._chosen(extent, self.factor, seed)}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        chosen = each_image(transformation["apply_inversion"], images)
        return torch.where(chosen, self.value_range[1] - images, images)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
