"""Images distorted as if they were printed on rubber."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.draws import filled
from kerastorch.core.images.filters import blurred_noise
from kerastorch.core.images.sampling import FILL_MODES, INTERPOLATIONS, grid_of, sample
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.preprocessing.images.arrays import each_image, takes_arrays
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer, Extent, checked_choice


@registry.builtin("keras.layers")
class RandomElasticTransform(BaseImagePreprocessingLayer):
    """Moves the pixels of images by smooth random distances, in training only.

    Args:
        factor: the share of the images that is changed; or a pair between which that share is drawn.
        scale: how strong the distortion is, from 0 to 1; or a pair between which it is drawn for a batch.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: what lies outside the image: `"reflect"`, `"wrap"`, `"constant"`, `"nearest"` or `"mirror"`.
        fill_value: the value outside for `fill_mode="constant"`.
        value_range: the least and the greatest value of the images, to which they are clipped.
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        data_format: `"channels_last"` or `"channels_first"`; None takes that of the configuration.
        **kwargs: the base arguments of `Layer`.

    Input shape:
        `(H, W, C)` or `(N, H, W, C)`, or a dictionary as for `BaseImagePreprocessingLayer`, without bounding boxes.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `factor` or `scale` is outside 0 to 1.
        MissingMethodError: for an unknown `fill_mode` or `interpolation`, and for bounding boxes.

    Example:
        >>> RandomElasticTransform(seed=1)(torch.ones(2, 8, 8, 3), training=True).shape
        torch.Size([2, 8, 8, 3])

    Source: `keras.layers.RandomElasticTransform`; Simard et al., 2003.
    """

    _USE_BASE_FACTOR = False
    _FACTOR_BOUNDS = (0, 1)

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: tuple[float, float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        try:
            self._set_factor(scale)
        except InvalidArgumentError:
            raise InvalidArgumentError(
                "The `scale` argument should be a number (or a list of two numbers) in the range [0, 1]. "
                f"Received: scale={scale}"
            ) from None
        self.scale = self.factor
        self._set_factor(factor)
        self.interpolation = checked_choice("interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode = checked_choice("fill_mode", fill_mode, (*FILL_MODES, "mirror"))
        self.fill_value = fill_value
        self.value_range = value_range
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Draws which images are distorted, how much, and the noise for it; None in inference."""
        if not training or self.scale[1] == 0 or self.factor[1] == 0:
            return None
        extent = self._extent(data)
        number, device = extent.number, extent.device
        share = self._uniform((number,), *self.factor, device=device, seed=seed)
        return {
            "apply_transform": self._uniform((number,), device=device, seed=seed) < share,
            "distortion_factor": self._uniform((), *self.scale, device=device, seed=seed),
            "noise": self._noise(extent, seed),
        }

    def _noise(self, extent: Extent, seed: Any) -> torch.Tensor:
        """Draws what the distances are made of, (2, N, H, W)."""
        like = torch.empty((2, extent.number, extent.height, extent.width), device=extent.device)
        return filled(like, "normal_", seed=self.generator if seed is None else seed)

    def get_elastic_transform_params(self, height: int, width: int, factor: Any) -> tuple[Any, Any]:
        """Returns how far pixels are moved and how smooth the distances are, in pixels.

        Args:
            height: the height of the images, in pixels.
            width: their width, in pixels.
            factor: how strong the distortion is, from 0 to 1.
        """
        return max(height, width) * 0.1 * factor, min(height, width) * 0.05 * factor

    def _transform_images(
        self, images: torch.Tensor, transformation: Any, interpolation: str
    ) -> torch.Tensor:
        if transformation is None:
            return images
        height, width = images.shape[self.height_axis], images.shape[self.width_axis]
        strength = torch.as_tensor(transformation["distortion_factor"], device=images.device).float()
        alpha, sigma = self.get_elastic_transform_params(height, width, strength)
        widest = self.get_elastic_transform_params(height, width, self.scale[1])[1]
        noise = transformation.get("noise")
        if noise is None:  # as in Keras, whose layers draw it here
            noise = self._noise(self._extent(images), transformation.get("seed"))
        noise = noise.flatten(0, 1)
        moves = blurred_noise(noise, sigma, int(3 * widest)) * sigma * alpha
        right, down = moves.chunk(2)
        x, y = grid_of(height, width, noise)
        settings = (interpolation, self.fill_mode, self.fill_value, self.data_format)
        distorted = sample(images, x + right, y + down, *settings)
        return torch.where(each_image(transformation["apply_transform"], images), distorted, images)

    @takes_arrays
    def transform_images(
        self, images: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns a batch of images, distorted and clipped in training."""
        images = super().transform_images(images, transformation, training)
        return images if not training or transformation is None else images.clamp(*self.value_range)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "interpolation": self.interpolation,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "value_range": self.value_range,
            "seed": self.seed,
        }
