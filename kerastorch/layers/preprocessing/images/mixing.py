"""The base class of layers that mix the images of a batch with each other, and their labels alike."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.seeds import SeedGenerator, generator_for
from kerastorch.errors import MissingMethodError
from kerastorch.layers.preprocessing.images.arrays import takes_arrays
from kerastorch.layers.preprocessing.images.base import BaseImagePreprocessingLayer, Extent


class MixingLayer(BaseImagePreprocessingLayer):
    """Mixes each image with another one of the batch: `"permutation_order"` says which, `"mix_weight"` how much.

    Args:
        seed: an integer for a sequence of its own; None draws from torch's global generator.
        **kwargs: `bounding_box_format`, `data_format` and base arguments of `Layer`.
    """

    _USE_BASE_FACTOR = False

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._set_seed(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Returns which images are mixed and how, None outside of training."""
        if not training:
            return None
        return self._draw(self._extent(data), SeedGenerator(seed) if isinstance(seed, int) else seed)

    def _draw(self, extent: Extent, seed: Any) -> Any:
        raise MissingMethodError(f"{type(self).__name__} must define `_draw`.")

    def _partners(self, extent: Extent, seed: Any) -> torch.Tensor:
        """Draws with which image each one is mixed, (N,)."""
        return self._uniform((extent.number,), device=extent.device, seed=seed).argsort()

    def _beta(self, alpha: torch.Tensor, number: int, seed: Any) -> torch.Tensor:
        """Draws from the beta distribution with both parameters `alpha`, (N,)."""
        return dirichlet(alpha.expand(number, 2), self.generator if seed is None else seed)[:, 0]

    @takes_arrays
    def transform_labels(
        self, labels: torch.Tensor, transformation: Any, training: bool = True
    ) -> torch.Tensor:
        """Returns the labels of a batch, each mixed with that of the other image by the same weights."""
        return blended(labels, transformation) if training and transformation is not None else labels

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "seed": self.seed}


def dirichlet(alpha: torch.Tensor, seed: Any) -> torch.Tensor:
    """Draws shares whose sum is 1 along the last axis from a Dirichlet distribution.

    Args:
        alpha: its parameters, positive, in the shape of the result.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.
    """
    return torch._sample_dirichlet(alpha.contiguous(), generator_for(seed, alpha.device))


def partners(values: torch.Tensor, transformation: dict) -> torch.Tensor:
    """Returns for each sample the one with which it is mixed."""
    return values[torch.as_tensor(transformation["permutation_order"], device=values.device)]


def blended(values: torch.Tensor, transformation: dict) -> torch.Tensor:
    """Returns each sample times its weight, plus the other sample times the rest, as floating-point numbers."""
    values = values if values.is_floating_point() else values.float()
    weight = torch.as_tensor(transformation["mix_weight"], device=values.device, dtype=values.dtype)
    weight = weight.reshape(-1, *[1] * (values.ndim - 1))
    return weight * values + (1.0 - weight) * partners(values, transformation)
