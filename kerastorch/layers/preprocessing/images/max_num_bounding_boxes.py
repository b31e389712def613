"""The same number of bounding boxes for all images."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, UnknownNameError
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer


@registry.builtin("keras.layers")
class MaxNumBoundingBoxes(BaseImagePreprocessingLayer):
    """Cuts off or fills up the bounding boxes of each image, so that all have the same number.

    Args:
        max_number: the number of bounding boxes that come out.
        fill_value: the numbers and the label of those that are added, which stand for none.
        **kwargs: `bounding_box_format`, which is needed where there are boxes, and the base arguments of `Layer`.

    Input shape:
        a dictionary as for `BaseImagePreprocessingLayer`, with `"bounding_boxes"`: `"boxes"` (N, K, 4) and `"labels"`
        (N, K); without N for a single image.

    Output shape:
        the same with `max_number` in place of K.

    Raises:
        InvalidArgumentError: when `max_number` is no positive integer.

    Example:
        >>> data = {"images": torch.ones(2, 2, 3), "bounding_boxes": {"boxes": [[0, 0, 1, 1]], "labels": [5]}}
        >>> MaxNumBoundingBoxes(2, bounding_box_format="xyxy")(data)["bounding_boxes"]["labels"].tolist()
        [5, -1]

    Source: `keras.layers.MaxNumBoundingBoxes`.
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_number = int(max_number)
        if self.max_number < 1:
            raise InvalidArgumentError(
                f"The `max_number` argument must be a positive integer. Received: max_number={max_number}"
            )
        self.fill_value = int(fill_value)

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns the images."""
        return images

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns the masks."""
        return segmentation_masks

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns as many boxes for each image as there are to be."""
        boxes, labels = bounding_boxes["boxes"], bounding_boxes["labels"]
        missing = max(self.max_number - boxes.shape[1], 0)
        below = [0, 0] * (labels.ndim - 2)
        return {
            **bounding_boxes,
            "boxes": F.pad(boxes[:, : self.max_number], (0, 0, 0, missing), value=self.fill_value),
            "labels": F.pad(labels[:, : self.max_number], (*below, 0, missing), value=self.fill_value),
        }

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shapes with the new number of boxes."""
        if not isinstance(input_shape, dict) or "bounding_boxes" not in input_shape:
            return input_shape
        boxes = input_shape["bounding_boxes"]
        extra = sorted(boxes.keys() - {"boxes", "labels"})
        if extra:
            raise UnknownNameError(
                f"There are unsupported keys in `bounding_boxes`: {extra}. Only `boxes` and `labels` are supported."
            )
        changed = {k: (shape[0], self.max_number, *shape[2:]) for k, shape in boxes.items()}
        return {**input_shape, "bounding_boxes": changed}

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "max_number": self.max_number}
        return config if self.fill_value == -1 else {**config, "fill_value": self.fill_value}
