"""Any activation function as a layer."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.activations import identifiers as activations
from kerastorch.activations.functions import relu
from kerastorch.layers.layer import Layer
from kerastorch.layers.overwriting import Overwriting


@registry.builtin("keras.layers")
class Activation(Overwriting, Layer):
    """Applies an activation function.

    Args:
        activation: a name, a function or a layer; None passes the input on.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any.

    Output shape:
        That of the input.

    Raises:
        UnknownIdentifierError: when the name is unknown; it suggests the nearest.

    Example:
        >>> Activation("relu")(torch.tensor([-1.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: `keras.layers.Activation`.
    """

    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the function to a tensor of any shape."""
        return self.activation(inputs)

    _call_second = call

    @property
    def _takes_second(self) -> bool:
        return activations.is_elementwise(self.activation)

    @property
    def overwrites(self) -> bool:
        """Whether `overwrite` differs from a call."""
        return self.activation is relu

    _in_place = staticmethod(torch.relu_)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
