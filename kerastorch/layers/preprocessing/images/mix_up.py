"""Images of a batch, blended in pairs."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.base import Extent
from kerastorch.layers.preprocessing.images.mixing import MixingLayer, blended, partners


@registry.builtin("keras.layers")
class MixUp(MixingLayer):
    """Blends each image with another one of the batch in training, and its label with the other label.

    Args:
        alpha: both parameters of the beta distribution from which the weight of each image is drawn, positive; small
            numbers leave one of the two images nearly alone. Default: 0.2.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format` and base arguments of `Layer`.

    Input shape:
        `(N, H, W, C)`, or a dictionary with such `"images"`, `"labels"` (N, ...) in numbers or one-hot,
        `"bounding_boxes"` and `"segmentation_masks"`. A single image is mixed with itself.

    Output shape:
        that of the input; each image has the bounding boxes of both.

    Raises:
        InvalidArgumentError: when `alpha` is not positive.

    Example:
        >>> data = {"images": torch.rand(4, 8, 8, 3), "labels": torch.eye(4)}
        >>> MixUp(seed=1)(data, training=True)["labels"].sum(-1).round(decimals=4).tolist()
        [1.0, 1.0, 1.0, 1.0]

    Source: `keras.layers.MixUp`; Zhang et al., 2017.
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed, data_format=data_format, **kwargs)
        if not isinstance(alpha, (int, float)) or not alpha > 0:
            raise InvalidArgumentError(f"`alpha` should be a positive number. Received: alpha={alpha!r}")
        self.alpha = alpha

    def _draw(self, extent: Extent, seed: Any) -> dict:
        order = self._partners(extent, seed)
        alpha = torch.full((), float(self.alpha), device=extent.device)
        return {"mix_weight": self._beta(alpha, extent.number, seed), "permutation_order": order}

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, blended in training; a single image becomes a batch of one."""
        images = torch.as_tensor(images).to(self._compute_torch_dtype)
        if not training or transformation is None:
            return images
        return blended(images if images.ndim > 3 else images[None], transformation)

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the bounding boxes of each image, followed by those of the other one."""
        if not training or transformation is None:
            return bounding_boxes
        boxes, labels = (torch.as_tensor(bounding_boxes[key]) for key in ("boxes", "labels"))
        return {
            "boxes": torch.cat([boxes, partners(boxes, transformation)], 1),
            "labels": torch.cat([labels, partners(labels, transformation)], -1),
        }

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the segmentation masks, blended as the images are."""
        if not training or transformation is None:
            return segmentation_masks
        return blended(segmentation_masks, transformation)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "alpha": self.alpha}
