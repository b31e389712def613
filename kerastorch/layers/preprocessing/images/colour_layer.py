"""The base class of layers that change the colours of images and leave everything where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch.core.seeds import SeedGenerator
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.layers.preprocessing.images.arrays import each_image, takes_arrays
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer, Extent


def checked_value_range(value_range: Any) -> list[float]:
    """Returns the lowest and the highest value of pixels, in this order.

    Raises:
        InvalidArgumentError: when these are not two numbers.
    """
    numbers = isinstance(value_range, (tuple, list)) and all(isinstance(v, (int, float)) for v in value_range)
    if not numbers or len(value_range) != 2:
        raise InvalidArgumentError(
            "The `value_range` argument should be a list of two numbers. Received: "
            f"value_range={value_range!r}"
        )
    return sorted(value_range)


def checked_interval(value: Any, name: str, pair_limit: float = 1) -> tuple[float, float]:
    """Returns an argument as the interval from which it is drawn; a number stands for all from 0 to itself.

    Args:
        value: a number from 0 to 1, or a pair of them.
        name: the argument's name, for the error.
        pair_limit: the largest number allowed in a pair.

    Raises:
        InvalidArgumentError: when it is neither, or outside the bounds.
    """
    single = not isinstance(value, (tuple, list))
    pair = (0, value) if single else value
    numbers = len(pair) == 2 and all(isinstance(v, (int, float)) for v in pair)
    limit = 1 if single else pair_limit
    if not numbers or not all(0 <= v <= limit for v in pair):
        raise InvalidArgumentError(
            f"The `{name}` argument should be a number (or a list of two numbers) in the range [0, 1]. Received: "
            f"{name}={value!r}"
        )
    lower, upper = sorted(pair)
    return lower, upper


def per_image(value: Any, images: torch.Tensor) -> torch.Tensor:
    """Returns one number for each image in a shape and type that goes with the images, (N, 1, 1, 1)."""
    return each_image(value, images).to(images.dtype)


class ColourLayer(BaseImagePreprocessingLayer):
    """Changes the colours of images. Labels, bounding boxes and segmentation masks stay as they are.

    A subclass draws in `_draw` and applies in `_change`, which is only called in training.

    Args:
        value_range: the lowest and the highest value of pixels.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format`, `data_format` and base arguments of `Layer`.
    """

    _USE_BASE_FACTOR = False
    _keeps_type = (
        False  # whether images of whole numbers stay such, instead of becoming floating-point numbers
    )

    def __init__(
        self, value_range: Sequence[float] = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.value_range = checked_value_range(value_range)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns what is drawn for the data, None outside of training."""
        if not training:
            return None
        return self._draw(self._extent(data), SeedGenerator(seed) if isinstance(seed, int) else seed)

    def _draw(self, extent: Extent, seed: SeedGenerator | None) -> Any:
        """Draws a change for so many images; None for layers that change all images alike."""
        return None

    def _change(self, images: torch.Tensor, transformation: Any) -> torch.Tensor:
        """Changes a batch of floating-point images."""
        raise MissingMethodError(f"{type(self).__name__} must define `transform_images` or `_change`.")

    def _per_image(self, extent: Extent, interval: Sequence[float], seed: Any) -> torch.Tensor:
        """Draws one number from an interval for each image, (N,)."""
        low, high = interval
        return self._uniform((extent.number,), low, high, device=extent.device, seed=seed)

    def _chosen(self, extent: Extent, chances: Sequence[float], seed: Any) -> torch.Tensor:
        """Draws which images are changed, (N,), each by a chance that is drawn from an interval."""
        return self._per_image(extent, (0, 1), seed) < self._per_image(extent, chances, seed)

    def _filtered(self, images: torch.Tensor, change: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """Applies a function of images (N, C, H, W) to images in the layer's own order."""
        return change(images.movedim(self.channel_axis, 1)).movedim(1, self.channel_axis)

    def _clipped(self, images: torch.Tensor) -> torch.Tensor:
        low, high = self.value_range
        return images.clamp(low, high)

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, changed in training; a change is drawn if none is given."""
        if images.is_floating_point() or not self._keeps_type:
            images = images.to(self._compute_torch_dtype)
        if (
            not training or images.is_meta
        ):  # on the meta device only shape and type matter, and these do not change
            return images
        if transformation is None:
            transformation = self.get_random_transformation(images)
        return self._change(images, transformation)

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any = None, training: bool = True
    ) -> dict:
        """Returns the bounding boxes."""
        return bounding_boxes

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation masks."""
        return segmentation_masks

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "value_range": self.value_range, "seed": self.seed}
