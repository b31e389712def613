"""What the elements of a dataset look like: shapes, types and counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.strings import STRING, StringTensor
from kerastorch.dtypes import standardize_dtype, torch_dtype
from kerastorch.errors import DataError

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


class TensorSpec:
    """The shape and type of a tensor.

    Args:
        shape: the lengths of the axes, None for one that varies; None where not even their number is known.
        dtype: a type, or its name. Default: float32.
        name: a name, kept only.

    Raises:
        InvalidArgumentError: when `dtype` is no data type.

    Example:
        >>> TensorSpec([None, 3], "int32")
        TensorSpec(shape=(None, 3), dtype=int32, name=None)
        >>> TensorSpec([None, 3], "int32").is_compatible_with(torch.zeros(2, 3, dtype=torch.int32))
        True

    Source: `tf.TensorSpec`
    """

    def __init__(
        self, shape: Iterable[int | None] | None = None, dtype: Any = "float32", name: str | None = None
    ) -> None:
        self.shape = None if shape is None else tuple(None if n is None or n == -1 else int(n) for n in shape)
        self.dtype: Any = STRING if standardize_dtype(dtype) == "string" else torch_dtype(dtype)
        self.name = name

    def is_compatible_with(self, other: Any) -> bool:
        """Returns whether a tensor, or every tensor of another spec, fits this one.

        Args:
            other: a tensor or a `TensorSpec`.
        """
        if self.dtype != other.dtype or self.shape is None:
            return bool(self.dtype == other.dtype)
        shape = other.shape
        if shape is None or len(shape) != len(self.shape):
            return shape is None
        return all(a is None or b is None or a == b for a, b in zip(self.shape, shape, strict=True))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorSpec):
            return NotImplemented
        return self.shape == other.shape and bool(self.dtype == other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, str(self.dtype)))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={standardize_dtype(self.dtype)}, name={self.name!r})"


def spec_of(element: Any) -> Any:
    """Returns the structure of `TensorSpec`s of an element; what is no tensor stays as it is.

    Args:
        element: nested tensors and string tensors.

    Example:
        >>> spec_of((torch.zeros(2), None))
        (TensorSpec(shape=(2,), dtype=float32, name=None), None)
    """

    def of_leaf(leaf: Any) -> Any:
        if isinstance(leaf, (torch.Tensor, StringTensor)):
            return TensorSpec(leaf.shape, leaf.dtype)
        return getattr(leaf, "dataset_spec", leaf)

    return tree.map_structure(of_leaf, element)


def with_axis(spec: Any, length: int | None) -> Any:
    """Returns specs with a further first axis, as batching adds one.

    Args:
        spec: nested specs.
        length: the length of the new axis, None where it varies.
    """

    def grown(leaf: Any) -> Any:
        if not isinstance(leaf, TensorSpec) or leaf.shape is None:
            return leaf
        return TensorSpec((length, *leaf.shape), leaf.dtype)

    return tree.map_structure(grown, spec)


def without_axis(spec: Any) -> Any:
    """Returns specs without their first axis.

    Args:
        spec: nested specs.

    Raises:
        DataError: when one of them is a scalar.
    """

    def row(leaf: Any) -> Any:
        if not isinstance(leaf, TensorSpec) or leaf.shape is None:
            return leaf
        if not leaf.shape:
            raise DataError("Cannot unbatch an input with scalar components. Batch the dataset first.")
        return TensorSpec(leaf.shape[1:], leaf.dtype)

    return tree.map_structure(row, spec)


def merged(first: Any, second: Any) -> Any:
    """Returns the narrowest specs that fit both of two structures.

    Args:
        first: nested specs.
        second: nested specs of the same structure.

    Raises:
        DataError: when structures or types differ.
    """

    def common(a: Any, b: Any) -> Any:
        if not isinstance(a, TensorSpec) or not isinstance(b, TensorSpec):
            if type(a) is not type(b):
                raise DataError(f"The datasets have elements of different structures: {first} and {second}.")
            return a
        if a.dtype != b.dtype:
            raise DataError(f"The datasets have elements of different types: {first} and {second}.")
        if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
            return TensorSpec(None, a.dtype)
        shape = (m if m == n else None for m, n in zip(a.shape, b.shape, strict=True))
        return TensorSpec(shape, a.dtype)

    return tree.map_structure(common, first, second)


def capped(count: int, limit: int) -> int:
    """Returns how many elements at most `limit` of `count` are; counts may be the constants above."""
    if limit == INFINITE_CARDINALITY or count == UNKNOWN_CARDINALITY:
        return count
    return limit if count == INFINITE_CARDINALITY else min(count, limit)
