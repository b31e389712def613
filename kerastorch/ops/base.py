"""How the functions of `keras.ops` take their arguments, are recorded in graphs, and report faults.

`op` makes a plain function on tensors one of them: called with symbolic tensors it is recorded as one step of a
functional model, a saved model may name it, and an error says which function was called with what. Inside, `tensor`
turns what scripts pass (variables, NumPy arrays, lists, numbers) into a tensor as Keras does; a tensor costs nothing.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch

from kerastorch import registry, tree
from kerastorch.config import floatx
from kerastorch.core.arrays import as_tensor, type_of_numbers
from kerastorch.core.context import state
from kerastorch.core.devices import current_device
from kerastorch.core.explain import where
from kerastorch.core.graph import FunctionOp
from kerastorch.core.shapes import with_unknown_sizes
from kerastorch.core.spec import KerasTensor
from kerastorch.core.strings import StringTensor, StringType, is_strings
from kerastorch.core.tracing import record
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import (
    ArgumentTypeError,
    AxisError,
    GraphError,
    InvalidArgumentError,
    KerasTorchError,
    OperationError,
)
from kerastorch.naming import auto_name
from kerastorch.ops.calls import guarded

Function = TypeVar("Function", bound=Callable[..., Any])

HALF = frozenset([torch.float16, torch.bfloat16])  # looked up faster than a tuple, which compares

_Tensor = torch.Tensor
_WITH_SHAPE = (torch.Tensor, np.ndarray, KerasTensor)

_UNSIGNED = frozenset([torch.uint16, torch.uint32, torch.uint64])
# The functions whose results are some of the numbers that they are given, and have their type.
_CHOOSING = frozenset(["amax", "amin", "clip", "max", "maximum", "min", "minimum", "nanmax", "nanmin", "ptp"])

# What stands for an error of torch or Python: each is of its kind too, and one of ours keeps its class.
_KINDS: dict[type[Exception], type[KerasTorchError]] = {
    KerasTorchError: KerasTorchError,
    TypeError: ArgumentTypeError,
    IndexError: AxisError,
    RuntimeError: OperationError,
}


def op(home: str = "keras.ops") -> Callable[[Function], Function]:
    """Makes a function on tensors one of `keras.ops`.

    Args:
        home: the public module that configs of models name, such as `"keras.ops.nn"`.

    Returns:
        A decorator.

    Example:
        >>> double = op("keras.ops.example")(lambda x: 2 * x)
        >>> double(3), double(KerasTensor((None, 4))).shape
        (6, (None, 4))
    """

    def decorate(function: Function) -> Function:
        label = f"{'.'.join(home.split('.')[:2])}.{function.__name__}"

        call = functools.update_wrapper(
            guarded(
                function,
                lambda args, kwargs: _recorded(call, label, args, kwargs),
                lambda args, kwargs, error: _rescued(function, label, args, kwargs, error),
            ),
            function,
        )
        registry.builtin_function(home)(call)
        # Wrapped functions belong to this module; their examples are found through the table that doctest reads.
        vars(sys.modules[function.__module__]).setdefault("__test__", {})[function.__name__] = call
        return call  # type: ignore[return-value]

    return decorate


def _recorded(function: Callable, label: str, args: tuple, kwargs: dict) -> Any:
    try:
        return record(FunctionOp(function, False, auto_name(function.__name__)), args, kwargs)
    except KerasTorchError as error:
        explained = _explained(label, args, kwargs, error)
        if explained is error:
            raise
        raise type(explained)(with_unknown_sizes(str(explained))) from error


def _rescued(function: Callable, label: str, args: tuple, kwargs: dict, error: Exception) -> Any:
    """What a function gives in a type for which torch has a kernel; else raises its error, explained."""
    if "not implemented for 'UInt" in str(error):
        return _in_int64(function, args, kwargs)
    explained = _explained(label, args, kwargs, error)
    if explained is error:
        raise error
    raise explained from error


def _in_int64(function: Callable, args: tuple, kwargs: dict) -> Any:
    """What a function gives for unsigned integers of a type for which torch has no kernel."""
    kinds = []

    def signed(value: Any) -> Any:
        if not isinstance(value, (_Tensor, np.ndarray)) or torch_dtype(value.dtype) not in _UNSIGNED:
            return value
        kinds.append(torch_dtype(value.dtype))
        return tensor(value).to(torch.int64)

    args, kwargs = tree.map_structure(signed, (args, kwargs))
    found = function(*args, **kwargs)
    return found.to(kinds[0]) if function.__name__ in _CHOOSING else found


def _explained(label: str, args: tuple, kwargs: dict, error: Exception) -> Exception:
    """The error with the function's name and what it received; one that says so already stays."""
    if isinstance(error, AttributeError):
        if not isinstance(error.obj, (str, StringTensor, StringType)):
            return error
        error = ArgumentTypeError("Numbers are expected, not text.")
    if isinstance(error, (GraphError, torch.OutOfMemoryError)) or state.inferring or where(error):
        return error
    if " Received: keras." in str(error):
        return error
    given = [_shown(a) for a in args] + [f"{k}={_shown(v)}" for k, v in kwargs.items()]
    text = f"`{label}` failed: {error} Received: {label}({', '.join(given)})."
    for kind, ours in _KINDS.items():
        if isinstance(error, kind):
            return (type(error) if kind is KerasTorchError else ours)(text)
    return InvalidArgumentError(text)


def _shown(value: Any) -> str:
    if isinstance(value, _WITH_SHAPE):
        return f"<{standardize_dtype(value.dtype)} of shape {tuple(value.shape)}>"
    if isinstance(value, (list, tuple)) and any(isinstance(v, _WITH_SHAPE) for v in value):
        return "[" + ", ".join(map(_shown, value)) + "]"
    text = repr(value)
    return text if len(text) < 80 else f"{text[:77]}..."


# Arguments ----------------------------------------------------------------------------------------------------------


def tensor(value: Any, dtype: Any = None) -> Any:
    """Returns a value as a tensor, on the current device where it is made.

    Args:
        value: a tensor, a variable, a NumPy array, a number, text, or a nested list of them.
        dtype: the type of the result; None keeps that of tensors and arrays, and gives Python numbers Keras's:
            `floatx()`, int32 (int64 for large ones) or bool.

    Returns:
        A torch tensor; a `StringTensor` for text.

    Raises:
        ArgumentTypeError: when a tensor cannot be made from the value.

    Example:
        >>> tensor(1.5).dtype, tensor([1, 2]).dtype, tensor(np.zeros(2)).dtype
        (torch.float32, torch.int32, torch.float64)
    """
    if isinstance(value, _Tensor):
        return value if dtype is None else value.to(torch_dtype(dtype))
    if isinstance(value, StringTensor):
        return value
    if is_strings(value):
        return StringTensor(value)
    return _made(value, None if dtype is None else torch_dtype(dtype))


def _made(value: Any, dtype: torch.dtype | None) -> torch.Tensor:
    if isinstance(value, (list, tuple)) and any(isinstance(x, _Tensor) for x in tree.flatten(value)):
        return torch.stack(together(*(tensor(item, dtype) for item in value)))
    if torch.compiler.is_compiling():
        return _traced(value, dtype)
    try:
        array = np.asarray(value)
        if array.dtype.name == "bfloat16":  # of the package ml_dtypes, which torch does not know
            array, dtype = array.astype(np.float32), dtype or torch.bfloat16
        if dtype is None and not _has_type(value):
            dtype = type_of_numbers(array)
        return as_tensor(array, dtype=dtype, device=current_device())
    except (TypeError, ValueError, RuntimeError) as error:
        raise ArgumentTypeError(
            f"A tensor cannot be made from this value: {error} Received: {value!r} (of type {type(value).__name__}). "
            "Expected numbers, or nested lists of them in which all lists of one level are equally long."
        ) from error


def _traced(value: Any, dtype: torch.dtype | None) -> torch.Tensor:
    """What `_made` gives, in code that is compiled: torch's compiler reads no types of NumPy arrays."""
    if dtype is None and not _has_type(value):
        numbers = tree.flatten(value)
        if not numbers or any(isinstance(n, float) for n in numbers):
            dtype = torch_dtype(floatx())
        elif not all(isinstance(n, bool) for n in numbers) and not any(
            isinstance(n, complex) for n in numbers
        ):
            dtype = torch.int32 if all(-(2**31) <= n < 2**31 for n in numbers) else torch.int64
    return torch.as_tensor(value, dtype=dtype, device=current_device())


def _has_type(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return hasattr(value, "dtype")


def pair(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Returns the two operands of an operator: tensors, or a tensor and a Python number, which has no type of its own.

    Args:
        x1: a tensor, array, list or number.
        x2: likewise.

    Example:
        >>> pair(torch.ones(2, dtype=torch.float16), 2.5)[1], pair(1, 2)[0].dtype
        (2.5, torch.int32)
    """
    if isinstance(x1, _Tensor):
        if isinstance(x2, _Tensor) or (isinstance(x2, (int, float)) and x1.dtype is not torch.bool):
            return x1, x2
        return x1, tensor(x2).to(
            x1.device
        )  # a number beside truth values has a type: int32, not torch's int64
    if isinstance(x2, _Tensor):
        return tensor(x1).to(x2.device), x2
    return tensor(x1), tensor(x2)


def together(*values: Any) -> tuple[torch.Tensor, ...]:
    """Returns values as tensors of one type, the least that holds them all.

    Args:
        *values: tensors, arrays, lists and numbers.

    Example:
        >>> [x.dtype for x in together(torch.ones(2), torch.ones(2, dtype=torch.int32))]
        [torch.float32, torch.float32]
    """
    kind = getattr(values[0], "dtype", None)
    for value in values:
        if not isinstance(value, _Tensor) or value.dtype is not kind:
            break
    else:
        return values
    tensors = [tensor(value) for value in values]
    dtype = functools.reduce(torch.promote_types, (x.dtype for x in tensors))
    return tuple(x.to(dtype) for x in tensors)


def like(value: Any, x: torch.Tensor) -> torch.Tensor:
    """Returns a value as a tensor of the type and on the device of another.

    Args:
        value: a tensor, array, list or number.
        x: the other tensor.

    Example:
        >>> like([1, 2], torch.ones(3, dtype=torch.float16)).dtype
        torch.float16
    """
    if isinstance(value, _Tensor) and value.dtype is x.dtype and value.device == x.device:
        return value
    return tensor(value).to(x)


def indices(value: Any, device: torch.device) -> torch.Tensor:
    """Returns a value as a tensor of int64, as torch wants places and labels, on a device.

    Args:
        value: a tensor, array, list or number.
        device: the device.

    Example:
        >>> indices([2, 0], torch.device("cpu")).dtype
        torch.int64
    """
    if isinstance(value, _Tensor) and value.dtype is torch.int64 and value.device == device:
        return value
    return tensor(value).to(device, torch.int64)


def floating(value: Any) -> Any:
    """Returns a value as a tensor of floating-point (or complex) numbers; integers take `floatx()`.

    Args:
        value: a tensor, array, list or number.

    Example:
        >>> floating([1, 2]).dtype, floating(torch.ones(2, dtype=torch.float16)).dtype
        (torch.float32, torch.float16)
    """
    x = value if isinstance(value, _Tensor) else tensor(value)
    return x if x.is_floating_point() or x.is_complex() else x.to(torch_dtype(floatx()))


def axes(axis: Any, rank: int) -> tuple[int, ...]:
    """Returns axes as non-negative integers in increasing order; None stands for all.

    Args:
        axis: an integer, a sequence of them, or None.
        rank: the number of axes that there are.

    Raises:
        InvalidArgumentError: when an axis is out of range or given twice.

    Example:
        >>> axes(-1, 3), axes((2, 0), 3), axes(None, 2)
        ((2,), (0, 2), (0, 1))
    """
    if isinstance(axis, int) and -rank <= axis < rank:
        return (axis % rank,)
    if axis is None:
        return tuple(range(rank))
    given = [axis] if isinstance(axis, int) else list(axis)
    if any(not -rank <= a < rank for a in given):
        raise InvalidArgumentError(f"axis {axis!r} is out of bounds for a tensor with {rank} axes.")
    found = sorted(a % rank for a in given)
    if len(set(found)) < len(found):
        raise InvalidArgumentError(f"An axis is given twice: axis={axis!r}.")
    return tuple(found)
