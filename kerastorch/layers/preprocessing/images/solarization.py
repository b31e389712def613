"""Images of which the bright parts are inverted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.colour import solarize
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, checked_interval, per_image


@registry.builtin("keras.layers")
class Solarization(ColourLayer):
    """Adds a random number to each image in training, and inverts values from a random threshold on.

    Args:
        addition_factor: what is added, as a share of the range of values: a number from 0 to 1, for all from 0 to
            itself, or a pair of them, of which the lower one counts as one of 255 values, as in Keras. Default: 0.
        threshold_factor: the threshold, in the same way. Default: 0.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format`, `data_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when an argument is out of bounds.

    Example:
        >>> Solarization()(torch.tensor([[[0.0, 100.0, 255.0]]]), training=True).tolist()
        [[[255.0, 155.0, 0.0]]]

    Source: `keras.layers.Solarization`.
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        self.addition_factor = checked_interval(addition_factor, "addition_factor")
        self.threshold_factor = checked_interval(threshold_factor, "threshold_factor")

    def _draw(self, extent: Extent, seed: Any) -> dict:
        intervals = {"additions": self.addition_factor, "thresholds": self.threshold_factor}
        return {
            name: self._per_image(extent, (low, high * 255), seed)[:, None, None, None]
            for name, (low, high) in intervals.items()
        }

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        levels = self._transform_value_range(images, self.value_range, (0, 255), dtype=self.compute_dtype)
        additions, thresholds = (per_image(transformation[k], images) for k in ("additions", "thresholds"))
        changed = solarize(levels, additions, thresholds)
        return self._transform_value_range(changed, (0, 255), self.value_range, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        factors = {"addition_factor": self.addition_factor, "threshold_factor": self.threshold_factor}
        return {**super().get_config(), **factors}
