"""Images of any size, resized to one."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.fitting import cut, largest_window, margins, padded, resized
from kerastorch.core.resizing import RESIZE_METHODS
from kerastorch.errors import InvalidArgumentError, did_you_mean
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.bounding_boxes import convert_format
from kerastorch.layers.preprocessing.images.geometric import boxes_in_pixels
from kerastorch.layers.preprocessing.images.sized import SizedLayer


@registry.builtin("keras.layers")
class Resizing(SizedLayer):
    """Resizes images, in training and in inference.

    Args:
        height: the height of the output, in pixels.
        width: its width, in pixels.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"lanczos3"`, `"lanczos5"`, `"area"`, `"gaussian"` or
            `"mitchellcubic"`.
        crop_to_aspect_ratio: whether the largest centre with the proportions of the output is cut out before.
        pad_to_aspect_ratio: whether the image gets margins before, so that it is not distorted.
        fill_mode: `"constant"`, the only way in which margins are filled.
        fill_value: the value of the margins.
        antialias: whether all pixels count when the image shrinks.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`. Whole numbers keep their
        type.

    Output shape:
        `(height, width, C)` or `(N, height, width, C)`.

    Raises:
        InvalidArgumentError: for another interpolation or fill mode, a size that is no positive integer, or both ways
            to keep proportions at once.

    Example:
        >>> Resizing(1, 2)(torch.tensor([1.0, 1.0, 3.0, 3.0]).reshape(1, 4, 1)).flatten().tolist()
        [1.0, 3.0]

    Source: `keras.layers.Resizing`, `tf.image.resize`.
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        method = interpolation.lower() if isinstance(interpolation, str) else interpolation
        if method not in RESIZE_METHODS:
            raise InvalidArgumentError(
                "Invalid value for argument `interpolation`. Expected of one "
                f"{RESIZE_METHODS}. Received: interpolation={interpolation}{did_you_mean(str(method), RESIZE_METHODS)}"
            )
        if fill_mode != "constant":
            raise InvalidArgumentError(
                "Invalid value for argument `fill_mode`. Only `'constant'` is supported. Received: "
                f"fill_mode={fill_mode}"
            )
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise InvalidArgumentError(
                "Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`."
            )
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = bool(antialias)

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        size, target = self._size_of(images), (self.height, self.width)
        if self.crop_to_aspect_ratio:
            images = cut(images, largest_window(size, target), self.data_format)
        elif self.pad_to_aspect_ratio:
            images = padded(images, *margins(size, target), self.fill_value, self.data_format)
        return resized(images, target, interpolation.lower(), self.data_format, self.antialias)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> tuple[int, int]:
        """Returns the height and width of the images, by which bounding boxes are changed."""
        _, height, width, _ = self._extent(data)
        return height, width

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns resized images of the type they have."""
        return self._transform_images(images, transformation, self.interpolation)

    @takes_arrays
    def transform_segmentation_masks(
        self, segmentation_masks: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns resized masks, of which each pixel keeps a class that it had."""
        return self._transform_images(segmentation_masks, transformation, "nearest")

    @takes_arrays
    def transform_labels(
        self, labels: torch.Tensor, transformation: Any = None, training: bool = True
    ) -> torch.Tensor:
        """Returns the labels."""
        return labels

    @takes_arrays
    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: tuple[int, int], training: bool = True
    ) -> dict:
        """Returns the bounding boxes of the resized images; those of zeros or of -1, which stand for none, are zero."""
        boxes, kind = bounding_boxes["boxes"], str(self.bounding_box_format)
        size = (self.height, self.width)
        absent = ((boxes == -1).all(-1) | (boxes == 0).all(-1)).unsqueeze(-1)
        changed = boxes_in_pixels(
            bounding_boxes, kind, transformation, lambda corners: self._scaled(corners, *transformation), size
        )
        nothing = convert_format(torch.zeros_like(changed["boxes"]), "xyxy", kind, *size)
        return {**changed, "boxes": torch.where(absent, nothing, changed["boxes"])}

    def _scaled(self, corners: torch.Tensor, height: int, width: int) -> torch.Tensor:
        scale_x, scale_y = self.width / width, self.height / height
        if self.pad_to_aspect_ratio:
            scale_x = scale_y = min(scale_x, scale_y)
        elif self.crop_to_aspect_ratio:
            scale_x = scale_y = max(scale_x, scale_y)
        left, top = (self.width - width * scale_x) / 2, (self.height - height * scale_y) / 2
        # Margins have whole pixels: those that are added lie left of the half, those cut off too.
        left, top = ((v + 1e-6) // 1 if v >= 0 else -((-v + 1e-6) // 1) for v in (left, top))
        scale = corners.new_tensor([scale_x, scale_y, scale_x, scale_y])
        return corners * scale + corners.new_tensor([left, top, left, top])

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }
