"""Dropout that keeps mean and variance, for networks of `selu` units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.draws import filled
from kerastorch.core.seeds import SeedGenerator
from kerastorch.layers.regularization.dropout import checked_noise_shape
from kerastorch.layers.regularization.random_layer import RandomLayer, checked_rate
from kerastorch.random import noise_size

_LIMIT = -1.0507009873554805 * 1.6732632423543772  # what `selu` gives for very negative inputs


@registry.builtin("keras.layers")
class AlphaDropout(RandomLayer):
    """Sets a share of the input to the negative limit of `selu` in training, and keeps its mean and variance.

    Inputs with mean 0 and variance 1, such as the outputs of `selu` units, keep them.

    Args:
        rate: the share to set, from 0 to 1.
        noise_shape: the shape of the mask, which broadcasts to that of the input; None in it takes the input's size.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `rate` is not from 0 to 1, or `noise_shape` holds something else than positive
            integers and None.
        ShapeError: when `noise_shape` has another number of axes than the input.

    Example:
        >>> AlphaDropout(0.5)(torch.ones(2)).tolist()
        [1.0, 1.0]

    Source: `keras.layers.AlphaDropout`, `torch.nn.AlphaDropout`; Klambauer et al., 2017.
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | SeedGenerator | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checked_rate(rate)
        self.noise_shape = checked_noise_shape(noise_shape)
        # All values take the limit at rate 1, so that there is no variance to keep.
        self._scale = ((1 - rate) * (1 + rate * _LIMIT**2)) ** -0.5 if rate < 1 else 1.0
        self._shift = -self._scale * _LIMIT * rate

    def call(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Sets parts of a tensor to the limit, in training only."""
        if not training or self.rate == 0:
            return inputs
        mask = inputs.new_empty(noise_size(inputs, self.noise_shape))
        kept = filled(mask, "bernoulli_", 1.0 - self.rate, seed=self.seed_generator)
        return torch.where(kept.bool(), inputs, _LIMIT) * self._scale + self._shift

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}
