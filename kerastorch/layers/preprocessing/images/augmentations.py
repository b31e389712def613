"""The base class of layers that apply several augmentations, drawn from a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.seeds import SeedGenerator, generator_for
from kerastorch.errors import MissingMethodError
from kerastorch.layers.preprocessing.images.auto_contrast import AutoContrast
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer
from kerastorch.layers.preprocessing.images.colour_layer import checked_value_range
from kerastorch.layers.preprocessing.images.equalization import Equalization
from kerastorch.layers.preprocessing.images.random_brightness import RandomBrightness
from kerastorch.layers.preprocessing.images.random_color_degeneration import RandomColorDegeneration
from kerastorch.layers.preprocessing.images.random_contrast import RandomContrast
from kerastorch.layers.preprocessing.images.random_posterization import RandomPosterization
from kerastorch.layers.preprocessing.images.random_rotation import RandomRotation
from kerastorch.layers.preprocessing.images.random_sharpness import RandomSharpness
from kerastorch.layers.preprocessing.images.random_shear import RandomShear
from kerastorch.layers.preprocessing.images.random_translation import RandomTranslation
from kerastorch.layers.preprocessing.images.solarization import Solarization


class Augmentations(BaseImagePreprocessingLayer):
    """Holds one layer for each kind of augmentation, all of one strength.

    What is applied is drawn on the host, so that only the augmentations that were drawn are computed.

    Args:
        value_range: the lowest and the highest value of pixels.
        factor: the strength: a number from 0 to 1, for all from 0 to itself, or a pair of them.
        interpolation: `"nearest"` or `"bilinear"`, for the layers that move pixels.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format`, `data_format` and base arguments of `Layer`.
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self, value_range: Sequence[float], factor: Any, interpolation: str, seed: int | None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.value_range = checked_value_range(value_range)
        self._set_factor(factor)
        self.interpolation = interpolation
        self._set_seed(seed)
        self._make_augmentations()

    def _make_augmentations(self) -> None:
        plain: dict[str, Any] = {
            "bounding_box_format": self.bounding_box_format,
            "data_format": self.data_format,
            "dtype": self.dtype_policy,
        }
        moving = {**plain, "interpolation": self.interpolation, "seed": self.seed}
        ranged: dict[str, Any] = {**plain, "value_range": self.value_range}
        colours = {**ranged, "seed": self.seed}
        strength = self.factor
        self.random_shear = RandomShear(strength, strength, **moving)
        self.random_translation = RandomTranslation(strength, strength, **moving)
        self.random_rotation = RandomRotation(strength, **moving)
        self.random_brightness = RandomBrightness(strength, **colours)
        self.random_color_degeneration = RandomColorDegeneration(strength, **colours)
        self.random_contrast = RandomContrast(strength, **colours)
        self.random_sharpness = RandomSharpness(strength, **colours)
        self.random_posterization = RandomPosterization(max(1, int(8 * strength[1])), **colours)
        self.solarization = Solarization(strength, strength, **colours)
        self.auto_contrast = AutoContrast(**ranged)
        self.equalization = Equalization(**ranged)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns which augmentations are applied and what they draw, None outside of training."""
        if not training:
            return None
        if seed is None:
            seed = self.generator
        return self._draw(data, SeedGenerator(seed) if isinstance(seed, int) else seed)

    def _draw(self, data: Any, seed: Any) -> dict:
        raise MissingMethodError(f"{type(self).__name__} must define `_draw`.")

    def _numbers_below(self, limit: int, shape: tuple[int, ...], seed: Any) -> torch.Tensor:
        """Draws integers on the host."""
        return torch.randint(limit, shape, generator=generator_for(seed, torch.device("cpu")), device="cpu")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "value_range": self.value_range,
            "factor": self.factor,
            "interpolation": self.interpolation,
            "seed": self.seed,
        }
