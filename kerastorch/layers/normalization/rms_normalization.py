"""Normalization by the root of the mean square."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.layers.layer import Layer
from kerastorch.layers.normalization.axes import at_least_float32, in_type, known_sizes, positions, some_axes


@registry.builtin("keras.layers")
class RMSNormalization(Layer):
    """Divides the values of each sample along some axes by the root of their mean square, then scales them.

    Args:
        axis: the axis or axes to normalize over.
        epsilon: added to the mean square.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        ArgumentTypeError: when `axis` holds something else than integers.
        ShapeError: when an axis does not exist or has no known size.

    Example:
        >>> RMSNormalization(epsilon=0.0)(torch.tensor([[3.0, -3.0]])).tolist()
        [[1.0, -1.0]]

    Source: `keras.layers.RMSNormalization`, `torch.nn.RMSNorm`; Zhang and Sennrich, 2019.
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = some_axes(axis)
        self.epsilon = epsilon

    def build(self, input_shape: tuple) -> None:
        """Makes `scale`, whose shape is that of the normalized axes."""
        shape = tuple(input_shape)
        self._axes = positions(self.axis, shape)
        self._sizes = known_sizes(self._axes, shape)
        self._at_end = tuple(range(len(shape) - len(self._axes), len(shape)))
        self.axis = sorted(self.axis) if isinstance(self.axis, list) else [self.axis]
        self.scale = self.add_weight(name="scale", shape=self._sizes, initializer="ones")

    def call(self, x: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor; half-precision values are squared in float32."""
        inner = self._axes != self._at_end
        values = at_least_float32(x)
        values = values.movedim(self._axes, self._at_end) if inner else values
        outputs = F.rms_norm(values, self._sizes, in_type(self.scale, values), self.epsilon)
        outputs = outputs.movedim(self._at_end, self._axes) if inner else outputs
        return outputs.to(x.dtype) if x.is_floating_point() else outputs

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it lacks one of the axes.
        """
        positions(self.axis, tuple(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
