"""What the layers that move the pixels of images share.

Legend: N images, H height, W width, C channels, K bounding boxes an image; (N, C, H, W) with
`data_format="channels_first"`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core.images.sampling import FILL_MODES, INTERPOLATIONS, places, sample
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer, checked_choice
from kerastorch.layers.preprocessing.images.bounding_boxes import clip_to_image_size, convert_format


def factor_range(name: str, factor: Any, low: float, high: float, wanted: str) -> tuple[float, float]:
    """Returns the range from which a factor is drawn; a number stands for both signs of it.

    Args:
        name: the argument's name, for the error.
        factor: a number, or a pair of them.
        low: the least number that is valid.
        high: the greatest one.
        wanted: the range in words, for the error.

    Raises:
        InvalidArgumentError: when it is neither, or out of range.
    """
    pair = isinstance(factor, (tuple, list)) and len(factor) == 2
    numbers = tuple(factor) if pair else (factor,)
    if not all(isinstance(v, (int, float)) and low <= v <= high for v in numbers):
        raise InvalidArgumentError(
            f"The `{name}` argument should be a number (or a list of two numbers) in the range {wanted}. "
            f"Received: {name}={factor}"
        )
    return (min(factor), max(factor)) if pair else (-abs(factor), abs(factor))


def boxes_in_pixels(
    bounding_boxes: dict,
    bounding_box_format: str,
    size: tuple[int, int],
    change: Callable[[torch.Tensor], torch.Tensor],
    new_size: tuple[int, int] | None = None,
) -> dict:
    """Returns bounding boxes after a change of their corners, clipped to the image.

    Args:
        bounding_boxes: a dictionary of `"boxes"`, (N, K, 4), and `"labels"`.
        bounding_box_format: the format of the boxes, before and after.
        size: the height and width of the images before, in pixels.
        change: what happens to left, top, right and bottom, in pixels.
        new_size: the height and width of the images after it; None where they keep theirs.
    """
    (height, width), (new_height, new_width) = size, new_size or size
    corners = convert_format(bounding_boxes, bounding_box_format, "xyxy", height, width)
    moved = {**corners, "boxes": change(corners["boxes"])}
    clipped = clip_to_image_size(moved, new_height, new_width)
    return convert_format(clipped, "xyxy", bounding_box_format, new_height, new_width)


class GeometricLayer(BaseImagePreprocessingLayer):
    """A layer that reads each pixel of an image somewhere else.

    Subclasses give `_matrix`, and `_moved_corners` for the bounding boxes.

    Args:
        fill_mode: what lies outside the image: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        fill_value: the value outside for `fill_mode="constant"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: arguments of `BaseImagePreprocessingLayer`.
    """

    _USE_BASE_FACTOR = False
    _SUPPORTED_FILL_MODE: tuple[str, ...] = FILL_MODES
    _SUPPORTED_INTERPOLATION: tuple[str, ...] = INTERPOLATIONS

    def __init__(
        self,
        *,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.fill_mode = checked_choice("fill_mode", fill_mode, self._SUPPORTED_FILL_MODE)
        self.interpolation = checked_choice("interpolation", interpolation, self._SUPPORTED_INTERPOLATION)
        self.fill_value = fill_value
        self._set_seed(seed)

    def _matrix(self, transformation: Any, height: int, width: int) -> torch.Tensor:
        """The matrices of a drawn change, as for `places`."""
        raise MissingMethodError(f"{type(self).__name__} must define `_matrix`.")

    def _moved_corners(
        self, boxes: torch.Tensor, transformation: Any, height: int, width: int
    ) -> torch.Tensor:
        """The left, top, right and bottom of boxes after a drawn change, in pixels."""
        raise MissingMethodError(f"{type(self).__name__} must define `_moved_corners`.")

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        if transformation is None:
            return images
        height, width = images.shape[self.height_axis], images.shape[self.width_axis]
        matrix = self._matrix(transformation, height, width)
        x, y = places(matrix.reshape(-1, 8), height, width)
        return sample(images, x, y, interpolation, self.fill_mode, self.fill_value, self.data_format)

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the bounding boxes around what was in them before."""
        if not training or transformation is None:
            return bounding_boxes
        height, width = self._size_in(transformation)
        return boxes_in_pixels(
            bounding_boxes,
            str(self.bounding_box_format),
            (height, width),
            lambda boxes: self._moved_corners(boxes, transformation, height, width),
        )

    def _size_in(self, transformation: dict) -> tuple[int, int]:
        """The height and width of the images for which a change was drawn."""
        shape = transformation["input_shape"]
        return shape[self.height_axis], shape[self.width_axis]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "seed": self.seed,
            "fill_value": self.fill_value,
        }
