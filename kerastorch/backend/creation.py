"""`keras.backend`: variables, constants and placeholders."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.core.context import state
from kerastorch.core.devices import current_device
from kerastorch.core.spec import KerasTensor
from kerastorch.core.updates import recording
from kerastorch.core.variable import Variable
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.layers.core.input_layer import Input
from kerastorch.ops.base import op, tensor


def as_shape(shape: Any) -> tuple[int, ...]:
    """Returns a shape, given as integers or as a tensor of them, as a tuple.

    Args:
        shape: an integer, a sequence of integers or of tensors of one element, or a tensor or array of integers.

    Raises:
        ArgumentTypeError: when something in it is no integer.

    Example:
        >>> as_shape([2, torch.tensor(3)]), as_shape(torch.tensor([4, 5])), as_shape(6)
        ((2, 3), (4, 5), (6,))
    """
    if isinstance(shape, (torch.Tensor, np.ndarray)):
        shape = shape.tolist()
    sizes = shape if isinstance(shape, Sequence) else (shape,)
    try:
        return tuple(operator.index(size) for size in sizes)
    except TypeError as error:
        raise ArgumentTypeError(f"Expected a shape, a tuple of integers. Received: {shape!r}.") from error


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Any:
    """Returns a new variable.

    Args:
        value: its first value: a tensor, array, list or number.
        dtype: its type; None takes `floatx()`.
        name: a name; None makes one.
        constraint: a function that an optimizer applies after each update; None for none.

    Returns:
        A `Variable`, trainable where its type has fractions.

    Example:
        >>> variable([1, 2], name="weight").numpy()
        array([1., 2.], dtype=float32)

    Source: `keras.backend.variable` of Keras 2.
    """
    first = tensor(value).detach()
    kind = standardize_dtype(dtype)
    made = recording.kept(lambda: Variable(first, dtype=kind, trainable=not recording.active, name=name))
    made.constraint = constraint
    return made


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> torch.Tensor:
    """Returns a tensor of given numbers.

    Args:
        value: a tensor, array, list or number.
        dtype: the type; None takes `floatx()`.
        shape: the shape of the result, over which one number is spread; None takes that of `value`.
        name: has no effect.

    Returns:
        A tensor.

    Example:
        >>> constant(3, shape=(2,)).tolist()
        [3.0, 3.0]

    Source: `keras.backend.constant` of Keras 2.
    """
    made = tensor(value, standardize_dtype(dtype))
    if shape is None:
        return made
    sizes = as_shape(shape)
    return made.reshape(sizes) if made.numel() == math.prod(sizes) else made.expand(sizes).clone()


def placeholder(
    shape: Any = None,
    ndim: int | None = None,
    dtype: Any = None,
    sparse: bool = False,
    name: str | None = None,
    ragged: bool = False,
) -> KerasTensor:
    """Returns a symbolic tensor that `K.function` and `Model` take as an input.

    Args:
        shape: its shape with the batch axis, None standing for unknown sizes.
        ndim: the number of axes, where no shape is given.
        dtype: the type; None takes `floatx()`.
        sparse: accepted; the tensor is dense.
        name: a name; None makes one.
        ragged: accepted; the tensor is dense.

    Returns:
        A `KerasTensor`.

    Raises:
        InvalidArgumentError: when there is neither a shape nor a number of axes.

    Example:
        >>> placeholder((None, 4)).shape, placeholder(ndim=2).shape
        ((None, 4), (None, None))

    Source: `keras.backend.placeholder` of Keras 2, `keras.Input`.
    """
    if shape is None and not ndim:
        raise InvalidArgumentError("`K.placeholder` needs a `shape` or a number of axes, `ndim`.")
    sizes = (None,) * (ndim or 0) if shape is None else tuple(shape)
    return Input(batch_shape=sizes, dtype=standardize_dtype(dtype), name=name)


def _filled(value: float, shape: Any, dtype: Any, name: str | None) -> Any:
    """A variable of one number, as Keras 2 makes them; a plain tensor while shapes are inferred."""
    sizes, kind = as_shape(shape), torch_dtype(dtype)
    if state.inferring:
        return torch.full(sizes, value, dtype=kind, device=current_device())
    return recording.kept(
        lambda: Variable(
            torch.full(sizes, value, dtype=kind), dtype=kind, trainable=not recording.active, name=name
        )
    )


@op("keras.backend")
def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Returns a variable full of zeros.

    Args:
        shape: its shape.
        dtype: its type; None takes `floatx()`.
        name: a name; None makes one.

    Returns:
        A `Variable`.

    Example:
        >>> zeros((2,)).numpy()
        array([0., 0.], dtype=float32)

    Source: `keras.backend.zeros` of Keras 2.
    """
    return _filled(0, shape, dtype, name)


@op("keras.backend")
def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Returns a variable full of ones.

    Args:
        shape: its shape.
        dtype: its type; None takes `floatx()`.
        name: a name; None makes one.

    Returns:
        A `Variable`.

    Example:
        >>> ones((2,)).numpy()
        array([1., 1.], dtype=float32)

    Source: `keras.backend.ones` of Keras 2.
    """
    return _filled(1, shape, dtype, name)


def eye(size: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Returns a variable with ones on the diagonal and zeros elsewhere.

    Args:
        size: the number of rows and columns, or a pair of both.
        dtype: its type; None takes `floatx()`.
        name: a name; None makes one.

    Returns:
        A variable.

    Example:
        >>> eye(2).numpy().tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: `keras.backend.eye` of Keras 2.
    """
    sizes = as_shape(size) * (1 if isinstance(size, Sequence) else 2)
    return variable(torch.eye(*sizes), dtype, name)


@op("keras.backend")
def zeros_like(x: Any, dtype: Any = None, name: str | None = None) -> torch.Tensor:
    """Returns zeros in the shape of a tensor.

    Args:
        x: a tensor, array, list or number.
        dtype: the type; None takes that of `x`.
        name: has no effect.

    Returns:
        A tensor.

    Example:
        >>> zeros_like([1.5, 2.5]).tolist()
        [0.0, 0.0]

    Source: `keras.backend.zeros_like` of Keras 2.
    """
    return torch.zeros_like(tensor(x).detach(), dtype=None if dtype is None else torch_dtype(dtype))


@op("keras.backend")
def ones_like(x: Any, dtype: Any = None, name: str | None = None) -> torch.Tensor:
    """Returns ones in the shape of a tensor.

    Args:
        x: a tensor, array, list or number.
        dtype: the type; None takes that of `x`.
        name: has no effect.

    Returns:
        A tensor.

    Example:
        >>> ones_like([1.5, 2.5]).tolist()
        [1.0, 1.0]

    Source: `keras.backend.ones_like` of Keras 2.
    """
    return torch.ones_like(tensor(x).detach(), dtype=None if dtype is None else torch_dtype(dtype))


@op("keras.backend")
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> torch.Tensor:
    """Returns evenly spaced numbers.

    Args:
        start: the first number; the end, from 0 on, where there is no `stop`.
        stop: the end, which is not reached.
        step: the distance of two numbers.
        dtype: the type of the result.

    Returns:
        A tensor with one axis.

    Example:
        >>> arange(3).tolist(), arange(1, 6, 2).tolist()
        ([0, 1, 2], [1, 3, 5])

    Source: `keras.backend.arange` of Keras 2, `torch.arange`.
    """
    first, end = (0, start) if stop is None else (start, stop)
    if stop is None and start < 0:
        end = 0
    return torch.arange(first, end, step, dtype=torch_dtype(dtype), device=current_device())
