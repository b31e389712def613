"""`tf.sets`: rows taken as sets of numbers."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor
from kerastorch.compat.tensorflow.sparse import SparseTensor, to_dense

__all__ = ["difference", "intersection", "size", "union"]


def _rows(a: Any) -> list[set]:
    tensor = to_dense(a) if isinstance(a, SparseTensor) else as_tensor(a)
    return [set(row) for row in tensor.reshape(-1, tensor.shape[-1]).tolist()]


def _sparse(rows: list[set], like: Any) -> SparseTensor:
    """Sorted rows as a sparse tensor, as TensorFlow gives sets."""
    places = [[i, j] for i, row in enumerate(rows) for j in range(len(row))]
    values = [value for row in rows for value in sorted(row)]
    tensor = torch.tensor(values, dtype=getattr(like, "dtype", None))
    width = max((len(row) for row in rows), default=0)
    return SparseTensor(torch.tensor(places).reshape(-1, 2), tensor, [len(rows), width])


def intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """Returns what the rows of both have, for each row.

    Args:
        a: numbers, (rows, numbers).
        b: numbers, with as many rows.
        validate_indices: whether TensorFlow checks the order of places; without meaning here.

    Example:
        >>> intersection([[1, 2, 3]], [[2, 3, 4]]).values.tolist()
        [2, 3]

    Source: `tf.sets.intersection`
    """
    return _sparse([x & y for x, y in zip(_rows(a), _rows(b), strict=True)], as_tensor(_values(a)))


def union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """Returns what the rows of one or both have, for each row.

    Args:
        a: numbers, (rows, numbers).
        b: numbers, with as many rows.
        validate_indices: whether TensorFlow checks the order of places; without meaning here.

    Example:
        >>> union([[1, 2]], [[2, 4]]).values.tolist()
        [1, 2, 4]

    Source: `tf.sets.union`
    """
    return _sparse([x | y for x, y in zip(_rows(a), _rows(b), strict=True)], as_tensor(_values(a)))


def difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """Returns what the rows of one have and those of the other have not, for each row.

    Args:
        a: numbers, (rows, numbers).
        b: numbers, with as many rows.
        aminusb: whether to take those of `a`; else those of `b`. Default: True.
        validate_indices: whether TensorFlow checks the order of places; without meaning here.

    Example:
        >>> difference([[1, 2]], [[2, 4]]).values.tolist()
        [1]

    Source: `tf.sets.difference`
    """
    first, second = (a, b) if aminusb else (b, a)
    return _sparse([x - y for x, y in zip(_rows(first), _rows(second), strict=True)], as_tensor(_values(a)))


def size(a: Any, validate_indices: bool = True) -> torch.Tensor:
    """Returns how many different numbers each row has.

    Args:
        a: a sparse tensor, or numbers (rows, numbers).
        validate_indices: whether TensorFlow checks the order of places; without meaning here.

    Example:
        >>> size(SparseTensor([[0, 0], [0, 1], [1, 0]], [1, 2, 3], [2, 2])).tolist()
        [2, 1]

    Source: `tf.sets.size`
    """
    if isinstance(a, SparseTensor):
        rows = a.indices[:, 0]
        pairs = torch.unique(torch.stack([rows, a.values.to(torch.int64)], 1), dim=0)
        return torch.bincount(pairs[:, 0], minlength=int(a.dense_shape[0])).to(torch.int32)
    return torch.tensor([len(row) for row in _rows(a)], dtype=torch.int32)


def _values(a: Any) -> Any:
    return a.values if isinstance(a, SparseTensor) else a


def __getattr__(name: str) -> Any:
    raise missing("tf.sets", name)
