"""The leaky rectified linear unit as a layer."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class LeakyReLU(Layer):
    """Passes positive values on and multiplies negative ones by a small slope.

    Args:
        negative_slope: the slope below zero, at least 0.
        alpha: Keras 2's name of `negative_slope`.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any.

    Output shape:
        That of the input.

    Raises:
        InvalidArgumentError: when the slope is None or negative, or both names of it are given.

    Example:
        >>> LeakyReLU(negative_slope=0.5)(torch.tensor([-2.0, 3.0])).tolist()
        [-1.0, 3.0]

    Source: `keras.layers.LeakyReLU`, `torch.nn.functional.leaky_relu`.
    """

    supports_masking = True
    _takes_second = True

    def __init__(self, negative_slope: float = 0.3, *, alpha: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if alpha is not None:
            if negative_slope not in (0.3, alpha):
                raise InvalidArgumentError(
                    "`alpha` is the older name of `negative_slope`: give one of them. "
                    f"Received: alpha={alpha}, negative_slope={negative_slope}."
                )
            negative_slope = alpha
        if negative_slope is None or negative_slope < 0:
            raise InvalidArgumentError(
                "The negative_slope value of a Leaky ReLU layer cannot be None or negative value. Expected a float. "
                f"Received: negative_slope={negative_slope}"
            )
        self.negative_slope = negative_slope
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the function to a tensor of any shape."""
        return F.leaky_relu(inputs, self.negative_slope)

    _call_second = call

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "negative_slope": self.negative_slope}
