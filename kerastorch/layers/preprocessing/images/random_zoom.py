"""Images enlarged or made smaller by a random factor."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.preprocessing.images.geometric import GeometricLayer, factor_range

_ABOVE_MINUS_ONE = -1.0 + 1e-12


@registry.builtin("keras.layers")
class RandomZoom(GeometricLayer):
    """Zooms each image by a random factor, in training only.

    Args:
        height_factor: the greatest change of the height both ways, as a fraction; or a pair of the least and the
            greatest one. Positive zooms out, negative zooms in.
        width_factor: the same for the width; None zooms it as the height, so that proportions stay.
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
        InvalidArgumentError: when a factor is not above -1 and at most 1.
        MissingMethodError: for an unknown `fill_mode` or `interpolation`.

    Example:
        >>> image = torch.arange(4.0).reshape(1, 4, 1)
        >>> RandomZoom((-0.5, -0.5))(image, training=True).flatten().tolist()
        [0.75, 1.25, 1.75, 2.25]

    Source: `keras.layers.RandomZoom`.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
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
        self.height_lower, self.height_upper = self._range("height_factor", height_factor)
        if width_factor is not None:
            self.width_lower, self.width_upper = self._range("width_factor", width_factor)

    def _range(self, name: str, factor: Any) -> tuple[float, float]:
        return factor_range(name, factor, _ABOVE_MINUS_ONE, 1.0, "(-1.0, 1.0]")

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws by what each image is zoomed; None in inference."""
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        number, _, _, device = self._extent(data)
        low, high = 1.0 + self.height_lower, 1.0 + self.height_upper
        height_zoom = width_zoom = self._uniform((number, 1), low, high, device=device, seed=seed)
        if self.width_factor is not None:
            low, high = 1.0 + self.width_lower, 1.0 + self.width_upper
            width_zoom = self._uniform((number, 1), low, high, device=device, seed=seed)
        return {"height_zoom": height_zoom, "width_zoom": width_zoom, "input_shape": tuple(images.shape)}

    def _matrix(self, transformation: Any, height: int, width: int) -> torch.Tensor:
        zoom_x, zoom_y = (
            torch.as_tensor(transformation[name]).reshape(-1, 1) for name in ("width_zoom", "height_zoom")
        )
        zero = torch.zeros_like(zoom_x)
        shift_x, shift_y = (width - 1) / 2 * (1 - zoom_x), (height - 1) / 2 * (1 - zoom_y)
        return torch.cat([zoom_x, zero, shift_x, zero, zoom_y, shift_y, zero, zero], dim=1)

    def _moved_corners(
        self, boxes: torch.Tensor, transformation: Any, height: int, width: int
    ) -> torch.Tensor:
        matrix = self._matrix(transformation, height, width).to(boxes)
        zoom, start = matrix[:, [0, 4, 0, 4]], matrix[:, [2, 5, 2, 5]]
        return (boxes - start[:, None]) / zoom[:, None]

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {"height_factor": self.height_factor, "width_factor": self.width_factor}
        return {**super().get_config(), **config}
