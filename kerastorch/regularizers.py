"""Regularizers: penalties on weights or activities, and their names and configs."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.nn.functional import normalize

from kerastorch.core.arrays import as_tensor
from kerastorch.core.devices import current_device
from kerastorch.core.identifiers import deserialize_object, serialize_object
from kerastorch.core.serializable import Configurable
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.registry import builtin

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l1l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


def _tensor(x: Any) -> Any:
    return x if hasattr(x, "__torch_function__") else as_tensor(x, device=current_device())


def _factor(value: Any, name: str) -> float:
    """The value as a float, when it is a finite number that is not negative."""
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise InvalidArgumentError(
            f"Invalid value for argument {name}: expected a non-negative float. Received: {name}={value!r}."
        )
    return float(value)


@builtin("keras.regularizers")
class Regularizer(Configurable):
    """The base of penalties: subclasses define `__call__(self, x)`, which returns a scalar.

    Example:
        >>> class Largest(Regularizer):
        ...     def __call__(self, x):
        ...         return x.abs().max()
        >>> float(Largest()(torch.tensor([1.0, -3.0])))
        3.0

    Source: `keras.regularizers.Regularizer`.
    """

    def __call__(self, x: Any) -> Any:
        """Returns the penalty for a tensor, here none.

        Args:
            x: a weight, or the output of a layer.
        """
        return 0.0


@builtin("keras.regularizers")
class L1(Regularizer):
    """A penalty of `l1 * sum(abs(x))`.

    Args:
        l1: the factor, not negative; None takes 0.01.

    Raises:
        InvalidArgumentError: when the factor is negative or no finite number.

    Example:
        >>> float(L1(0.5)(torch.tensor([1.0, -3.0])))
        2.0

    Source: `keras.regularizers.L1`.
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = _factor(0.01 if l1 is None else l1, "l1")

    def __call__(self, x: Any) -> torch.Tensor:
        return torch.sum(torch.abs(_tensor(x))) * self.l1

    def get_config(self) -> dict:
        return {"l1": self.l1}


@builtin("keras.regularizers")
class L2(Regularizer):
    """A penalty of `l2 * sum(square(x))`.

    Args:
        l2: the factor, not negative; None takes 0.01.

    Raises:
        InvalidArgumentError: when the factor is negative or no finite number.

    Example:
        >>> float(L2(0.5)(torch.tensor([1.0, -3.0])))
        5.0

    Source: `keras.regularizers.L2`.
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = _factor(0.01 if l2 is None else l2, "l2")

    def __call__(self, x: Any) -> torch.Tensor:
        return torch.sum(torch.square(_tensor(x))) * self.l2

    def get_config(self) -> dict:
        return {"l2": self.l2}


@builtin("keras.regularizers", "l1_l2")
class L1L2(Regularizer):
    """A penalty of `l1 * sum(abs(x)) + l2 * sum(square(x))`.

    Args:
        l1: the factor of the absolute values, not negative; None takes 0.
        l2: the factor of the squares, not negative; None takes 0.

    Raises:
        InvalidArgumentError: when a factor is negative or no finite number.

    Example:
        >>> float(L1L2(l1=0.5, l2=0.5)(torch.tensor([1.0, -3.0])))
        7.0

    Source: `keras.regularizers.L1L2`.
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = _factor(0.0 if l1 is None else l1, "l1")
        self.l2 = _factor(0.0 if l2 is None else l2, "l2")

    def __call__(self, x: Any) -> torch.Tensor:
        x = _tensor(x)
        if self.l2 == 0.0:
            return torch.sum(torch.abs(x)) * self.l1
        squares = torch.sum(torch.square(x)) * self.l2
        return squares if self.l1 == 0.0 else torch.sum(torch.abs(x)) * self.l1 + squares

    def get_config(self) -> dict:
        return {"l1": self.l1, "l2": self.l2}


@builtin("keras.regularizers")
class OrthogonalRegularizer(Regularizer):
    """A penalty on rows, or columns, of a matrix that are not orthogonal to each other.

    It is `factor` times the mean size of the dot products of different rows, each scaled to length one.

    Args:
        factor: a number, not negative.
        mode: `"rows"` or `"columns"`.

    Raises:
        InvalidArgumentError: when the factor is negative or no finite number, or `mode` is neither.
        ShapeError: in the call, when the tensor does not have two axes.

    Example:
        >>> float(OrthogonalRegularizer()(torch.eye(3)))
        0.0

    Source: `keras.regularizers.OrthogonalRegularizer`.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor(factor, "factor")
        if mode not in ("rows", "columns"):
            raise InvalidArgumentError(
                'Invalid value for argument `mode`. Expected one of {"rows", "columns"}. '
                f"Received: mode={mode}"
            )
        self.mode = mode

    def __call__(self, inputs: Any) -> torch.Tensor:
        x = _tensor(inputs)
        if x.ndim != 2:
            raise ShapeError(
                f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={tuple(x.shape)}"
            )
        vectors = normalize(x if self.mode == "rows" else x.T, dim=1, eps=1e-7)
        size = vectors.shape[0]
        products = (vectors @ vectors.T) * (1.0 - torch.eye(size, dtype=x.dtype, device=x.device))
        pairs = max(size * (size - 1) / 2.0, 1.0)
        return torch.sum(torch.abs(products)) * (0.5 * self.factor / pairs)

    def get_config(self) -> dict:
        return {"factor": self.factor, "mode": self.mode}


l1 = L1
l2 = L2
l1_l2 = L1L2
l1l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer


def get(identifier: Any) -> Any:
    """Returns the regularizer that any form of identifier stands for.

    Args:
        identifier: a name, a config, a class, a regularizer or a function of one tensor; None gives None. The name
            `"l1_l2"` stands for both factors 0.01, as Keras documents it.

    Raises:
        UnknownIdentifierError: when it is no identifier, or the name is unknown; it suggests the nearest.

    Example:
        >>> get("l2").l2
        0.01

    Source: `keras.regularizers.get`.
    """
    return deserialize(identifier)


def serialize(regularizer: Any, use_legacy_format: bool = False) -> Any:
    """Returns the config of a regularizer.

    Args:
        regularizer: a regularizer or a registered function.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Raises:
        SerializationError: when the regularizer has no config.

    Example:
        >>> serialize(L2(0.5), use_legacy_format=True)
        {'class_name': 'L2', 'config': {'l2': 0.5}}

    Source: `keras.regularizers.serialize`.
    """
    return serialize_object(regularizer, use_legacy_format)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Returns the regularizer that a config or a name describes.

    Args:
        config: a name, or a dictionary in the format of Keras 3 or 2.
        custom_objects: names and the user's classes and functions that they stand for.
        use_legacy_format: accepted for Keras 2; both formats are recognised without it.

    Raises:
        UnknownIdentifierError: when a string names nothing; it suggests the nearest.
        UnsafeModelError: when a dictionary names nothing that is registered.

    Example:
        >>> deserialize({"class_name": "L1L2", "config": {"l1": 0.5}}).l1
        0.5

    Source: `keras.regularizers.deserialize`.
    """
    if isinstance(config, str) and config == "l1_l2":
        return L1L2(l1=0.01, l2=0.01)
    return deserialize_object(config, "keras.regularizers", "regularizer", custom_objects)
