"""Images of a batch with rectangles of other ones."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.mixing import MixingLayer, partners
from kerastorch.layers.preprocessing.images.patches import box_masks, random_sides


@registry.builtin("keras.layers")
class CutMix(MixingLayer):
    """Replaces a rectangle of each image by that of another one in training, and blends the labels by the areas.

    Args:
        factor: both parameters of the beta distribution from which the share of each image is drawn: a number from 0
            to 1, for all from 0 to itself, or a pair of them. Small numbers give small or nearly whole rectangles.
            Default: 1.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(N, H, W, C)`, or a dictionary with such `"images"`, `"labels"` (N, ...) in numbers or one-hot and
        `"segmentation_masks"`. A single image stays as it is.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` is out of bounds.
        MissingMethodError: when there are bounding boxes, for no rectangle cuts them fairly.

    Example:
        >>> data = {"images": torch.rand(4, 8, 8, 3), "labels": torch.eye(4)}
        >>> CutMix(seed=1)(data, training=True)["labels"].sum(-1).round(decimals=4).tolist()
        [1.0, 1.0, 1.0, 1.0]

    Source: `keras.layers.CutMix`; Yun et al., 2019.
    """

    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format=data_format, **kwargs)
        self._set_factor(factor)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns which images are mixed and where, None outside of training and for a single image."""
        images = data["images"] if isinstance(data, dict) else data
        return super().get_random_transformation(data, training and self._is_batched(images), seed)

    def _draw(self, extent: Extent, seed: Any) -> dict:
        alpha = self._uniform((), *self.factor, device=extent.device, seed=seed) + 1e-6
        side = (1.0 - self._beta(alpha, extent.number, seed)).sqrt()
        size = (extent.height, extent.width)
        x, y = (
            random_sides(self._uniform((extent.number,), device=extent.device, seed=seed), side, length)
            for length in reversed(size)
        )
        return {
            "permutation_order": self._partners(extent, seed),
            "batch_masks": box_masks(x, y, size, self.channel_axis),
            "mix_weight": 1.0 - (x[1] - x[0]) * (y[1] - y[0]) / (extent.height * extent.width),
        }

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, mixed in training."""
        images = torch.as_tensor(images).to(self._compute_torch_dtype)
        if not training or transformation is None:
            return images
        return torch.where(transformation["batch_masks"], partners(images, transformation), images)

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation masks, mixed as the images are."""
        return self.transform_images(segmentation_masks, transformation, training)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
