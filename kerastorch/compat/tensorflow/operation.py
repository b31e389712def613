"""How the functions of this namespace take their arguments.

`operation` makes a plain torch function one of them: it takes `name=`, it is recorded as one step of a functional
model when it gets symbolic tensors, and a saved model may name it. `as_tensor` and `operands` turn what scripts pass
(tensors, variables, NumPy arrays, lists, numbers) into tensors as TensorFlow does: Python floats become float32 and
integers int32, arrays keep their type.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.arrays import as_tensor as tensor_of
from kerastorch.core.devices import current_device
from kerastorch.core.graph import FunctionOp
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import StringTensor, is_strings
from kerastorch.core.tracing import any_symbolic, record
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ArgumentTypeError
from kerastorch.naming import auto_name
from kerastorch.registry import builtin

Function = TypeVar("Function", bound=Callable[..., Any])
_INT32_RANGE = range(-(2**31), 2**31)


def operation(home: str = "tf") -> Callable[[Function], Function]:
    """Makes a function on tensors one of `tf`'s, which may be called with symbolic tensors.

    Args:
        home: the namespace that has it, such as `"tf.math"`; configs of models name it so.

    Returns:
        A decorator. The function that it returns also takes `name`: the name of the step in a functional model, without
        meaning elsewhere.

    Example:
        >>> double = operation("tf.example")(lambda x: 2 * x)
        >>> double(3, name="twice"), double(KerasTensor((None, 4))).shape
        (6, (None, 4))
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def call(*args: Any, name: str | None = None, **kwargs: Any) -> Any:
            if _is_symbolic(args) or (kwargs and _is_symbolic(kwargs.values())):
                step = FunctionOp(call, False, name or auto_name(function.__name__))
                return record(step, *tree.map_structure(_plain, (args, kwargs)))
            return function(*args, **kwargs)

        builtin(home)(call)
        # Wrapped functions belong to this module; their examples are found through the table that doctest reads.
        vars(sys.modules[function.__module__]).setdefault("__test__", {})[function.__name__] = call
        return call  # type: ignore[return-value]

    return decorate


def _plain(leaf: Any) -> Any:
    """An argument as the code and the config of a model may hold it: data types by their names."""
    return leaf.name if hasattr(leaf, "as_numpy_dtype") else leaf


def _is_symbolic(values: Any) -> bool:
    for value in values:
        kind = type(value)
        if kind is KerasTensor or (kind in (list, tuple, dict) and any_symbolic(value)):
            return True
    return False


def as_tensor(value: Any, dtype: Any = None) -> Any:
    """Returns a value as a tensor, on the current device where it is made.

    Args:
        value: a tensor, a variable, a NumPy array, a number, text, or a nested list of them.
        dtype: the type of the result; None keeps that of tensors and arrays and gives numbers TensorFlow's.

    Returns:
        A torch tensor; a `StringTensor` for text.

    Raises:
        ArgumentTypeError: when a tensor cannot be made from the value.

    Example:
        >>> as_tensor(1.5).dtype, as_tensor([1, 2]).dtype, as_tensor(np.zeros(2)).dtype
        (torch.float32, torch.int32, torch.float64)
    """
    if isinstance(value, torch.Tensor):
        return value if dtype is None else value.to(torch_dtype(dtype))
    if isinstance(value, StringTensor) or hasattr(value, "__torch_function__"):
        return value
    if is_strings(value):
        return StringTensor(value)
    return _made(value, None if dtype is None else torch_dtype(dtype))


def _made(value: Any, dtype: torch.dtype | None) -> torch.Tensor:
    if isinstance(value, (list, tuple)) and _holds_tensor(value):
        return torch.stack(operands(*(as_tensor(item, dtype) for item in value)))
    try:
        array = np.asarray(value)
        kind = dtype or (None if hasattr(_first_leaf(value), "dtype") else _type_of_numbers(array))
        return tensor_of(array, dtype=kind, device=current_device())
    except (TypeError, ValueError, RuntimeError) as error:
        raise ArgumentTypeError(
            f"A tensor cannot be made from this value: {error} Received: {value!r} (of type {type(value).__name__})."
            " Expected numbers, or nested lists of them in which all lists of one level are equally long."
        ) from error


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, torch.Tensor)


def _first_leaf(value: Any) -> Any:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return value


def _type_of_numbers(array: np.ndarray) -> torch.dtype | None:
    """The type that TensorFlow gives to Python numbers."""
    if array.dtype.kind == "f":
        return torch.float32
    if array.dtype.kind in "iu":
        fits = not array.size or (int(array.min()) in _INT32_RANGE and int(array.max()) in _INT32_RANGE)
        return torch.int32 if fits else torch.int64
    return None


def operands(*values: Any) -> tuple[Any, ...]:
    """Returns the operands of one operation as tensors; numbers and arrays take the type of the tensor among them.

    Args:
        *values: tensors, arrays, lists and numbers.

    Example:
        >>> [x.dtype for x in operands(torch.ones(2, dtype=torch.float16), 2.5)]
        [torch.float16, torch.float16]
    """
    like = next((value for value in values if isinstance(value, torch.Tensor)), None)
    if like is None:
        like = next((as_tensor(value) for value in values if hasattr(value, "dtype")), None)
    return tuple(_beside(value, like) for value in values)


def _beside(value: Any, like: Any) -> Any:
    if isinstance(value, torch.Tensor) or hasattr(value, "__torch_function__"):
        return value
    tensor = as_tensor(value)
    if not isinstance(like, torch.Tensor) or not isinstance(tensor, torch.Tensor):
        return tensor
    keeps = (tensor.is_floating_point() or tensor.is_complex()) and not (
        like.is_floating_point() or like.is_complex()
    )
    return tensor.to(like.device) if keeps else tensor.to(like)


def integers(value: Any) -> list[int]:
    """Returns a shape, a list of axes or the like as Python integers.

    Args:
        value: one integer, a list of them (tensors of one element among them), or a tensor or array of one axis.

    Returns:
        A list; None stays None where it stands in a list.

    Raises:
        ArgumentTypeError: when something in it is no integer.

    Example:
        >>> integers(3), integers(torch.tensor([2, -1])), integers([torch.tensor(2), 5])
        ([3], [2, -1], [2, 5])
    """
    if isinstance(value, (torch.Tensor, np.ndarray)):
        value = value.tolist()
    if not isinstance(value, Sequence) or isinstance(value, str):
        value = [value]
    try:
        return [item if item is None else operator.index(item) for item in value]  # type: ignore[misc]
    except TypeError as error:
        raise ArgumentTypeError(
            f"Expected an integer, or a list or tensor of integers. Received: {value!r}."
        ) from error


def integer(value: Any) -> int:
    """Returns a number, or a tensor of one element, as a Python integer.

    Raises:
        ArgumentTypeError: when it is no single integer.

    Example:
        >>> integer(torch.tensor(3))
        3
    """
    found = integers(value)
    if len(found) != 1:
        raise ArgumentTypeError(f"Expected one integer. Received: {value!r}.")
    return found[0]
