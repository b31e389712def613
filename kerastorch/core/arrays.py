"""Tensors and NumPy: the values of a tensor as an array, and what NumPy's functions make of tensors.

- The values are there for the asking, as in TensorFlow: `x.numpy()`, `np.asarray(x)`, of tensors that take part in
  gradients or lie on a GPU as well, where torch wants `x.detach().cpu()` first.
- Operators between arrays and tensors, and NumPy's element-wise functions, are torch's: `array - x`, `x * array` and
  `np.exp(x)` give tensors, on the device of `x`, and gradients flow through them. Types are torch's: float64 in an
  array of NumPy is float64 in the result.
- NumPy's other functions give arrays: `np.mean(x)`, `np.argmax(x, axis=-1)`, `np.concatenate([x, array])`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.config import floatx
from kerastorch.dtypes import torch_dtype

# Operators of arrays come to us as NumPy's functions. Numbers, which have no type, may stand on either side of them.
UFUNC_OPERATORS: dict[str, Callable] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "true_divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "matmul": operator.matmul,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}
_INT32 = range(-(2**31), 2**31)
_NUMBERS = (bool, int, float, complex, np.number, np.bool_)


def host_array(tensor: torch.Tensor) -> np.ndarray:
    """Returns a copy of a tensor as a NumPy array; NumPy has no bfloat16, so that this becomes float32.

    Example:
        >>> host_array(torch.ones(2, requires_grad=True))
        array([1., 1.], dtype=float32)
    """
    values = tensor.detach().cpu().resolve_conj().resolve_neg()
    return np.array((values.float() if values.dtype is torch.bfloat16 else values).numpy())


def as_tensor(value: Any, dtype: torch.dtype | None = None, device: Any = None) -> torch.Tensor:
    """Returns what `torch.as_tensor` does, for arrays too that torch refuses or warns of: reversed and read-only ones.

    Args:
        value: an array, a tensor, a number or a nested list of them.
        dtype: the type of the result; None keeps that of the value.
        device: the device of the result; None keeps that of the value.

    Example:
        >>> as_tensor(np.arange(3)[::-1]).tolist()
        [2, 1, 0]
    """
    # A compiler has arrays of its own, which do not tell.
    if isinstance(value, np.ndarray) and not torch.compiler.is_compiling() and _is_refused(value):
        value = value.copy(order="K")
    return torch.as_tensor(value, dtype=dtype, device=device)


def type_of_numbers(array: np.ndarray) -> torch.dtype | None:
    """Returns the type that Keras gives to Python's numbers: `floatx()`, int32 (int64 for large ones), or None.

    Args:
        array: what NumPy made of the numbers.

    Example:
        >>> type_of_numbers(np.array([1.5])), type_of_numbers(np.array(7)), type_of_numbers(np.array(2**40))
        (torch.float32, torch.int32, torch.int64)
    """
    if array.dtype.kind == "f":
        return torch_dtype(floatx())
    if array.dtype.kind in "iu":
        fits = not array.size or (int(array.min()) in _INT32 and int(array.max()) in _INT32)
        return torch.int32 if fits else torch.int64
    return torch.complex64 if array.dtype.kind == "c" else None


def _is_refused(array: np.ndarray) -> bool:
    return not array.flags.writeable or any(stride < 0 for stride in array.strides)


def as_array(tensor: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """Returns the values as a NumPy array: the `__array__` of tensors.

    Args:
        tensor: a tensor.
        dtype: the type of the array; None keeps the tensor's.
        copy: whether the array has memory of its own; None lets it share the tensor's where it can.
    """
    array = tensor.numpy()
    if dtype is not None:
        array = array.astype(dtype, copy=False)
    return array.copy() if copy else array


def apply_ufunc(tensor: torch.Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """Calls torch's function in the place of an element-wise one of NumPy: the `__array_ufunc__` of tensors.

    Args:
        tensor: the first tensor among the inputs.
        ufunc: the function of NumPy; one that torch lacks computes with the values.
        method: `"__call__"`, or another way of calling it, such as `"reduce"`, which computes with the values.
        *inputs: tensors, arrays and numbers.
        **kwargs: `out`, `where` and the like, with which NumPy computes with the values.
    """
    if not all(isinstance(x, (torch.Tensor, np.ndarray, list, tuple, *_NUMBERS)) for x in inputs):
        return NotImplemented
    name = ufunc.__name__
    function = UFUNC_OPERATORS.get(name) or getattr(torch, name, None)
    if function is None or method != "__call__" or kwargs:
        result = getattr(ufunc, method)(*map(_values, inputs), **tree.map_structure(_values, kwargs))
        return result if "out" in kwargs else tree.map_structure(torch.as_tensor, result)
    tensors = [_beside(tensor, x, keep=name in UFUNC_OPERATORS) for x in inputs]
    if name == "matmul":  # the one operator for which torch wants operands of one type
        dtype = torch.result_type(*tensors)
        tensors = [x.to(dtype) for x in tensors]
    return function(*tensors)


def apply_function(tensor: Any, func: Callable, types: Any, args: tuple, kwargs: dict) -> Any:
    """Calls a function of NumPy with arrays in the place of tensors: the `__array_function__` of tensors.

    Args:
        tensor: the first tensor among the arguments.
        func: the function.
        types: the types that may have a say; not used.
        args: its arguments.
        kwargs: its keyword arguments.
    """
    args, kwargs = tree.map_structure(_values, (args, kwargs))
    return func(*args, **kwargs)


def _values(x: Any) -> Any:
    return x.numpy() if isinstance(x, torch.Tensor) else x


def _beside(like: torch.Tensor, x: Any, keep: bool) -> Any:
    """An operand as a tensor on the device of another; numbers stay what they are where `keep` allows."""
    if isinstance(x, torch.Tensor):
        return x
    if isinstance(x, _NUMBERS):
        number = x.item() if isinstance(x, np.generic) else x
        return number if keep else torch.as_tensor(number)
    return as_tensor(np.asarray(x), device=like.device)
