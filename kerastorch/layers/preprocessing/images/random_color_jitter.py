"""Images whose brightness, contrast, saturation and hue change at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer
from kerastorch.layers.preprocessing.images.random_brightness import RandomBrightness
from kerastorch.layers.preprocessing.images.random_contrast import RandomContrast
from kerastorch.layers.preprocessing.images.random_hue import RandomHue
from kerastorch.layers.preprocessing.images.random_saturation import RandomSaturation

# In the order in which they are applied.
_STEPS = {
    "brightness": RandomBrightness,
    "contrast": RandomContrast,
    "saturation": RandomSaturation,
    "hue": RandomHue,
}


@registry.builtin("keras.layers")
class RandomColorJitter(ColourLayer):
    """Changes brightness, contrast, saturation and hue of each image in training, in this order.

    Args:
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        brightness_factor: `factor` of `RandomBrightness`; None leaves it out. Default: None.
        contrast_factor: `factor` of `RandomContrast`; None leaves it out. Default: None.
        saturation_factor: `factor` of `RandomSaturation`; None leaves it out. Default: None.
        hue_factor: `factor` of `RandomHue`; None leaves it out. Default: None.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, 3)` or `(N, H, W, 3)`, or a dictionary with such `"images"`; 3 first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when a factor or `value_range` is out of bounds.
        ShapeError: when the images do not have three colours and hue or saturation change.

    Example:
        >>> layer = RandomColorJitter((0, 1), brightness_factor=(0.25, 0.25), hue_factor=(1.0, 1.0))
        >>> layer(torch.tensor([[[0.75, 0.25, 0.25]]]), training=True).tolist()
        [[[0.5, 1.0, 1.0]]]

    Source: `keras.layers.RandomColorJitter`.
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        factors = (brightness_factor, contrast_factor, saturation_factor, hue_factor)
        shared = {
            "value_range": value_range,
            "seed": seed,
            "data_format": data_format,
            "dtype": self.dtype_policy,
        }
        for (name, kind), factor in zip(_STEPS.items(), factors, strict=True):
            setattr(self, f"{name}_factor", factor)
            setattr(self, f"random_{name}", None if factor is None else kind(factor, **shared))

    def _steps(self) -> dict[str, ColourLayer]:
        """The layers that are applied, in order."""
        steps = {name: getattr(self, f"random_{name}") for name in _STEPS}
        return {name: step for name, step in steps.items() if step is not None}

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns what is drawn for each change by its name, None outside of training."""
        if not training:
            return None
        seed = self.generator if seed is None else seed
        return {
            name: step.get_random_transformation(data, True, seed) for name, step in self._steps().items()
        }

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        for name, step in self._steps().items():
            images = step.transform_images(images, transformation[name])
        return images

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        factors = {f"{name}_factor": getattr(self, f"{name}_factor") for name in _STEPS}
        return {**super().get_config(), **factors}
