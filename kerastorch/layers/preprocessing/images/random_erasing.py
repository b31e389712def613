"""Images with a rectangle erased at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.draws import filled
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.images.arrays import each_image
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.colour_layer import ColourLayer, checked_interval
from kerastorch.layers.preprocessing.images.patches import box_masks, random_sides


def _checked_fill(value: Any) -> Any:
    values = value if isinstance(value, (tuple, list)) else [0.0 if value is None else value]
    if len(values) in (1, 3) and all(isinstance(v, (int, float)) for v in values):
        return value
    raise InvalidArgumentError(
        "The `fill_value` argument should be a number (or a list of three numbers), or None for noise. Received: "
        f"fill_value={value!r}"
    )


@registry.builtin("keras.layers")
class RandomErasing(ColourLayer):
    """Fills a rectangle of some images with noise or one colour, in training.

    Args:
        factor: the chance of an image to be changed: a number from 0 to 1, for all from 0 to itself, or a pair of
            them. Default: 1.
        scale: the squares of height and width of the rectangle, as shares of those of the image, each drawn alone: a
            number from 0 to 1, for all from 0 to itself, or a pair of them. Default: `(0.02, 0.33)`.
        fill_value: a number, or one for each of three colours; None fills with noise. Default: None.
        value_range: the lowest and the highest value of pixels. Default: `(0, 255)`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary with such `"images"`; C first with channels first.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when an argument is out of bounds.
        ShapeError: when there are three fill values and not three colours.

    Example:
        >>> layer = RandomErasing((1.0, 1.0), scale=(0.25, 0.25), fill_value=0)
        >>> layer(torch.ones(8, 8, 1), training=True).sum().item()
        48.0

    Source: `keras.layers.RandomErasing`; Zhong et al., 2017.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self._set_factor(factor)
        self.scale = checked_interval(scale, "scale")
        self.fill_value = _checked_fill(fill_value)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns what is drawn for the data, None outside of training."""
        drawn = super().get_random_transformation(data, training, seed)
        if drawn is not None:
            images = data["images"] if isinstance(data, dict) else data
            drawn["fill_value"] = self._fill(tuple(images.shape), self._extent(data).device, seed)
        return drawn

    def _draw(self, extent: Extent, seed: Any) -> dict:
        size = (extent.height, extent.width)
        x, y = (
            random_sides(
                self._per_image(extent, (0, 1), seed),
                self._per_image(extent, self.scale, seed).sqrt(),
                length,
            )
            for length in reversed(size)
        )
        masks = box_masks(x, y, size, self.channel_axis)
        return {"apply_erasing": self._chosen(extent, self.factor, seed), "batch_masks": masks}

    def _fill(self, shape: tuple[int, ...], device: torch.device, seed: Any) -> torch.Tensor:
        """What fills the rectangle: noise in the shape of the images, or a colour that broadcasts to it."""
        if self.fill_value is None:
            noise = filled(
                torch.empty(shape, device=device), "normal_", seed=self.generator if seed is None else seed
            )
            return self._clipped(noise * self.value_range[1])
        fill = torch.tensor(self.fill_value, dtype=torch.float32, device=device).reshape(-1)
        if len(fill) == 3 != shape[self.channel_axis]:
            raise ShapeError(
                f"Three values of `fill_value` need images of three colours. Received: images.shape={shape}"
            )
        return self._clipped(fill if self.channel_axis == -1 else fill[:, None, None])

    def _change(self, images: torch.Tensor, transformation: dict) -> torch.Tensor:
        erased = transformation["batch_masks"] & each_image(transformation["apply_erasing"], images)
        fill = torch.as_tensor(transformation["fill_value"], device=images.device).to(images.dtype)
        return torch.where(erased, fill, images)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        settings = {"factor": self.factor, "scale": self.scale, "fill_value": self.fill_value}
        return {**super().get_config(), **settings}
