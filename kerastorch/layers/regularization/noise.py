"""Gaussian noise in training, and penalties on what a layer puts out."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import registry, regularizers
from kerastorch.core.draws import filled
from kerastorch.core.seeds import SeedGenerator
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer
from kerastorch.layers.regularization.random_layer import RandomLayer, checked_rate


@registry.builtin("keras.layers")
class GaussianNoise(RandomLayer):
    """Adds normally distributed noise with mean 0 in training.

    Args:
        stddev: the standard deviation of the noise, not negative.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `stddev` is negative.

    Example:
        >>> GaussianNoise(0.1)(torch.ones(2)).tolist()
        [1.0, 1.0]

    Source: `keras.layers.GaussianNoise`.
    """

    def __init__(self, stddev: float, seed: int | SeedGenerator | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        if isinstance(stddev, bool) or not isinstance(stddev, (int, float)) or not stddev >= 0:
            raise InvalidArgumentError(
                "Invalid value received for argument `stddev`. Expected a float value that is not negative. "
                f"Received: stddev={stddev!r}"
            )
        self.stddev = stddev

    def call(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Adds noise to a tensor, in training only."""
        if not training or self.stddev == 0:
            return inputs
        return inputs + filled(inputs, "normal_", 0.0, self.stddev, seed=self.seed_generator)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "stddev": self.stddev}


@registry.builtin("keras.layers")
class GaussianDropout(RandomLayer):
    """Multiplies by normally distributed noise with mean 1 in training.

    Args:
        rate: as for `Dropout`; the noise has standard deviation `sqrt(rate / (1 - rate))`. At 0 and 1 nothing is done.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `rate` is not from 0 to 1.

    Example:
        >>> GaussianDropout(0.1)(torch.ones(2)).tolist()
        [1.0, 1.0]

    Source: `keras.layers.GaussianDropout`; Srivastava et al., 2014.
    """

    def __init__(self, rate: float, seed: int | SeedGenerator | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checked_rate(rate)
        self._stddev = math.sqrt(rate / (1.0 - rate)) if rate < 1 else 0.0

    def call(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Multiplies a tensor by noise, in training only."""
        if not training or self._stddev == 0:
            return inputs
        return inputs * filled(inputs, "normal_", 1.0, self._stddev, seed=self.seed_generator)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "rate": self.rate}


@registry.builtin("keras.layers")
class ActivityRegularization(Layer):
    """Returns its input and adds a penalty on it to the loss.

    Args:
        l1: the factor of the sum of absolute values.
        l2: the factor of the sum of squares.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Example:
        >>> layer = ActivityRegularization(l1=0.5)
        >>> _ = layer(torch.ones(1, 2))
        >>> [loss.item() for loss in layer.losses]
        [1.0]

    Source: `keras.layers.ActivityRegularization`.
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Returns the input."""
        return inputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "l1": self.l1, "l2": self.l2}
        config.pop("activity_regularizer", None)
        return config
