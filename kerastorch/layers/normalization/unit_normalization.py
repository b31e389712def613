"""Normalization to length one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.layers.layer import Layer
from kerastorch.layers.normalization.axes import positions, some_axes


@registry.builtin("keras.layers")
class UnitNormalization(Layer):
    """Divides the values of each sample along some axes by their Euclidean length.

    Args:
        axis: the axis or axes along which the length is taken.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        ArgumentTypeError: when `axis` holds something else than integers.
        ShapeError: when an input lacks one of the axes.

    Example:
        >>> UnitNormalization()(torch.tensor([[3.0, 4.0]]))
        tensor([[0.6000, 0.8000]])

    Source: `keras.layers.UnitNormalization`, `torch.nn.functional.normalize`.
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = some_axes(axis)
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor; what has length zero stays zero."""
        positions(self.axis, tuple(inputs.shape))
        x = inputs if inputs.is_floating_point() else inputs.to(self._compute_torch_dtype)
        smallest = max(1e-12, torch.finfo(x.dtype).tiny)
        return F.normalize(x, dim=self.axis, eps=smallest)  # type: ignore[arg-type]

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it lacks one of the axes.
        """
        positions(self.axis, tuple(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}
