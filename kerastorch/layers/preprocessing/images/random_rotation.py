"""Images turned by a random angle."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.bounding_boxes import affine_transform
from kerastorch.layers.preprocessing.images.geometric import GeometricLayer


def rotation_matrix(angle: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Returns the matrices, as for `places`, that turn images around their centres.

    Args:
        angle: how far, counter-clockwise, (N,), in degrees.
        height: the height of the images, in pixels.
        width: their width, in pixels.

    Example:
        >>> (rotation_matrix(torch.zeros(1), 4, 4) + 0.0).tolist()
        [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]]
    """
    turn = angle * (math.pi / 180.0)
    cos, sin = torch.cos(turn), torch.sin(turn)
    cx, cy = 0.5 * (width - 1), 0.5 * (height - 1)
    zero = torch.zeros_like(angle)
    return torch.stack(
        [cos, -sin, cx - cx * cos + cy * sin, sin, cos, cy - cx * sin - cy * cos, zero, zero], dim=1
    )


@registry.builtin("keras.layers")
class RandomRotation(GeometricLayer):
    """Turns each image by a random angle around its centre, in training only.

    Args:
        factor: the greatest angle both ways, as a fraction of a whole turn; or a pair of the least and the greatest
            one. Positive is counter-clockwise.
        fill_mode: what lies outside the image: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        fill_value: the value outside for `fill_mode="constant"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` is outside -1 to 1.
        MissingMethodError: for an unknown `fill_mode` or `interpolation`.

    Example:
        >>> image = torch.arange(4.0).reshape(2, 2, 1)
        >>> RandomRotation((0.5, 0.5))(image, training=True).round().flatten().tolist()
        [3.0, 2.0, 1.0, 0.0]

    Source: `keras.layers.RandomRotation`.
    """

    _USE_BASE_FACTOR = True

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            factor=factor,
            fill_mode=fill_mode,
            interpolation=interpolation,
            seed=seed,
            fill_value=fill_value,
            data_format=data_format,
            **kwargs,
        )

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws an angle for each image, in degrees; None in inference."""
        if not training:
            return None
        number, height, width, device = self._extent(data)
        low, high = (360.0 * f for f in self.factor)
        angle = self._uniform((number,), low, high, device=device, seed=seed)
        return {
            "angle": angle,
            "rotation_matrix": rotation_matrix(angle, height, width),
            "image_height": height,
            "image_width": width,
            "batch_size": number,
        }

    def _matrix(self, transformation: Any, height: int, width: int) -> torch.Tensor:
        return transformation["rotation_matrix"]

    def _size_in(self, transformation: dict) -> tuple[int, int]:
        return transformation["image_height"], transformation["image_width"]

    def _moved_corners(
        self, boxes: torch.Tensor, transformation: Any, height: int, width: int
    ) -> torch.Tensor:
        angle = transformation["angle"].to(boxes.device)
        still = torch.zeros_like(angle)
        turned = affine_transform(boxes, angle, still, still, still + 1, still, still, height, width)
        return turned.to(boxes.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "factor": self.factor}
