"""Shapes as `tf` objects: `tf.TensorShape` and `tf.TensorSpec`."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from kerastorch.compat.tensorflow.dtypes import as_dtype, float32
from kerastorch.core.tensor_shape import Shape
from kerastorch.errors import ShapeError


class TensorShape(Shape):
    """A shape: a tuple of integers and None, with the methods of TensorFlow's.

    Args:
        dims: the sizes, one size, or None for a shape of which not even the number of axes is known.

    Raises:
        ShapeError: when a size is neither None nor an integer of zero or more.

    Example:
        >>> shape = TensorShape([None, 28, 28])
        >>> shape, shape.as_list(), shape.rank, shape[1:].num_elements(), shape == (None, 28, 28)
        (TensorShape([None, 28, 28]), [None, 28, 28], 3, 784, True)

    Source: `tf.TensorShape`
    """

    _known: bool

    def __new__(cls, dims: Any = None) -> TensorShape:
        sizes = dims if isinstance(dims, Sequence) or hasattr(dims, "__iter__") else (dims,)
        shape = super().__new__(cls, () if dims is None else [_size(size) for size in sizes])
        shape._known = dims is not None and getattr(dims, "_known", True)
        return shape

    @property
    def rank(self) -> int | None:
        """The number of axes, None where it is unknown."""
        return len(self) if self._known else None

    def __eq__(self, other: object) -> bool:
        return self._known and super().__eq__(other)

    __hash__ = Shape.__hash__

    def __repr__(self) -> str:
        return f"TensorShape({self.dims})"

    def __str__(self) -> str:
        return str(tuple(self)) if self._known else "<unknown>"

    def __reduce__(self) -> Any:
        return TensorShape, (self.dims,)


def _size(size: Any) -> int | None:
    """One size as an integer or None."""
    size = getattr(size, "value", size)  # TensorFlow 1 wrapped sizes
    try:
        number = None if size is None else operator.index(size)
    except TypeError:
        number = -1
    if number is not None and number < 0:
        raise ShapeError(f"A size in a shape is None or an integer of zero or more. Received: {size!r}.")
    return number


class TensorSpec:
    """The shape and type that a tensor must have.

    Args:
        shape: the sizes, None for any size; None in place of all allows any shape.
        dtype: the data type. Default: float32.
        name: a name.

    Raises:
        ShapeError: when `shape` is none.

    Example:
        >>> TensorSpec([None, 3], "int32")
        TensorSpec(shape=(None, 3), dtype=tf.int32, name=None)

    Source: `tf.TensorSpec`
    """

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None) -> None:
        self.shape, self.dtype, self.name = TensorShape(shape), as_dtype(dtype), name

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """Returns the specification that exactly one tensor's shape and type meet.

        Args:
            tensor: a tensor.
            name: a name.
        """
        return cls(tuple(tensor.shape), tensor.dtype, name)

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """Returns a copy of a specification.

        Args:
            spec: anything with a shape and a type.
            name: the name of the copy; None keeps it.
        """
        return cls(spec.shape, spec.dtype, name or spec.name)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Returns whether a tensor, or another specification, meets this one.

        Args:
            spec_or_value: a tensor or a specification.
        """
        return self.dtype == spec_or_value.dtype and self.shape.is_compatible_with(
            tuple(spec_or_value.shape)
            if not isinstance(spec_or_value.shape, TensorShape)
            else spec_or_value.shape
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple:
        return str(self.shape), self.dtype, self.name

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"
