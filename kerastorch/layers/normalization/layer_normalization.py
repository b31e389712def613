"""Layer normalization."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.layers.normalization.axes import at_least_float32, in_type, known_sizes, positions, some_axes
from kerastorch.layers.normalization.scaling import Scaling


@registry.builtin("keras.layers")
class LayerNormalization(Scaling):
    """Gives the values of each sample along some axes a mean near 0 and a variance near 1, then scales and shifts them.

    Args:
        axis: the axis or axes to normalize over.
        epsilon: added to the variance.
        center: whether `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer: a name or initializer of `beta`.
        gamma_initializer: a name or initializer of `gamma`.
        beta_regularizer: a name or function whose value of `beta` is added to the loss.
        gamma_regularizer: a name or function whose value of `gamma` is added to the loss.
        beta_constraint: a name or function that projects `beta` after each update.
        gamma_constraint: a name or function that projects `gamma` after each update.
        **kwargs: base arguments of `Layer`, and the deprecated `rms_scaling`, which divides by the standard deviation
            without taking the mean away, and has no `beta`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        ArgumentTypeError: when `axis` holds something else than integers.
        ShapeError: when an axis does not exist or has no known size.

    Example:
        >>> LayerNormalization(epsilon=0.0)(torch.tensor([[1.0, 3.0]])).tolist()
        [[-1.0, 1.0]]

    Source: `keras.layers.LayerNormalization`, `torch.nn.LayerNorm`; Ba et al., 2016.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        rms_scaling = kwargs.pop("rms_scaling", False)
        super().__init__(
            epsilon=epsilon,
            center=center,
            scale=scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        if rms_scaling:
            warnings.warn(
                "You passed `rms_scaling=True`, which is deprecated: it divides by the standard deviation, not by the "
                "root of the mean square. Use `RMSNormalization` instead.",
                stacklevel=2,
            )
        self.axis = some_axes(axis)
        self.rms_scaling = rms_scaling
        self.autocast = False  # half-precision inputs are normalized in float32

    def build(self, input_shape: tuple) -> None:
        """Makes `gamma` and `beta`, whose shape is that of the normalized axes."""
        shape = tuple(input_shape)
        self._axes = positions(self.axis, shape)
        self._sizes = known_sizes(self._axes, shape)
        self.axis = list(self._axes) if isinstance(self.axis, list) else [self.axis]
        self._make_scaling(self._sizes, self.scale or self.rms_scaling, self.center and not self.rms_scaling)
        self._at_end = tuple(range(len(shape) - len(self._axes), len(shape)))
        self._trailing = self._axes == self._at_end

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor."""
        x = at_least_float32(inputs)
        if not self._trailing:
            x = x.movedim(self._axes, self._at_end)
        outputs = self._normalize(x)
        if not self._trailing:
            outputs = outputs.movedim(self._at_end, self._axes)
        return outputs.to(self._compute_torch_dtype)

    def _normalize(self, x: torch.Tensor) -> torch.Tensor:
        """Normalizes over the last axes."""
        gamma, beta = in_type(self.gamma, x), in_type(self.beta, x)
        if not self.rms_scaling:
            return F.layer_norm(x, self._sizes, gamma, beta, self.epsilon)
        factor = torch.rsqrt(x.var(self._at_end, correction=0, keepdim=True) + self.epsilon)
        return x * factor if gamma is None else x * factor * gamma

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it lacks one of the axes.
        """
        positions(self.axis, tuple(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "axis": self.axis, "rms_scaling": self.rms_scaling}
