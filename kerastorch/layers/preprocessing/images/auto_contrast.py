"""Images that use the whole range of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.colour import stretched
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer


@registry.builtin("keras.layers")
class AutoContrast(ColourLayer):
    """Stretches each colour of each image to the whole range of values, in training and inference.

    A colour of which all pixels are equal stays as it is.

    Args:
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        **kwargs: `bounding_box_format`, `data_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `value_range` is not two numbers.

    Example:
        >>> AutoContrast()(torch.tensor([[[10.0], [20.0]]])).tolist()
        [[[0.0], [255.0]]]

    Source: `keras.layers.AutoContrast`.
    """

    def __init__(self, value_range: Sequence[float] = (0, 255), **kwargs: Any) -> None:
        super().__init__(value_range, **kwargs)

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, changed also outside of training."""
        return super().transform_images(images, transformation, training=True)

    def _change(self, images: torch.Tensor, transformation: Any) -> torch.Tensor:
        levels = self._transform_value_range(images, self.value_range, (0, 255), dtype=self.compute_dtype)
        levels = stretched(levels, (self.height_axis, self.width_axis))
        return self._transform_value_range(levels, (0, 255), self.value_range, dtype=self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        del config["seed"]
        return config
