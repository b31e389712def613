"""Names of data types as Keras writes them, and the torch types that they stand for."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.config import floatx
from kerastorch.errors import InvalidArgumentError, did_you_mean

TORCH_DTYPES: dict[str, torch.dtype] = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "uint16": torch.uint16,
    "uint32": torch.uint32,
    "uint64": torch.uint64,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
    "complex64": torch.complex64,
    "complex128": torch.complex128,
    "float8_e4m3fn": torch.float8_e4m3fn,
    "float8_e5m2": torch.float8_e5m2,
}
_FLOAT8 = {"float8_e4m3fn", "float8_e5m2"}
_NAMES = {dtype: name for name, dtype in TORCH_DTYPES.items()}
_PYTHON_TYPES = {bool: "bool", int: "int64", float: None, str: "string"}
_ALIASES = {"float": "float32", "double": "float64", "half": "float16", "int": "int64", "long": "int64"}


def standardize_dtype(dtype: Any) -> str:
    """Returns the name of a data type; None stands for `floatx()`.

    Args:
        dtype: a name, a torch or NumPy type, a Python type, or None.

    Raises:
        InvalidArgumentError: when it is no data type.

    Example:
        >>> standardize_dtype(torch.int32), standardize_dtype(np.float64), standardize_dtype(None)
        ('int32', 'float64', 'float32')
    """
    if dtype is None or dtype is float:
        return floatx()
    if isinstance(dtype, torch.dtype):
        return _NAMES.get(dtype, str(dtype).removeprefix("torch."))
    if isinstance(dtype, str):
        name = _ALIASES.get(dtype, dtype)
    elif isinstance(dtype, type) and dtype in _PYTHON_TYPES:
        name = _PYTHON_TYPES[dtype] or floatx()
    else:
        name = getattr(dtype, "name", None) or _numpy_name(dtype)
    if name in TORCH_DTYPES or name == "string":
        return name
    raise InvalidArgumentError(f"Invalid dtype: {dtype!r}.{did_you_mean(str(dtype), TORCH_DTYPES)}")


def _numpy_name(dtype: Any) -> str:
    try:
        return np.dtype(dtype).name
    except TypeError:
        return str(dtype)


def torch_dtype(dtype: Any) -> torch.dtype:
    """Returns the torch type for anything that `standardize_dtype` takes.

    Raises:
        InvalidArgumentError: when it is no data type, or torch has no such type.

    Example:
        >>> torch_dtype("float32")
        torch.float32
    """
    if type(dtype) is torch.dtype:
        return dtype
    name = dtype if type(dtype) is str and dtype in TORCH_DTYPES else standardize_dtype(dtype)
    if name not in TORCH_DTYPES:
        raise InvalidArgumentError(f"torch has no data type for {dtype!r}.")
    return TORCH_DTYPES[name]


def is_float(dtype: Any) -> bool:
    """Returns whether a data type is a floating-point type.

    Args:
        dtype: anything that `standardize_dtype` takes.

    Returns:
        True or False.

    Example:
        >>> is_float("bfloat16"), is_float(torch.int32)
        (True, False)

    Source: `keras.backend.is_float_dtype`.
    """
    return "float" in standardize_dtype(dtype)


def is_int(dtype: Any) -> bool:
    """Returns whether a data type is an integer type.

    Args:
        dtype: anything that `standardize_dtype` takes.

    Returns:
        True or False.

    Example:
        >>> is_int("uint8"), is_int(torch.float32)
        (True, False)

    Source: `keras.backend.is_int_dtype`.
    """
    return "int" in standardize_dtype(dtype)


def result_type(*dtypes: Any) -> str:
    """Returns the type that holds the results of operands of given types, never one of 64 bits.

    Args:
        *dtypes: data types; `int` and `float` stand for Python numbers, which take the size of the others, and None for
            `floatx()`. Without any the result is `floatx()`.

    Returns:
        The name of a type.

    Raises:
        InvalidArgumentError: when one of them is no data type of numbers, or one of 8-bit floating-point numbers.

    Example:
        >>> result_type("int64", "float16"), result_type("uint8", "int8"), result_type("bfloat16", float)
        ('float16', 'int16', 'bfloat16')

    Source: `keras.backend.result_type`, `jax.numpy.result_type`.
    """
    if not dtypes:
        return floatx()
    weak = {kind for kind in dtypes if kind is int or kind is float}
    names = {standardize_dtype(kind) for kind in dtypes if kind is not int and kind is not float}
    if names & _FLOAT8:
        raise InvalidArgumentError(
            "There is no implicit conversions from float8 dtypes to others: cast it yourself. "
            f"Received: dtypes={dtypes}."
        )
    if names == {"string"} and not weak:
        return "string"
    if "string" in names:
        raise InvalidArgumentError(f"Text and numbers have no common type. Received: dtypes={dtypes}.")
    found = (
        _held_by_complex(names) or _held_by_float(names, float in weak) or _held_by_int(names, int in weak)
    )
    return _NARROWED.get(found, found)


_NARROWED = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def _bits(names: set[str], prefix: str) -> int:
    """The size of the largest type whose name begins so; 0 where there is none."""
    return max([0, *(int(name.removeprefix(prefix)) for name in names if name.startswith(prefix))])


def _held_by_complex(names: set[str]) -> str | None:
    if not _bits(names, "complex"):
        return None
    return "complex128" if names & {"complex128", "float64"} else "complex64"


def _held_by_float(names: set[str], weak: bool) -> str | None:
    bits, has_bfloat = _bits(names, "float"), "bfloat16" in names
    if has_bfloat:
        return f"float{max(bits, 32)}" if bits else "bfloat16"
    if bits:
        return f"float{bits}"
    no_int_holds = _bits(names, "uint") == 64 and _bits(names, "int")
    return f"float{floatx()[-2:]}" if weak or no_int_holds else None


def _held_by_int(names: set[str], weak: bool) -> str:
    signed, unsigned = _bits(names, "int"), _bits(names, "uint")
    if signed and unsigned:
        return f"int{max(signed, 2 * unsigned)}"
    if signed or unsigned:
        return f"int{signed}" if signed else f"uint{unsigned}"
    return f"int{floatx()[-2:]}" if weak else "bool"
