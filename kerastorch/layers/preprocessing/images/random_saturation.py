"""Images of stronger or paler colours at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.images.colour import hsv_to_rgb, rgb_to_hsv
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, per_image


@registry.builtin("keras.layers")
class RandomSaturation(ColourLayer):
    """Multiplies the saturation of each image in training.

    Args:
        factor: 0.5 keeps the colours, 0 leaves grey ones, 1 the strongest; the saturation is multiplied by
            `factor / (1 - factor)`. A pair is the interval from which it is drawn, a number from -1 to 1 stands for
            the one between its negative and itself.
        value_range: the lowest and the highest value of pixels. The saturation is clipped to it, as in Keras, so that
            only with `(0, 1)` strong factors keep pixels in their range. Default: `(0, 255)`.
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
        >>> layer = RandomSaturation((0.0, 0.0), value_range=(0, 1))
        >>> layer(torch.tensor([[[1.0, 0.5, 0.0]]]), training=True).tolist()
        [[[1.0, 1.0, 1.0]]]

    Source: `keras.layers.RandomSaturation`.
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
        factor = self._per_image(extent, self.factor, seed)
        return {"factor": factor / (1 - factor + config.epsilon())}

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        hue, saturation, value = rgb_to_hsv(images, self.channel_axis)
        factor = per_image(transformation["factor"], images).squeeze(-1)
        return hsv_to_rgb(hue, self._clipped(saturation * factor), value, self.channel_axis)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
