"""Images of which all brightnesses are about equally frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer
from kerastorch.layers.preprocessing.images.histograms import equalized


def _scaled(values: torch.Tensor, source: Sequence[float], target: Sequence[float]) -> torch.Tensor:
    """Values of one range in another, rounded as Keras does it, so that all fall into the same bins."""
    scale = (target[1] - target[0]) / (source[1] - source[0])
    return values * scale + (target[0] - source[0] * scale)


@registry.builtin("keras.layers")
class Equalization(ColourLayer):
    """Spreads the values of each colour in training, so that all are about equally frequent in the batch.

    One histogram is made of all images in a batch, as in Keras.

    Args:
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        bins: the number of bins of the histogram, positive. Default: 256.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `value_range` is not two numbers or `bins` no positive integer.

    Example:
        >>> Equalization()(torch.tensor([[[1.0], [2.0], [3.0]]]), training=True).tolist()
        [[[0.0], [128.0], [255.0]]]

    Source: `keras.layers.Equalization`.
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        bins: int = 256,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, data_format=data_format, **kwargs)
        if not isinstance(bins, int) or bins < 1:
            raise InvalidArgumentError(f"`bins` must be a positive integer. Received: bins={bins!r}")
        self.bins = bins

    def _change(self, images: torch.Tensor, transformation: Any) -> torch.Tensor:
        levels = _scaled(images, self.value_range, (0, 255))
        colours = levels.movedim(self.channel_axis, 0)
        levels = equalized(colours.flatten(1), self.bins).view(colours.shape).movedim(0, self.channel_axis)
        return _scaled(levels, (0, 255), self.value_range)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "bins": self.bins}
        del config["seed"]
        return config
