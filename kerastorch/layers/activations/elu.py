"""The exponential linear unit as a layer."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class ELU(Layer):
    """Passes positive values on and takes `alpha * (exp(x) - 1)` of negative ones.

    Args:
        alpha: minus the limit for very negative inputs.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any.

    Output shape:
        That of the input.

    Raises:
        InvalidArgumentError: when `alpha` is None.

    Example:
        >>> ELU()(torch.tensor([0.0, 3.0])).tolist()
        [0.0, 3.0]

    Source: `keras.layers.ELU`, `torch.nn.functional.elu`.
    """

    supports_masking = True
    _takes_second = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if alpha is None:
            raise InvalidArgumentError(
                "Alpha of an ELU layer cannot be None, expecting a float. Received: alpha=None"
            )
        self.alpha = alpha
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the function to a tensor of any shape."""
        return F.elu(inputs, self.alpha)

    _call_second = call

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "alpha": self.alpha}
