"""Images of a random height or width."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.fitting import resized
from kerastorch.core.resizing import RESIZE_METHODS
from kerastorch.core.seeds import generator_for
from kerastorch.errors import InvalidArgumentError, did_you_mean
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer

_CPU = torch.device("cpu")


class RandomSize(BaseImagePreprocessingLayer):
    """What `RandomHeight` and `RandomWidth` share: one size of the images of a batch is drawn.

    Args:
        factor: the greatest change both ways, as a fraction; or a pair of the least and the greatest one.
        interpolation: as for `Resizing`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format`, `data_format` and the base arguments of `Layer`.
    """

    _USE_BASE_FACTOR = False
    _axis: str

    def __init__(
        self, factor: Any, interpolation: str = "bilinear", seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        pair = isinstance(factor, (tuple, list)) and len(factor) == 2
        if not pair and (isinstance(factor, bool) or not isinstance(factor, (int, float))):
            raise InvalidArgumentError(
                f"The `factor` argument should be a number (or a list of two numbers). Received: factor={factor}"
            )
        self._low, self._high = factor if pair else (-factor, factor)
        if self._high < self._low:
            raise InvalidArgumentError(
                "`factor` argument cannot have an upper bound lesser than the lower bound. Received: "
                f"factor={factor}"
            )
        if self._low < -1.0:
            raise InvalidArgumentError(
                f"`factor` argument must have values larger than -1. Received: factor={factor}"
            )
        if interpolation not in RESIZE_METHODS:
            raise InvalidArgumentError(
                f"Invalid value for argument `interpolation`. Expected of one {RESIZE_METHODS}. Received: "
                f"interpolation={interpolation}{did_you_mean(str(interpolation), RESIZE_METHODS)}"
            )
        self.factor = factor
        self.interpolation = interpolation
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws the new height and width of a batch, on the host, which needs them for its shape."""
        if not training:
            return None
        _, height, width, _ = self._extent(data)
        generator = generator_for(self.generator if seed is None else seed, _CPU)
        share = float(torch.rand((), generator=generator, device=_CPU))
        scale = 1.0 + self._low + share * (self._high - self._low)
        if self._axis == "height":
            return max(int(scale * height), 1), width
        return height, max(int(scale * width), 1)

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        return resized(images, transformation, interpolation, self.data_format)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Returns the shape of the input with None for the size that is drawn."""
        shape = list(input_shape)
        shape[self.height_axis if self._axis == "height" else self.width_axis] = None
        return tuple(shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns symbolic outputs, of which one size is not known."""
        return self._declared_shape(args, kwargs)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "interpolation": self.interpolation,
            "seed": self.seed,
        }


@registry.builtin("keras.layers")
class RandomHeight(RandomSize):
    """Resizes the images of a batch to a random height, in training only. A layer of Keras 2.

    Args:
        factor: the greatest change of the height both ways, as a fraction; or a pair of the least and the greatest
            one, above -1.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `data_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`.

    Output shape:
        that of the input with another height.

    Raises:
        InvalidArgumentError: for a wrong factor or interpolation.

    Example:
        >>> RandomHeight((0.5, 0.5))(torch.ones(4, 6, 3), training=True).shape
        torch.Size([6, 6, 3])

    Source: `tf.keras.layers.RandomHeight` of Keras 2.
    """

    _axis = "height"


@registry.builtin("keras.layers")
class RandomWidth(RandomSize):
    """Resizes the images of a batch to a random width, in training only. A layer of Keras 2.

    Args:
        factor: the greatest change of the width both ways, as a fraction; or a pair of the least and the greatest
            one, above -1.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `data_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`.

    Output shape:
        that of the input with another width.

    Raises:
        InvalidArgumentError: for a wrong factor or interpolation.

    Example:
        >>> RandomWidth((0.5, 0.5))(torch.ones(4, 6, 3), training=True).shape
        torch.Size([4, 9, 3])

    Source: `tf.keras.layers.RandomWidth` of Keras 2.
    """

    _axis = "width"
