"""What the layers that draw random numbers in training share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerastorch.core.seeds import SeedGenerator
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


def checked_rate(rate: Any) -> float:
    """Returns the share to drop.

    Raises:
        InvalidArgumentError: when it is no number from 0 to 1.
    """
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
        raise InvalidArgumentError(
            "Invalid value received for argument `rate`. Expected a float value between 0 and 1. "
            f"Received: rate={rate!r}"
        )
    return rate


def seeds_for(seed: Any) -> SeedGenerator | None:
    """Returns the source of a layer's random numbers.

    Args:
        seed: an integer makes a sequence of the layer's own; a `SeedGenerator`, or its config, is taken as it is, so
            that layers can share one; None stands for torch's global generator.

    Raises:
        InvalidArgumentError: when it is none of these.
    """
    if isinstance(seed, Mapping):
        seed = deserialize_keras_object(seed)
    return seed if seed is None or isinstance(seed, SeedGenerator) else SeedGenerator(seed)


class RandomLayer(Layer):
    """A layer that changes its input at random in training, keeps its shape, and leaves it as it is otherwise.

    Args:
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        **kwargs: base arguments of `Layer`.
    """

    supports_masking = True

    def __init__(self, seed: int | SeedGenerator | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = seeds_for(seed)
        self._build_at_init()

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "seed": serialize_keras_object(self.seed)}
