"""The shape of a tensor: a tuple that knows what TensorFlow's shapes know.

Symbolic tensors have such a shape; torch's own `torch.Size` gets the same methods in `core.tensors`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from kerastorch.errors import ShapeError


class Shape(tuple):
    """A tuple of sizes, None where a size is unknown.

    Args:
        sizes: integers and None.

    Example:
        >>> shape = Shape([None, 28, 28])
        >>> shape, shape == (None, 28, 28), shape.as_list(), shape[1:].num_elements(), shape.rank
        ((None, 28, 28), True, [None, 28, 28], 784, 3)

    Source: `tf.TensorShape`, `torch.Size`.
    """

    @property
    def rank(self) -> int | None:
        """The number of axes, None where it is unknown."""
        return len(self)

    @property
    def ndims(self) -> int | None:
        """The number of axes, None where it is unknown."""
        return self.rank

    @property
    def dims(self) -> list[int | None] | None:
        """The sizes, None where not even their number is known."""
        return None if self.rank is None else list(self)

    def as_list(self) -> list[int | None]:
        """Returns the sizes as a list.

        Raises:
            ShapeError: when the number of axes is unknown.
        """
        if self.rank is None:
            raise ShapeError("as_list() is not defined on a shape of unknown rank.")
        return list(self)

    def num_elements(self) -> int | None:
        """Returns the product of the sizes, None where one of them is unknown."""
        return math.prod(self) if self.is_fully_defined() else None

    def is_fully_defined(self) -> bool:
        """Returns whether every size is known."""
        return self.rank is not None and None not in self

    def is_compatible_with(self, other: Any) -> bool:
        """Returns whether a tensor could have both shapes.

        Args:
            other: a shape; None allows any.
        """
        if self.rank is None or _is_unknown(other):
            return True
        return len(self) == len(other) and all(
            a is None or b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        """Checks that a tensor could have both shapes.

        Args:
            other: a shape; None allows any.

        Raises:
            ShapeError: when none could.
        """
        if not self.is_compatible_with(other):
            raise ShapeError(f"Shapes {tuple(self)} and {tuple(other)} are incompatible.")

    def merge_with(self, other: Any) -> Any:
        """Returns the shape with what is known of either.

        Args:
            other: a shape; None stands for one of which nothing is known.

        Raises:
            ShapeError: when no tensor could have both shapes.
        """
        self.assert_is_compatible_with(other)
        if _is_unknown(other):
            return self
        if self.rank is None:
            return _like(self, other)
        return _like(self, [b if a is None else a for a, b in zip(self, other, strict=True)])

    def concatenate(self, other: Any) -> Any:
        """Returns the axes of this shape followed by those of another.

        Args:
            other: a shape.
        """
        return _like(self, [*self, *other])

    def with_rank(self, rank: int) -> Any:
        """Returns the shape, checked to have so many axes.

        Args:
            rank: the number of axes.

        Raises:
            ShapeError: when it has another number.
        """
        return self.merge_with([None] * rank)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return type(self)(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Any:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> Any:
        return type(self)(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, (list, tuple)) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self))


def _is_unknown(shape: Any) -> bool:
    return shape is None or (isinstance(shape, Shape) and shape.rank is None)


def _like(shape: Any, sizes: Sequence[int | None]) -> Any:
    """Sizes as a shape of the same kind; one of torch's, which cannot hold None, gives a `Shape`."""
    return (type(shape) if isinstance(shape, Shape) else Shape)(sizes)
