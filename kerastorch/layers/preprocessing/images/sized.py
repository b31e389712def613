"""What the layers that give images another size share."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer


def checked_size(name: str, value: Any) -> int:
    """Returns a height or width.

    Raises:
        InvalidArgumentError: when it is no positive integer.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < 1:
        raise InvalidArgumentError(
            f"The `{name}` argument must be a positive integer, in pixels. Received: {name}={value!r}"
        )
    return int(value)


class SizedLayer(BaseImagePreprocessingLayer):
    """A layer whose images all have one size.

    Args:
        height: the height of the output, in pixels.
        width: its width, in pixels.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: arguments of `BaseImagePreprocessingLayer`.
    """

    _USE_BASE_FACTOR = False

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = checked_size("height", height)
        self.width = checked_size("width", width)

    def _size_of(self, images: torch.Tensor) -> tuple[int, int]:
        return images.shape[self.height_axis], images.shape[self.width_axis]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the images with the new size; other parts of the data keep theirs."""
        if isinstance(input_shape, dict):
            images = {k: self.compute_output_shape(input_shape[k]) for k in _IMAGES if k in input_shape}
            return {**input_shape, **images}
        shape = list(input_shape)
        if len(shape) not in (3, 4):
            raise ShapeError(
                "`input_shape` must be a non-nested tuple or list with size 3 (unbatched) or 4 (batched). "
                f"Received: input_shape={input_shape}"
            )
        shape[self.height_axis], shape[self.width_axis] = self.height, self.width
        return tuple(shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "height": self.height, "width": self.width}


_IMAGES = ("images", "segmentation_masks")
