"""Parts of images: the centre, or one at a random place."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from kerastorch import registry
from kerastorch.core.images.fitting import cut, largest_window, resized
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.geometric import boxes_in_pixels
from kerastorch.layers.preprocessing.images.sized import SizedLayer


class Part(NamedTuple):
    """The part of an image that is cut out and, where its size is another one, resized.

    Attributes:
        top: its first row, an integer or a tensor of one.
        left: its first column.
        height: in pixels.
        width: in pixels.
        input_size: height and width of the whole image, in pixels.
    """

    top: Any
    left: Any
    height: int
    width: int
    input_size: tuple[int, int]


class CroppingLayer(SizedLayer):
    """A layer that cuts a `Part` out of images, which is its transformation."""

    def _centre(self, size: tuple[int, int]) -> Part:
        """The centre of the output's size or, of smaller images, the largest one with its proportions."""
        height, width = size
        if height < self.height or width < self.width:
            return Part(*largest_window(size, (self.height, self.width)), size)
        return Part((height - self.height) // 2, (width - self.width) // 2, self.height, self.width, size)

    def _cut_out(self, images: torch.Tensor, part: Part, interpolation: str) -> torch.Tensor:
        images = images.to(self._compute_torch_dtype)
        if isinstance(part.top, torch.Tensor):
            return self._cut_at(images, part)
        piece = cut(images, (part.top, part.left, part.height, part.width), self.data_format)
        if (part.height, part.width) == (self.height, self.width):
            return piece
        return resized(piece, (self.height, self.width), interpolation, self.data_format)

    def _cut_at(self, images: torch.Tensor, part: Part) -> torch.Tensor:
        """A part whose place only the device knows: read by index, so that the host need not wait for it."""
        rows = part.top + torch.arange(part.height, device=images.device)
        columns = part.left + torch.arange(part.width, device=images.device)
        axis = images.ndim + self.height_axis
        return images.index_select(axis, rows).index_select(axis + 1, columns)

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the part of each image, in the layer's compute type."""
        return self._cut_out(images, transformation, "bilinear")

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the part of each mask, in the layer's compute type; each pixel keeps a class that it had."""
        return self._cut_out(segmentation_masks, transformation, "nearest")

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Part, training: bool = True
    ) -> dict:
        """Returns the bounding boxes as they lie in the part of the image."""
        top, left, height, width, input_size = transformation
        scale = (self.width / width, self.height / height)

        def moved(corners: torch.Tensor) -> torch.Tensor:
            x, y = corners[..., 0::2], corners[..., 1::2]
            x, y = (x - left) * scale[0], (y - top) * scale[1]
            return torch.stack([x, y], dim=-1).flatten(-2)

        size = (self.height, self.width)
        return boxes_in_pixels(bounding_boxes, str(self.bounding_box_format), input_size, moved, size)


@registry.builtin("keras.layers")
class CenterCrop(CroppingLayer):
    """Cuts out the centre of images; of smaller ones, the largest centre with its proportions, which is resized.

    Args:
        height: the height of the output, in pixels.
        width: its width, in pixels.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`.

    Output shape:
        `(height, width, C)` or `(N, height, width, C)`.

    Raises:
        InvalidArgumentError: when a size is no positive integer.

    Example:
        >>> CenterCrop(1, 2)(torch.arange(4.0).reshape(1, 4, 1)).flatten().tolist()
        [1.0, 2.0]

    Source: `keras.layers.CenterCrop`.
    """

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Part:
        """Returns the centre, which is not random."""
        _, height, width, _ = self._extent(data)
        return self._centre((height, width))


@registry.builtin("keras.layers")
class RandomCrop(CroppingLayer):
    """Cuts out a part of images at a random place, the same for a batch, in training.

    In inference, and of images that are not larger than the output, it is the largest centre with the proportions of
    the output, resized to it.

    Args:
        height: the height of the output, in pixels.
        width: its width, in pixels.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`.

    Output shape:
        `(height, width, C)` or `(N, height, width, C)`.

    Raises:
        InvalidArgumentError: when a size is no positive integer.

    Example:
        >>> RandomCrop(2, 2, seed=1)(torch.ones(3, 8, 8, 1), training=True).shape
        torch.Size([3, 2, 2, 1])

    Source: `keras.layers.RandomCrop`.
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Part:
        """Draws the part in training; in inference, and of small images, returns the largest centre."""
        _, height, width, device = self._extent(data)
        size = (height, width)
        if not training or height <= self.height or width <= self.width:
            return Part(*largest_window(size, (self.height, self.width)), size)
        spare = (height - self.height + 1, width - self.width + 1)
        top, left = (
            self._uniform((1,), 0, n, device=device, seed=seed).long().clamp(max=n - 1) for n in spare
        )
        return Part(top, left, self.height, self.width, size)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "seed": self.seed}
