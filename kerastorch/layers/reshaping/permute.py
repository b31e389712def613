"""The axes of a sample in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Permute(Layer):
    """Puts the axes of each sample in another order.

    Args:
        dims: the old places of the axes, without the batch axis and counted from 1; `(2, 1)` swaps two axes.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, ...)`.

    Output shape:
        `(batch, ...)`, the axes reordered.

    Raises:
        InvalidArgumentError: when `dims` is no permutation of 1, 2 and so on.
        ShapeError: when an input has another number of axes.

    Example:
        >>> Permute((2, 1))(torch.ones(5, 10, 64)).shape
        torch.Size([5, 64, 10])

    Source: `keras.layers.Permute`, `torch.permute`.
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise InvalidArgumentError(
                "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be "
                f"consecutive and start from 1. Received dims={dims}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Permutes a tensor of shape `(batch, ...)`."""
        return torch.permute(inputs, (0, *self.dims))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "dims": self.dims}
