"""Initializers whose values are known: constants and the identity matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.core.arrays import as_tensor
from kerastorch.core.devices import current_device
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ShapeError
from kerastorch.initializers.initializer import Initializer
from kerastorch.registry import builtin


@builtin("keras.initializers")
class Constant(Initializer):
    """Makes tensors of one value.

    Args:
        value: a number, or an array or tensor that broadcasts to the shape of the weight.

    Raises:
        ShapeError: in the call, when an array does not broadcast to the shape.

    Example:
        >>> Constant(3.0)((2,)).tolist()
        [3.0, 3.0]

    Source: `keras.initializers.Constant`, `torch.full`.
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        kind, device = torch_dtype(dtype), current_device()
        if isinstance(self.value, (bool, int, float, complex)):
            return torch.full(tuple(shape), self.value, dtype=kind, device=device)
        value = as_tensor(self.value, dtype=kind, device=device).detach()
        try:
            return value.expand(tuple(shape)).clone()
        except RuntimeError as error:
            raise ShapeError(
                f"The constant of shape {tuple(value.shape)} cannot be broadcast to shape={tuple(shape)}."
            ) from error

    def get_config(self) -> dict:
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        if "value" in config:
            config = {**config, "value": deserialize_keras_object(config["value"])}
        return super().from_config(config)


@builtin("keras.initializers", "zero")
class Zeros(Initializer):
    """Makes tensors of zeros.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]

    Source: `keras.initializers.Zeros`, `torch.zeros`.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        return torch.zeros(tuple(shape), dtype=torch_dtype(dtype), device=current_device())


@builtin("keras.initializers", "one")
class Ones(Initializer):
    """Makes tensors of ones.

    Example:
        >>> Ones()((2,)).tolist()
        [1.0, 1.0]

    Source: `keras.initializers.Ones`, `torch.ones`.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        return torch.ones(tuple(shape), dtype=torch_dtype(dtype), device=current_device())


@builtin("keras.initializers", "IdentityInitializer")
class Identity(Initializer):
    """Makes matrices with one value on the diagonal and zeros elsewhere.

    Args:
        gain: the value on the diagonal.

    Raises:
        ShapeError: in the call, when the shape does not have two axes.

    Example:
        >>> Identity(2.0)((2, 2)).tolist()
        [[2.0, 0.0], [0.0, 2.0]]

    Source: `keras.initializers.Identity`, `torch.eye`.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        if len(shape) != 2:
            raise ShapeError(
                "Identity matrix initializer can only be used for 2D matrices. "
                f"Received: shape={tuple(shape)} of rank {len(shape)}."
            )
        return self.gain * torch.eye(*shape, dtype=torch_dtype(dtype), device=current_device())

    def get_config(self) -> dict:
        return {"gain": self.gain}


def from_values(values: np.ndarray | np.generic | torch.Tensor) -> Any:
    """Returns an initializer that makes exactly the given values.

    Args:
        values: an array or tensor; the weight must have its shape.

    Raises:
        ShapeError: in the call, when the weight has another shape.

    Example:
        >>> from_values(np.arange(2.0))((2,)).tolist()
        [0.0, 1.0]
    """

    def initialize_fn(shape: Sequence[int], dtype: Any = None) -> torch.Tensor:
        if tuple(shape) != tuple(values.shape):
            raise ShapeError(
                f"Expected `shape` to be {tuple(values.shape)} for direct tensor as initializer. "
                f"Received shape={tuple(shape)}."
            )
        return Constant(values)(shape, dtype)

    return initialize_fn
