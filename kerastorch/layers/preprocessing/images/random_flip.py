"""Images flipped at random."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, did_you_mean
from kerastorch.layers.preprocessing.images.arrays import each_image, takes_arrays
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer
from kerastorch.layers.preprocessing.images.geometric import boxes_in_pixels

MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@registry.builtin("keras.layers")
class RandomFlip(BaseImagePreprocessingLayer):
    """Flips every other image on average, in training only.

    Args:
        mode: `"horizontal"` swaps left and right, `"vertical"` top and bottom, `"horizontal_and_vertical"` both at
            once.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: for another mode.

    Example:
        >>> image = torch.arange(3.0).reshape(1, 3, 1)
        >>> flipped = RandomFlip("horizontal", seed=2)(image.expand(50, 1, 3, 1), training=True)
        >>> flipped.squeeze().unique(dim=0).tolist()
        [[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]

    Source: `keras.layers.RandomFlip`.
    """

    _USE_BASE_FACTOR = False

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if mode not in MODES:
            raise InvalidArgumentError(
                f"The `mode` argument of RandomFlip must be one of {MODES}. Received: mode={mode!r}."
                f"{did_you_mean(str(mode), MODES)}"
            )
        self.mode = mode
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws which images are flipped; None in inference."""
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        number, _, _, device = self._extent(data)
        flips = self._uniform((number, 1, 1, 1), device=device, seed=seed) <= 0.5
        return {"flips": flips, "input_shape": tuple(images.shape)}

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        if transformation is None:
            return images
        axes = [
            axis
            for axis, name in ((self.width_axis, "horizontal"), (self.height_axis, "vertical"))
            if name in self.mode
        ]
        return torch.where(each_image(transformation["flips"], images), images.flip(axes), images)

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the masks flipped as their images, in the layer's compute type."""
        return self.transform_images(segmentation_masks, transformation, training=training)

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the bounding boxes flipped as their images."""
        if not training or transformation is None:
            return bounding_boxes
        shape = transformation["input_shape"]
        height, width = shape[self.height_axis], shape[self.width_axis]
        flips = transformation["flips"]

        def flipped(boxes: torch.Tensor) -> torch.Tensor:
            left, top, right, bottom = boxes.unbind(-1)
            if "horizontal" in self.mode:
                left, right = width - right, width - left
            if "vertical" in self.mode:
                top, bottom = height - bottom, height - top
            turned = torch.stack([left, top, right, bottom], dim=-1)
            return torch.where(flips.reshape(-1, *[1] * (boxes.ndim - 1)), turned, boxes)

        return boxes_in_pixels(bounding_boxes, str(self.bounding_box_format), (height, width), flipped)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "seed": self.seed, "mode": self.mode}
