"""Images sheared by a random amount."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.geometric import GeometricLayer, factor_range


def _shear_range(name: str, factor: Any) -> tuple[float, float]:
    """The range of a factor; a number stands for both signs, and so does the pair that Keras's config has for it."""
    if isinstance(factor, (tuple, list)) and len(factor) == 2 and factor[0] == -factor[1]:
        factor = abs(factor[1])
    return factor_range(name, factor, 0.0, 1.0, "[0, 1.0]")


def _as_given(limits: tuple[float, float]) -> Any:
    return limits[1] if limits[0] < 0 else limits


def _sheared(
    first: torch.Tensor, last: torch.Tensor, near: torch.Tensor, far: torch.Tensor, factor: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Two opposite edges of boxes, each where the corner that is moved out the most comes to lie.

    Args:
        first: the left or upper edge, (N, K).
        last: the edge opposite to it.
        near: the first one of the two edges across.
        far: the last one of them.
        factor: by what an edge moves for each pixel across, (N, 1).
    """
    back = factor < 0
    return first - factor * torch.where(back, near, far), last - factor * torch.where(back, far, near)


@registry.builtin("keras.layers")
class RandomShear(GeometricLayer):
    """Shears each image by a random amount, to the one side or the other, in training only.

    Bounding boxes are sheared in fractions of the image, as Keras does it: only those of square images still fit what
    is in them.

    Args:
        x_factor: the greatest shift of a row, as a fraction of its distance from the top; or a pair of the least and
            the greatest one.
        y_factor: the same for columns, by their distance from the left.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside the image: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`.
        fill_value: the value outside for `fill_mode="constant"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format` and the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when a factor is outside 0 to 1.
        MissingMethodError: for an unknown `fill_mode` or `interpolation`.

    Example:
        >>> RandomShear(x_factor=(0.2, 0.3), seed=1)(torch.ones(4, 4, 1), training=True).mean().item()
        1.0

    Source: `keras.layers.RandomShear`.
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
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
        self.x_factor = _shear_range("x_factor", x_factor)
        self.y_factor = _shear_range("y_factor", y_factor)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws by what each image is sheared along x and y; None in inference."""
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        number, _, _, device = self._extent(data)
        side = torch.where(self._uniform((number, 1), device=device, seed=seed) > 0.5, -1.0, 1.0)
        y, x = (
            self._uniform((number, 1), *limits, device=device, seed=seed)
            for limits in (self.y_factor, self.x_factor)
        )
        return {"shear_factor": torch.cat([x, y], dim=1) * side, "input_shape": tuple(images.shape)}

    def _matrix(self, transformation: Any, height: int, width: int) -> torch.Tensor:
        x, y = transformation["shear_factor"].float().unbind(1)
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        return torch.stack([one, x, zero, y, one, zero, zero, zero], dim=1)

    def _moved_corners(
        self, boxes: torch.Tensor, transformation: Any, height: int, width: int
    ) -> torch.Tensor:
        shear_x, shear_y = transformation["shear_factor"].to(boxes).split(1, dim=1)
        left, top, right, bottom = boxes.unbind(-1)
        left, right = _sheared(left, right, top, bottom, shear_x * width / height)
        top, bottom = _sheared(top, bottom, left, right, shear_y * height / width)
        return torch.stack([left, top, right, bottom], dim=-1)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {"x_factor": _as_given(self.x_factor), "y_factor": _as_given(self.y_factor)}
        return {**super().get_config(), **config}
