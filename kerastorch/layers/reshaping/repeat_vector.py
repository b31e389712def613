"""A vector repeated along a new axis."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.spec import InputSpec
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class RepeatVector(Layer):
    """Repeats each vector along a new time axis.

    The result is a view: the values are kept in memory once.

    Args:
        n: how often, a positive integer.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, features)`.

    Output shape:
        `(batch, n, features)`.

    Raises:
        ArgumentTypeError: when `n` is no integer.
        InvalidArgumentError: when `n` is not positive.
        ShapeError: when an input has not two axes.

    Example:
        >>> RepeatVector(3)(torch.ones(2, 8)).shape
        torch.Size([2, 3, 8])

    Source: `keras.layers.RepeatVector`, `torch.Tensor.expand`.
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise ArgumentTypeError(f"Expected an integer value for `n`, got {type(n)}.")
        if n <= 0:
            raise InvalidArgumentError(f"Argument `n` should be a positive integer. Received: n={n}")
        self.n = int(n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Repeats a tensor of shape `(batch, features)`."""
        return inputs.unsqueeze(1).expand(-1, self.n, -1)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "n": self.n}
