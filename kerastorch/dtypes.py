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
}
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
    name = standardize_dtype(dtype)
    if name not in TORCH_DTYPES:
        raise InvalidArgumentError(f"torch has no data type for {dtype!r}.")
    return TORCH_DTYPES[name]


def is_float(dtype: Any) -> bool:
    """Returns whether a data type is a floating-point type."""
    return "float" in standardize_dtype(dtype)
