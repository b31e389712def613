"""Shapes as `tf` objects: `tf.TensorShape` and `tf.TensorSpec`."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from kerastorch.compat.tensorflow.dtypes import as_dtype, float32
from kerastorch.errors import ShapeError


class TensorShape(tuple):
    """A shape: a tuple of integers and None, with the methods of TensorFlow's.

    Args:
        dims: the sizes, one size, or None for a shape of which not even the number of axes is known.

    Raises:
        ShapeError: when a size is neither None nor an integer of zero or more.

    Example:
        >>> shape = TensorShape([None, 28, 28])
        >>> shape.as_list(), shape.rank, shape[1:].num_elements(), shape == (None, 28, 28)
        ([None, 28, 28], 3, 784, True)

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

    @property
    def ndims(self) -> int | None:
        """The number of axes, None where it is unknown."""
        return self.rank

    @property
    def dims(self) -> list[int | None] | None:
        """The sizes, None where not even their number is known."""
        return list(self) if self._known else None

    def as_list(self) -> list[int | None]:
        """Returns the sizes as a list.

        Raises:
            ShapeError: when the number of axes is unknown.
        """
        if not self._known:
            raise ShapeError("as_list() is not defined on a TensorShape of unknown rank.")
        return list(self)

    def num_elements(self) -> int | None:
        """Returns the product of the sizes, None where one of them is unknown."""
        if not self.is_fully_defined():
            return None
        count = 1
        for size in self:
            count *= size
        return count

    def is_fully_defined(self) -> bool:
        """Returns whether every size is known."""
        return self._known and None not in self

    def is_compatible_with(self, other: Any) -> bool:
        """Returns whether a tensor could have both shapes.

        Args:
            other: a shape.
        """
        other = TensorShape(other)
        if not (self._known and other._known):
            return True
        return len(self) == len(other) and all(
            a is None or b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        """Checks that a tensor could have both shapes.

        Args:
            other: a shape.

        Raises:
            ShapeError: when none could.
        """
        if not self.is_compatible_with(other):
            raise ShapeError(f"Shapes {self} and {TensorShape(other)} are incompatible.")

    def merge_with(self, other: Any) -> TensorShape:
        """Returns the shape with what is known of either.

        Args:
            other: a shape.

        Raises:
            ShapeError: when no tensor could have both shapes.
        """
        self.assert_is_compatible_with(other)
        other = TensorShape(other)
        if not (self._known and other._known):
            return self if self._known else other
        return TensorShape([b if a is None else a for a, b in zip(self, other, strict=True)])

    def concatenate(self, other: Any) -> TensorShape:
        """Returns the axes of this shape followed by those of another.

        Args:
            other: a shape.
        """
        return TensorShape([*self, *TensorShape(other)])

    def with_rank(self, rank: int) -> TensorShape:
        """Returns the shape, checked to have so many axes.

        Args:
            rank: the number of axes.

        Raises:
            ShapeError: when it has another number.
        """
        return self.merge_with([None] * rank)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return TensorShape(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        return self._known and tuple(self) == (tuple(other) if isinstance(other, (list, tuple)) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"TensorShape({list(self) if self._known else None})"

    def __str__(self) -> str:
        return str(tuple(self)) if self._known else "<unknown>"

    def __reduce__(self) -> Any:
        return TensorShape, (list(self) if self._known else None,)


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
