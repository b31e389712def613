"""Layer normalization."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import constraints, registry, regularizers
from kerastorch.errors import ArgumentTypeError, ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.layer import Layer

_HALF = (torch.float16, torch.bfloat16)


@registry.builtin("keras.layers")
class LayerNormalization(Layer):
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
        super().__init__(**kwargs)
        if rms_scaling:
            warnings.warn(
                "You passed `rms_scaling=True`, which is deprecated: it divides by the standard deviation, not by the "
                "root of the mean square. Use `RMSNormalization` instead.",
                stacklevel=2,
            )
        self.axis = _integers(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.rms_scaling = rms_scaling
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.autocast = False  # half-precision inputs are normalized in float32

    def build(self, input_shape: tuple) -> None:
        """Makes `gamma` and `beta`, whose shape is that of the normalized axes."""
        axes = self._axes_of(tuple(input_shape))
        rank, sizes = len(input_shape), tuple(input_shape[a] for a in axes)
        if None in sizes:
            raise ShapeError(
                f"The axes {self.axis} to normalize over must have known sizes. "
                f"Received: input shape={tuple(input_shape)}."
            )
        self.axis = list(axes) if isinstance(self.axis, list) else [self.axis]
        self.gamma = self._weight("gamma", sizes) if self.scale or self.rms_scaling else None
        self.beta = self._weight("beta", sizes) if self.center and not self.rms_scaling else None
        self._axes, self._sizes = axes, sizes
        self._at_end = tuple(range(rank - len(axes), rank))
        self._trailing = axes == self._at_end

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

    def _axes_of(self, shape: tuple) -> tuple[int, ...]:
        axes = self.axis if isinstance(self.axis, list) else [self.axis]
        for axis in axes:
            if not -len(shape) <= axis < len(shape):
                raise ShapeError(
                    f"Axis {axis} is out of bounds for input shape {shape}. Received: axis={self.axis}"
                )
        return tuple(sorted({axis % len(shape) for axis in axes}))

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor."""
        x = inputs if inputs.dtype not in _HALF and inputs.is_floating_point() else inputs.float()
        if not self._trailing:
            x = x.movedim(self._axes, self._at_end)
        outputs = self._normalize(x)
        if not self._trailing:
            outputs = outputs.movedim(self._at_end, self._axes)
        return outputs.to(self._compute_torch_dtype)

    def _normalize(self, x: torch.Tensor) -> torch.Tensor:
        """Normalizes over the last axes."""
        gamma, beta = self.gamma, self.beta
        if x.dtype is not torch.float32 or self.dtype != "float32":
            gamma = None if gamma is None else gamma.to(x.dtype)
            beta = None if beta is None else beta.to(x.dtype)
        if not self.rms_scaling:
            return F.layer_norm(x, self._sizes, gamma, beta, self.epsilon)
        factor = torch.rsqrt(x.var(self._at_end, correction=0, keepdim=True) + self.epsilon)
        return x * factor if gamma is None else x * factor * gamma

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it lacks one of the axes.
        """
        self._axes_of(tuple(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": self.rms_scaling,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
        }


def _integers(axis: Any) -> int | list[int]:
    several = isinstance(axis, (list, tuple))
    axes = list(axis) if several else [axis]
    if not axes or any(isinstance(a, bool) or not hasattr(a, "__index__") for a in axes):
        raise ArgumentTypeError(
            f"Expected an int or a list/tuple of ints for the argument 'axis'. Received: axis={axis!r}."
        )
    return [int(a) for a in axes] if several else int(axis)
