"""The values of a sample in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Reshape(Layer):
    """Gives each sample another shape, with its values in the same order.

    Args:
        target_shape: the new shape without the batch axis; one entry may be -1 or None, for what is left.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, ...)`.

    Output shape:
        `(batch, *target_shape)`.

    Raises:
        InvalidArgumentError: when an entry is below -1, or more than one is unknown.
        ShapeError: when the input has another number of values.

    Example:
        >>> Reshape((2, -1))(torch.ones(5, 6)).shape
        torch.Size([5, 2, 3])

    Source: `keras.layers.Reshape`, `torch.reshape`.
    """

    def __init__(self, target_shape: Sequence[int | None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        self._sizes = tuple(-1 if d is None else d for d in self.target_shape)
        if any(d < -1 for d in self._sizes):
            raise InvalidArgumentError(
                "Each dimension in `target_shape` must be a non-negative integer, or `-1` for a single unknown "
                f"dimension. Received: target_shape={self.target_shape}."
            )
        if self._sizes.count(-1) > 1:
            raise InvalidArgumentError(
                "There must be at most one unknown dimension (-1) in `target_shape`. "
                f"Received: target_shape={self.target_shape}."
            )

    def build(self, input_shape: tuple) -> None:
        """Checks that the values of a sample fill the target shape."""
        if None in input_shape[1:]:
            return
        given, wanted = math.prod(input_shape[1:]), math.prod(d for d in self._sizes if d != -1)
        fits = wanted and given % wanted == 0 if -1 in self._sizes else given == wanted
        if not fits:
            raise ShapeError(
                "The total size of the tensor must be unchanged. Received: "
                f"input_shape={tuple(input_shape[1:])}, target_shape={self.target_shape}"
            )

    def compute_output_shape(self, input_shape: Any = None, *args: Any, **kwargs: Any) -> tuple:
        """Returns `(batch, *target_shape)`, with the unknown size where the input's sizes tell it."""
        shape: list[int | None] = list(self._sizes)
        if -1 in shape:
            known = math.prod(d for d in self._sizes if d != -1)
            open_ended = None in input_shape[1:] or not known
            shape[shape.index(-1)] = None if open_ended else math.prod(input_shape[1:]) // known
        return (input_shape[0], *shape)

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Reshapes a tensor of shape `(batch, ...)`."""
        batch = inputs.shape[0]
        if batch == 0:  # torch cannot tell what is left of nothing
            return torch.reshape(inputs, self.compute_output_shape(tuple(inputs.shape)))
        return torch.reshape(inputs, (batch, *self._sizes))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "target_shape": self.target_shape}
