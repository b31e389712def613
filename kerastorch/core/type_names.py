"""What scripts ask of a data type: `dtype.name`, `dtype.is_floating`, `dtype.as_numpy_dtype` ..."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import InvalidArgumentError


class TypeFacts:
    """The properties of TensorFlow's data types; `core.tensors` gives them to torch's own.

    Source: `tf.dtypes.DType`.
    """

    @property
    def name(self) -> str:
        """The name, such as `"float32"`."""
        return standardize_dtype(self)

    @property
    def as_numpy_dtype(self) -> Any:
        """The NumPy type; NumPy has no bfloat16, for which float32 stands."""
        if self.name == "string":
            return object
        return np.dtype("float32" if self.name == "bfloat16" else self.name).type

    @property
    def base_dtype(self) -> Any:
        """The type itself."""
        return self

    @property
    def is_floating(self) -> bool:
        """Whether it is a floating-point type."""
        return "float" in self.name

    @property
    def is_integer(self) -> bool:
        """Whether it is an integer type."""
        return "int" in self.name

    @property
    def is_unsigned(self) -> bool:
        """Whether it is an unsigned integer type."""
        return self.name.startswith("uint")

    @property
    def is_complex(self) -> bool:
        """Whether it is a complex type."""
        return "complex" in self.name

    @property
    def is_bool(self) -> bool:
        """Whether it is the type of truth values."""
        return self.name == "bool"

    @property
    def is_numpy_compatible(self) -> bool:
        """Whether NumPy has the type."""
        return self.name != "bfloat16"

    @property
    def size(self) -> int:
        """The bytes of one element."""
        return 1 if self.name == "string" else torch_dtype(self.name).itemsize

    @property
    def limits(self) -> tuple[Any, Any]:
        """The smallest and the largest value."""
        if self.is_bool:
            return False, True
        if not (self.is_floating or self.is_integer):
            raise InvalidArgumentError(f"The type {self.name} has no smallest and largest value.")
        kind = torch_dtype(self.name)
        info = torch.finfo(kind) if self.is_floating else torch.iinfo(kind)
        return info.min, info.max

    @property
    def min(self) -> Any:
        """The smallest value."""
        return self.limits[0]

    @property
    def max(self) -> Any:
        """The largest value."""
        return self.limits[1]


class TypeName(str, TypeFacts):
    """The name of a data type, which is what the `dtype` of a symbolic tensor is.

    Args:
        name: the name.

    Example:
        >>> dtype = TypeName("float32")
        >>> dtype, dtype == "float32", dtype.name, dtype.is_floating
        ('float32', True, 'float32', True)

    Source: `keras.KerasTensor`, `tf.dtypes.DType`.
    """

    @property
    def name(self) -> str:
        """The name as a plain string."""
        return str.__str__(self)
