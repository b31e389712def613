"""Images moved by a random distance."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.geometric import GeometricLayer, factor_range


@registry.builtin("keras.layers")
class RandomTranslation(GeometricLayer):
    """Moves each image by a random distance, in training only.

    Args:
        height_factor: the greatest distance up and down, as a fraction of the height; or a pair of the least and the
            greatest one. Positive is down.
        width_factor: the same to the left and right, as a fraction of the width. Positive is right.
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
        InvalidArgumentError: when a factor is outside -1 to 1.
        MissingMethodError: for an unknown `fill_mode` or `interpolation`.

    Example:
        >>> image = torch.arange(4.0).reshape(1, 4, 1)
        >>> RandomTranslation(0.0, (0.25, 0.25), fill_mode="wrap")(image, training=True).flatten().tolist()
        [3.0, 0.0, 1.0, 2.0]

    Source: `keras.layers.RandomTranslation`.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            seed=seed,
            fill_value=fill_value,
            data_format=data_format,
            **kwargs,
        )
        self.height_factor = height_factor
        self.width_factor = width_factor
        wanted = "[-1.0, 1.0]"
        self.height_lower, self.height_upper = factor_range("height_factor", height_factor, -1, 1, wanted)
        self.width_lower, self.width_upper = factor_range("width_factor", width_factor, -1, 1, wanted)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws how far each image is moved to the right and down, in pixels; None in inference."""
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        number, height, width, device = self._extent(data)
        down = self._uniform((number, 1), self.height_lower, self.height_upper, device=device, seed=seed)
        right = self._uniform((number, 1), self.width_lower, self.width_upper, device=device, seed=seed)
        moves = torch.cat([right * width, down * height], dim=1)
        return {"translations": moves, "input_shape": tuple(images.shape)}

    def _matrix(self, transformation: Any, height: int, width: int) -> torch.Tensor:
        right, down = transformation["translations"].unbind(1)
        zero, one = torch.zeros_like(right), torch.ones_like(right)
        return torch.stack([one, zero, -right, zero, one, -down, zero, zero], dim=1)

    def _moved_corners(
        self, boxes: torch.Tensor, transformation: Any, height: int, width: int
    ) -> torch.Tensor:
        moves = transformation["translations"].to(boxes).repeat(1, 2)
        return boxes + (moves[:, None] if boxes.ndim > 2 else moves)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {"height_factor": self.height_factor, "width_factor": self.width_factor}
        return {**super().get_config(), **config}
