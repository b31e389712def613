"""Constraints: projections of weights after each update, and their names and configs."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.config import epsilon
from kerastorch.core.arrays import as_tensor
from kerastorch.core.devices import current_device
from kerastorch.core.identifiers import deserialize_object, serialize_object
from kerastorch.core.serializable import Configurable
from kerastorch.errors import ShapeError
from kerastorch.registry import builtin

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "RadialConstraint",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "maxnorm",
    "min_max_norm",
    "non_neg",
    "nonneg",
    "radial_constraint",
    "serialize",
    "unit_norm",
    "unitnorm",
]

Axis = int | Sequence[int] | None


def _tensor(w: Any) -> Any:
    return w if hasattr(w, "__torch_function__") else as_tensor(w, device=current_device())


def _norms(w: torch.Tensor, axis: Axis) -> torch.Tensor:
    """The lengths of the vectors along one or several axes, which stay as axes of length one."""
    return torch.linalg.vector_norm(w, dim=axis, keepdim=True)


@builtin("keras.constraints")
class Constraint(Configurable):
    """The base of constraints: subclasses define `__call__(self, w)`, which returns the projected weight.

    Example:
        >>> class Halved(Constraint):
        ...     def __call__(self, w):
        ...         return w / 2
        >>> Halved()(torch.tensor([2.0])).tolist()
        [1.0]

    Source: `keras.constraints.Constraint`.
    """

    def __call__(self, w: Any) -> Any:
        """Returns the projected weight, here the weight itself.

        Args:
            w: a weight.
        """
        return w


@builtin("keras.constraints", "maxnorm")
class MaxNorm(Constraint):
    """Scales down the vectors of a weight that are longer than a limit.

    Args:
        max_value: the largest length.
        axis: the axis or axes along which a vector lies: 0 for the inputs of each unit of a `Dense` kernel,
            `[0, 1, 2]` for each filter of a `Conv2D` kernel.

    Example:
        >>> MaxNorm(1.0)(torch.tensor([[0.0], [2.0]])).flatten().tolist()
        [0.0, 1.0]

    Source: `keras.constraints.MaxNorm`; Srivastava et al., 2014.
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> torch.Tensor:
        w = _tensor(w)
        norms = _norms(w, self.axis)
        return w * (torch.clamp(norms, 0, self.max_value) / (epsilon() + norms))

    def get_config(self) -> dict:
        return {"max_value": self.max_value, "axis": self.axis}


@builtin("keras.constraints", "nonneg")
class NonNeg(Constraint):
    """Sets negative weights to zero.

    Example:
        >>> NonNeg()(torch.tensor([-1.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: `keras.constraints.NonNeg`.
    """

    def __call__(self, w: Any) -> torch.Tensor:
        return torch.clamp(_tensor(w), min=0)


@builtin("keras.constraints", "unitnorm")
class UnitNorm(Constraint):
    """Scales the vectors of a weight to length one.

    Args:
        axis: the axis or axes along which a vector lies: 0 for the inputs of each unit of a `Dense` kernel,
            `[0, 1, 2]` for each filter of a `Conv2D` kernel.

    Example:
        >>> UnitNorm()(torch.tensor([[0.0], [2.0]])).flatten().tolist()
        [0.0, 1.0]

    Source: `keras.constraints.UnitNorm`.
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> torch.Tensor:
        w = _tensor(w)
        return w / (epsilon() + _norms(w, self.axis))

    def get_config(self) -> dict:
        return {"axis": self.axis}


@builtin("keras.constraints")
class MinMaxNorm(Constraint):
    """Scales the vectors of a weight towards lengths between two limits.

    Args:
        min_value: the smallest length.
        max_value: the largest length.
        rate: how much of the way to go at each update, from 0 to 1; 1 enforces the limits at once.
        axis: the axis or axes along which a vector lies: 0 for the inputs of each unit of a `Dense` kernel,
            `[0, 1, 2]` for each filter of a `Conv2D` kernel.

    Example:
        >>> MinMaxNorm(0.5, 1.0)(torch.tensor([[0.0], [2.0]])).flatten().tolist()
        [0.0, 1.0]

    Source: `keras.constraints.MinMaxNorm`.
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> torch.Tensor:
        w = _tensor(w)
        norms = _norms(w, self.axis)
        wanted = self.rate * torch.clamp(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (wanted / (epsilon() + norms))

    def get_config(self) -> dict:
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


@functools.lru_cache(maxsize=32)
def _ring_sources(size: int, device: torch.device) -> torch.Tensor:
    """For each place of a square kernel the index of the diagonal element that its ring takes its value from."""
    middle = (size - 1) / 2
    start = size // 2
    sources = [start - 1, *range(start + 1 - size % 2, size)]
    rings = [[sources[int(max(abs(i - middle), abs(j - middle)))] for j in range(size)] for i in range(size)]
    return torch.tensor(rings, device=device)


@builtin("keras.constraints")
class RadialConstraint(Constraint):
    """Makes square convolution kernels equal along each ring around their centre.

    Each ring takes the value of one diagonal element, the one that TensorFlow takes: for a kernel of width 4 the
    centre that of `(1, 1)` and the border that of `(3, 3)`; for width 3 the centre that of `(0, 0)` and the border
    that of `(1, 1)`. A kernel of width 1 stays as it is.

    Raises:
        ShapeError: in the call, when the weight does not have the shape `(size, size, inputs, outputs)`.

    Example:
        >>> kernel = torch.arange(16.0).reshape(4, 4, 1, 1)
        >>> RadialConstraint()(kernel)[1].flatten().tolist()
        [15.0, 5.0, 5.0, 15.0]

    Source: `tf.keras.constraints.RadialConstraint` (Keras 2).
    """

    def __call__(self, w: Any) -> torch.Tensor:
        w = _tensor(w)
        if w.ndim != 4 or w.shape[0] != w.shape[1]:
            raise ShapeError(
                "The weight tensor must have rank 4 and a square kernel: (size, size, inputs, outputs). "
                f"Received: w.shape={tuple(w.shape)}."
            )
        if w.shape[0] == 1:
            return w
        source = _ring_sources(w.shape[0], w.device)
        return w[source, source]


max_norm = maxnorm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = nonneg = NonNeg
radial_constraint = RadialConstraint
unit_norm = unitnorm = UnitNorm


def get(identifier: Any) -> Any:
    """Returns the constraint that any form of identifier stands for.

    Args:
        identifier: a name, a config, a class, a constraint or a function of one tensor; None gives None.

    Raises:
        UnknownIdentifierError: when it is no identifier, or the name is unknown; it suggests the nearest.

    Example:
        >>> get("max_norm").max_value
        2

    Source: `keras.constraints.get`.
    """
    return deserialize(identifier)


def serialize(constraint: Any, use_legacy_format: bool = False) -> Any:
    """Returns the config of a constraint.

    Args:
        constraint: a constraint or a registered function.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Raises:
        SerializationError: when the constraint has no config.

    Example:
        >>> serialize(UnitNorm(), use_legacy_format=True)
        {'class_name': 'UnitNorm', 'config': {'axis': 0}}

    Source: `keras.constraints.serialize`.
    """
    return serialize_object(constraint, use_legacy_format)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Returns the constraint that a config or a name describes.

    Args:
        config: a name, or a dictionary in the format of Keras 3 or 2.
        custom_objects: names and the user's classes and functions that they stand for.
        use_legacy_format: accepted for Keras 2; both formats are recognised without it.

    Raises:
        UnknownIdentifierError: when a string names nothing; it suggests the nearest.
        UnsafeModelError: when a dictionary names nothing that is registered.

    Example:
        >>> deserialize("non_neg").get_config()
        {}

    Source: `keras.constraints.deserialize`.
    """
    return deserialize_object(config, "keras.constraints", "constraint", custom_objects)
