"""Images that lose their colours at random."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.colour import to_grayscale
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer


@registry.builtin("keras.layers")
class RandomGrayscale(ColourLayer):
    """Replaces some images by their greyscale version in training, all of their colours being equal then.

    Args:
        factor: the chance of an image to be replaced, from 0 to 1. Default: 0.5.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, 3)` or `(N, H, W, 3)`, or a dictionary with such `"images"`; 3 first with channels first.

    Output shape:
        that of the input. Images of whole numbers stay such.

    Raises:
        InvalidArgumentError: when `factor` is not from 0 to 1.
        ShapeError: when the images have neither three colours nor one.

    Example:
        >>> RandomGrayscale(1.0)(torch.tensor([[[100.0, 0.0, 0.0]]]), training=True).round().tolist()
        [[[30.0, 30.0, 30.0]]]

    Source: `keras.layers.RandomGrayscale`.
    """

    _keeps_type = True

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if not isinstance(factor, (int, float)) or not 0 <= factor <= 1:
            raise InvalidArgumentError(f"`factor` should be between 0 and 1. Received: factor={factor!r}")
        self.factor = factor  # type: ignore[assignment]  # one number here, as in Keras

    def _draw(self, extent: Extent, seed: Any) -> torch.Tensor:
        return (self._per_image(extent, (0, 1), seed) < self.factor)[:, None, None, None]  # type: ignore[operator]

    def _change(self, images: torch.Tensor, transformation: torch.Tensor) -> torch.Tensor:
        return torch.where(transformation, to_grayscale(images, self.channel_axis), images)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "factor": self.factor}
        del config["value_range"]
        return config
