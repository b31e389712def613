"""Images seen from a random point of view."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.images.sampling import homography
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.arrays import each_image
from kerastorch.layers.preprocessing.images.geometric import GeometricLayer


@registry.builtin("keras.layers")
class RandomPerspective(GeometricLayer):
    """Shows images as if seen from another point, in training only.

    Args:
        factor: the share of the images that is changed; or a pair between which that share is drawn.
        scale: the greatest distance that a corner is moved, as a fraction of the size, from 0 to 1.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: the value outside the image.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `scale` is outside its range.
        MissingMethodError: for an unknown `interpolation`.

    Example:
        >>> RandomPerspective(1.0, scale=0.3, seed=1)(torch.ones(4, 6, 3), training=True).shape
        torch.Size([4, 6, 3])

    Source: `keras.layers.RandomPerspective`.
    """

    _USE_BASE_FACTOR = True
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            factor=factor,
            fill_mode="constant",
            interpolation=interpolation,
            seed=seed,
            fill_value=fill_value,
            data_format=data_format,
            **kwargs,
        )
        if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not 0 <= scale <= 1:
            raise InvalidArgumentError(
                f"The `scale` argument should be a number in the range [0,1]. Received: scale={scale}"
            )
        self.scale = scale

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws which images are changed and where their corners go; None in inference."""
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        number, height, width, device = self._extent(data)
        share = self._uniform((number,), *self.factor, device=device, seed=seed)
        chosen = self._uniform((number,), device=device, seed=seed) < share
        reach = 0.5 * self.scale
        moves = self._uniform((number, 4, 2), -reach, reach, device=device, seed=seed)
        x, y = (torch.arange(2.0, device=device) * (size - 1) for size in (width, height))
        corners = torch.stack([x.repeat(2), y.repeat_interleave(2)], dim=-1).expand(number, 4, 2)
        return {
            "apply_perspective": chosen,
            "start_points": corners,
            "end_points": corners + corners * moves,
            "input_shape": tuple(images.shape),
        }

    def _matrix(self, transformation: Any, height: int, width: int) -> torch.Tensor:
        return homography(transformation["start_points"], transformation["end_points"])

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        if transformation is None:
            return images
        changed = super()._transform_images(images, transformation, interpolation)
        return torch.where(each_image(transformation["apply_perspective"], images), changed, images)

    def _moved_corners(
        self, boxes: torch.Tensor, transformation: Any, height: int, width: int
    ) -> torch.Tensor:
        back = homography(transformation["end_points"], transformation["start_points"]).to(boxes)
        a0, a1, a2, b0, b1, b2, c0, c1 = (v[:, None, None] for v in back.unbind(-1))
        x, y = boxes[..., [0, 2, 0, 2]], boxes[..., [1, 1, 3, 3]]
        k = c0 * x + c1 * y + 1
        x, y = (a0 * x + a1 * y + a2) / k, (b0 * x + b1 * y + b2) / k
        moved = torch.stack([x.amin(-1), y.amin(-1), x.amax(-1), y.amax(-1)], dim=-1)
        return torch.where(transformation["apply_perspective"][:, None, None], moved, boxes)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "factor": self.factor, "scale": self.scale}
        del config["fill_mode"]
        return config
