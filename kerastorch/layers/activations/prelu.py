"""The rectified linear unit whose slope is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import constraints, registry, regularizers
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class PReLU(Layer):
    """Passes positive values on and multiplies negative ones by a learnt slope.

    Args:
        alpha_initializer: a name or initializer of the slopes.
        alpha_regularizer: a name or function whose value of the slopes is added to the loss.
        alpha_constraint: a name or function that projects the slopes after each update.
        shared_axes: axes along which one slope serves all; an integer or a list, counted with the batch axis.
            `[1, 2]` on images gives each channel one slope.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, ...)`.

    Output shape:
        That of the input.

    Raises:
        InvalidArgumentError: when an axis of `shared_axes` is the batch axis or none of the input.
        ShapeError: when an input has another shape than at first.

    Example:
        >>> PReLU(alpha_initializer="ones")(torch.tensor([[-2.0, 3.0]])).tolist()
        [[-2.0, 3.0]]

    Source: `keras.layers.PReLU`; He et al., 2015.
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Sequence[int] | int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is None:
            self.shared_axes = None
        else:
            self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)

    def build(self, input_shape: tuple) -> None:
        """Makes the slopes."""
        rank = len(input_shape)
        shared = {self._position(axis, rank) for axis in self.shared_axes or ()}
        sizes = {axis: input_shape[axis] for axis in range(1, rank) if axis not in shared}
        self.alpha = self.add_weight(
            name="alpha",
            shape=tuple(sizes.get(axis, 1) for axis in range(1, rank)),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        self.input_spec = InputSpec(ndim=rank, axes=sizes)

    def _position(self, axis: int, rank: int) -> int:
        position = axis + rank if axis < 0 else axis
        if not 0 < position < rank:
            raise InvalidArgumentError(
                f"`shared_axes` of PReLU {self.name!r} must be axes from 1 to {rank - 1} of an input with {rank} axes. "
                f"Received: shared_axes={self.shared_axes}."
            )
        return position

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Applies the function to a tensor of shape `(batch, ...)`."""
        return torch.addcmul(torch.relu(inputs), self.alpha, torch.relu(-inputs), value=-1.0)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }
