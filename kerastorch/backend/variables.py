"""`keras.backend`: the values of variables, read and changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from kerastorch import random
from kerastorch.backend.creation import as_shape, variable
from kerastorch.core.arrays import as_tensor
from kerastorch.core.context import state
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import StringTensor
from kerastorch.core.updates import recording
from kerastorch.core.variable import host_array
from kerastorch.errors import ArgumentTypeError
from kerastorch.ops.base import op, pair, tensor


def get_value(x: Any) -> Any:
    """Returns the value of a variable or tensor.

    Args:
        x: a variable, such as `optimizer.lr` or a layer's kernel, a tensor, or a value, which is returned as it is.

    Returns:
        A NumPy array; a NumPy number for a scalar.

    Raises:
        ArgumentTypeError: for a symbolic tensor, which has no value.

    Example:
        >>> get_value(torch.tensor([1.0, 2.0]))
        array([1., 2.], dtype=float32)

    Source: `keras.backend.get_value` of Keras 2.
    """
    if isinstance(x, KerasTensor):
        raise ArgumentTypeError(
            f"A symbolic tensor has no value: {x!r}. `K.function([inputs], [x])` makes a function of the inputs that "
            "computes it."
        )
    if isinstance(x, StringTensor):
        return x.numpy()
    return host_array(x)[()] if isinstance(x, torch.Tensor) else x


def batch_get_value(tensors: Iterable[Any]) -> list[Any]:
    """Returns the values of several variables or tensors.

    Args:
        tensors: the variables.

    Returns:
        A list of NumPy arrays.

    Example:
        >>> batch_get_value([torch.tensor([1.0]), torch.tensor([2.0])])
        [array([1.], dtype=float32), array([2.], dtype=float32)]

    Source: `keras.backend.batch_get_value` of Keras 2.
    """
    return [get_value(x) for x in tensors]


def eval(x: Any) -> Any:
    """Returns the value of a variable, a tensor, or what can be made one.

    Args:
        x: a variable, tensor, list or number.

    Returns:
        A NumPy array; a NumPy number for a scalar.

    Raises:
        ArgumentTypeError: for a symbolic tensor, which has no value.

    Example:
        >>> eval(torch.ones(2) + 1)
        array([2., 2.], dtype=float32)

    Source: `keras.backend.eval` of Keras 2.
    """
    return get_value(x if isinstance(x, KerasTensor) else tensor(x))


def set_value(x: Any, value: Any) -> None:
    """Sets the value of a variable.

    Args:
        x: a variable, such as `optimizer.lr` or a layer's kernel.
        value: an array or number of the same shape.

    Raises:
        ArgumentTypeError: when `x` is no variable.

    Example:
        >>> weight = torch.nn.Parameter(torch.zeros(2))
        >>> set_value(weight, [1.0, 2.0])
        >>> weight.tolist()
        [1.0, 2.0]

    Source: `keras.backend.set_value` of Keras 2.
    """
    if not isinstance(x, torch.Tensor):
        raise ArgumentTypeError(
            f"`K.set_value` takes a variable. Received: {x!r} (of type {type(x).__name__})."
        )
    value = as_tensor(np.asarray(value) if not isinstance(value, torch.Tensor) else value)
    if hasattr(x, "assign"):
        x.assign(value)
        return
    with torch.no_grad():
        x.copy_(value)


def batch_set_value(tuples: Iterable[tuple[Any, Any]]) -> None:
    """Sets the values of several variables.

    Args:
        tuples: pairs of a variable and its value.

    Raises:
        ArgumentTypeError: when one of them is no variable.

    Example:
        >>> weight = torch.zeros(2)
        >>> batch_set_value([(weight, [1.0, 2.0])])
        >>> weight.tolist()
        [1.0, 2.0]

    Source: `keras.backend.batch_set_value` of Keras 2.
    """
    for x, value in tuples:
        set_value(x, value)


def update(x: Any, new_x: Any) -> Any:
    """Sets a variable to a tensor, without a way to the host.

    Args:
        x: a variable.
        new_x: a tensor, array or number of the same shape.

    Returns:
        The variable; inside an optimizer's `get_updates` the pair of both, which is applied at the end of the step.

    Example:
        >>> weight = torch.zeros(2)
        >>> update(weight, torch.ones(2)).tolist()
        [1.0, 1.0]

    Source: `keras.backend.update` of Keras 2.
    """
    if recording.active:
        return x, new_x
    with torch.no_grad():
        value = tensor(new_x).to(x.device, x.dtype)
        return x.assign(value) if hasattr(x, "assign") else x.copy_(value)


def update_add(x: Any, increment: Any) -> Any:
    """Adds to a variable.

    Args:
        x: a variable.
        increment: a tensor, array or number of the same shape.

    Returns:
        What `update` returns.

    Example:
        >>> update_add(torch.ones(2), 2.0).tolist()
        [3.0, 3.0]

    Source: `keras.backend.update_add` of Keras 2.
    """
    return update(x, torch.add(*pair(x.detach(), increment)))


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtracts from a variable.

    Args:
        x: a variable.
        decrement: a tensor, array or number of the same shape.

    Returns:
        What `update` returns.

    Example:
        >>> update_sub(torch.ones(2), 2.0).tolist()
        [-1.0, -1.0]

    Source: `keras.backend.update_sub` of Keras 2.
    """
    return update(x, torch.sub(*pair(x.detach(), decrement)))


def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """Moves a variable a little towards a value.

    Args:
        x: a variable.
        value: a tensor of the same shape.
        momentum: the share of the old value in the new one.

    Returns:
        What `update` returns.

    Example:
        >>> moving_average_update(torch.zeros(1), torch.ones(1), 0.75).tolist()
        [0.25]

    Source: `keras.backend.moving_average_update` of Keras 2.
    """
    return update(x, x.detach() * momentum + tensor(value).to(x.device) * (1.0 - momentum))


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: str | None = None, seed: int | None = None
) -> Any:
    """Returns a new variable of numbers drawn evenly from an interval.

    Args:
        shape: its shape.
        low: the least number.
        high: the limit, excluded.
        dtype: its type; None takes `floatx()`.
        name: a name; None makes one.
        seed: an integer, or None for other numbers each time.

    Returns:
        A `Variable`.

    Example:
        >>> random_uniform_variable((2, 3), 0.0, 1.0).shape
        torch.Size([2, 3])

    Source: `keras.backend.random_uniform_variable` of Keras 2.
    """
    return variable(random.uniform(as_shape(shape), low, high, dtype, seed), dtype, name)


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: str | None = None, seed: int | None = None
) -> Any:
    """Returns a new variable of numbers drawn from a normal distribution.

    Args:
        shape: its shape.
        mean: the mean.
        scale: the standard deviation.
        dtype: its type; None takes `floatx()`.
        name: a name; None makes one.
        seed: an integer, or None for other numbers each time.

    Returns:
        A `Variable`.

    Example:
        >>> random_normal_variable((2, 3), 0.0, 1.0).shape
        torch.Size([2, 3])

    Source: `keras.backend.random_normal_variable` of Keras 2.
    """
    return variable(random.normal(as_shape(shape), mean, scale, dtype, seed), dtype, name)


@op("keras.backend")
def stop_gradient(variables: Any) -> Any:
    """Returns tensors through which no gradient goes.

    Args:
        variables: a tensor, or a list of them.

    Returns:
        A tensor, or a list of them.

    Example:
        >>> stop_gradient(torch.ones(2, requires_grad=True)).requires_grad
        False

    Source: `keras.backend.stop_gradient` of Keras 2, `torch.Tensor.detach`.
    """
    if isinstance(variables, (list, tuple)):
        return [tensor(x).detach() for x in variables]
    return tensor(variables).detach()


@op("keras.backend")
def identity(x: Any, name: str | None = None) -> torch.Tensor:
    """Returns a tensor with the same numbers.

    Args:
        x: a tensor, array, list or number.
        name: has no effect.

    Returns:
        A tensor.

    Example:
        >>> identity([1.0, 2.0]).tolist()
        [1.0, 2.0]

    Source: `keras.backend.identity` of Keras 2.
    """
    return tensor(x).clone()


@op("keras.backend")
def print_tensor(x: Any, message: str = "", summarize: int = 3) -> Any:
    """Prints a tensor each time it is computed, and returns it.

    Args:
        x: a tensor.
        message: what is printed before it.
        summarize: how many numbers are shown at both ends of each axis; -1 shows all.

    Returns:
        The same tensor.

    Example:
        >>> print_tensor(torch.tensor([1.0, 2.0]), "x =").tolist()
        x = [1. 2.]
        [1.0, 2.0]

    Source: `keras.backend.print_tensor` of Keras 2.
    """
    if not state.inferring:
        edge, threshold = (summarize, 2 * summarize) if summarize >= 0 else (3, 2**31)
        print(message, np.array2string(host_array(tensor(x)), edgeitems=edge, threshold=threshold))
    return x
