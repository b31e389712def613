"""The data types of `tf`: `tf.float32` and its kin."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor, operands, operation
from kerastorch.core.strings import STRING, StringTensor
from kerastorch.core.type_names import TypeFacts
from kerastorch.dtypes import TORCH_DTYPES, standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.core.conversion import saturated


class DType(TypeFacts):
    """A data type of `tf`, equal to the torch type, the NumPy type and the name that mean the same.

    Args:
        type_enum: the name of the type.

    Raises:
        InvalidArgumentError: when there is no such type.

    Example:
        >>> float32.name, float32 == torch.float32, float32 == "float32", float32.max > 1e38
        ('float32', True, True, True)

    Source: `tf.dtypes.DType`
    """

    def __init__(self, type_enum: str) -> None:
        self._name = standardize_dtype(type_enum)

    @property
    def name(self) -> str:
        """The name, such as `"float32"`."""
        return self._name

    @property
    def torch(self) -> torch.dtype:
        """The torch type."""
        return torch_dtype(self._name)

    @property
    def real_dtype(self) -> DType:
        """The type of the real part."""
        return {"complex64": float32, "complex128": float64}.get(self._name, self)

    def is_compatible_with(self, other: Any) -> bool:
        """Returns whether values of the two types are of one type.

        Args:
            other: anything that stands for a type.
        """
        return self == other

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DType):
            return self._name == other._name
        if other is None:
            return False
        try:
            return self._name == standardize_dtype(other)
        except InvalidArgumentError:
            return False

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"tf.{self._name}"

    def __str__(self) -> str:
        return f"<dtype: '{self._name}'>"

    def __reduce__(self) -> Any:
        return as_dtype, (self._name,)


_TYPES = {name: DType(name) for name in TORCH_DTYPES}
bool_ = _TYPES["bool"]
uint8, uint16, uint32, uint64 = (_TYPES[f"uint{bits}"] for bits in (8, 16, 32, 64))
int8, int16, int32, int64 = (_TYPES[f"int{bits}"] for bits in (8, 16, 32, 64))
bfloat16, float16, float32, float64 = (_TYPES[n] for n in ("bfloat16", "float16", "float32", "float64"))
complex64, complex128 = _TYPES["complex64"], _TYPES["complex128"]
string = STRING
half, double = float16, float64


def as_dtype(type_value: Any) -> Any:
    """Returns the `tf` type that a name, a torch type, a NumPy type or a Python type stands for.

    Args:
        type_value: anything that stands for a type.

    Raises:
        InvalidArgumentError: when it stands for none.

    Example:
        >>> as_dtype("float32"), as_dtype(torch.int64), as_dtype("uint8")
        (tf.float32, tf.int64, tf.uint8)

    Source: `tf.dtypes.as_dtype`
    """
    if type_value is float or type_value is int:  # Python's numbers are narrower in TensorFlow
        return float32 if type_value is float else int32
    name = standardize_dtype(type_value)
    return STRING if name == "string" else _TYPES[name]


@operation()
def cast(x: Any, dtype: Any) -> Any:
    """Returns a tensor with its values in another type; floats lose their fraction on the way to integers.

    Args:
        x: a tensor, array or number.
        dtype: the type of the result.

    Returns:
        A tensor of the shape of `x`, `x` itself where it has the type already.

    Raises:
        InvalidArgumentError: when text is to become numbers.

    Example:
        >>> cast([1.8, -1.8], int32).tolist()
        [1, -1]

    Source: `tf.cast`, `torch.Tensor.to`
    """
    x = as_tensor(x)
    if isinstance(x, StringTensor):
        raise InvalidArgumentError("tf.cast cannot turn text into numbers: use tf.strings.to_number.")
    wanted = torch_dtype(as_dtype(dtype).name)
    if x.is_complex() and not wanted.is_complex:
        x = x.real
    return x.to(wanted)


@operation("tf.dtypes")
def saturate_cast(value: Any, dtype: Any) -> Any:
    """Returns a tensor with its values in another type, cut off at the limits of that type.

    Args:
        value: a tensor, array or number.
        dtype: the type of the result.

    Example:
        >>> saturate_cast([-3.0, 300.0], uint8).tolist()
        [0, 255]

    Source: `tf.saturate_cast`
    """
    return saturated(as_tensor(value), as_dtype(dtype).torch)


@operation("tf.dtypes")
def complex(real: Any, imag: Any) -> Any:
    """Returns complex numbers made of their real and imaginary parts.

    Args:
        real: a float tensor.
        imag: a float tensor of the same shape.

    Example:
        >>> complex([1.0, 2.0], [3.0, 4.0]).tolist()
        [(1+3j), (2+4j)]

    Source: `tf.dtypes.complex`, `torch.complex`
    """
    real, imag = torch.broadcast_tensors(*operands(real, imag))
    return torch.complex(real, imag)


def __getattr__(name: str) -> Any:
    if name == "bool":
        return bool_
    raise missing("tf.dtypes", name)
