"""`tf.sparse` and `tf.SparseTensor`: the few elements that are not zero."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.operation import as_tensor, integers, operands
from kerastorch.compat.tensorflow.shapes import TensorShape

__all__ = ["SparseTensor", "from_dense", "reorder", "sparse_dense_matmul", "to_dense"]


class SparseTensor:
    """A tensor by the places and the values of its elements that are not zero.

    Args:
        indices: the places, a row of coordinates for each value.
        values: the values.
        dense_shape: the shape of the whole.

    Example:
        >>> to_dense(SparseTensor([[0, 0], [1, 2]], [1, 2], [2, 3])).tolist()
        [[1, 0, 0], [0, 0, 2]]

    Source: `tf.SparseTensor`, `torch.sparse_coo_tensor`
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self.indices = as_tensor(indices).to(torch.int64)
        self.values = as_tensor(values)
        self.dense_shape = torch.tensor(integers(dense_shape), dtype=torch.int64)

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole."""
        return TensorShape(self.dense_shape.tolist())

    @property
    def dtype(self) -> torch.dtype:
        """The type of the values."""
        return self.values.dtype

    def torch(self) -> torch.Tensor:
        """Returns a sparse torch tensor."""
        return torch.sparse_coo_tensor(
            self.indices.T, self.values, self.dense_shape.tolist(), check_invariants=True
        )

    def __repr__(self) -> str:
        places, values = self.indices.tolist(), self.values.tolist()
        return f"SparseTensor(indices={places}, values={values}, dense_shape={self.dense_shape.tolist()})"


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """Returns the elements that are not zero.

    Args:
        tensor: a tensor.
        name: a name, without meaning here.

    Example:
        >>> from_dense([[0, 5]])
        SparseTensor(indices=[[0, 1]], values=[5], dense_shape=[1, 2])

    Source: `tf.sparse.from_dense`
    """
    tensor = as_tensor(tensor)
    places = torch.nonzero(tensor)
    return SparseTensor(places, tensor[places.unbind(1)], tensor.shape)


def to_dense(
    sp_input: SparseTensor, default_value: Any = None, validate_indices: bool = True, name: str | None = None
) -> torch.Tensor:
    """Returns the whole tensor.

    Args:
        sp_input: the sparse tensor.
        default_value: what stands elsewhere. Default: zero.
        validate_indices: whether TensorFlow checks the order of the places; without meaning here.
        name: a name, without meaning here.

    Example:
        >>> to_dense(SparseTensor([[1]], [7], [3]), default_value=-1).tolist()
        [-1, 7, -1]

    Source: `tf.sparse.to_dense`
    """
    filled = 0 if default_value is None else as_tensor(default_value).item()
    whole = sp_input.values.new_full(sp_input.dense_shape.tolist(), filled)
    return whole.index_put(sp_input.indices.unbind(1), sp_input.values)


def sparse_dense_matmul(
    sp_a: SparseTensor, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> torch.Tensor:
    """Returns the product of a sparse matrix and a dense one.

    Args:
        sp_a: the sparse matrix.
        b: the dense matrix.
        adjoint_a: whether to conjugate and transpose `sp_a` first.
        adjoint_b: whether to conjugate and transpose `b` first.
        name: a name, without meaning here.

    Example:
        >>> sparse_dense_matmul(SparseTensor([[0, 1]], [2.0], [1, 2]), [[1.0], [3.0]]).tolist()
        [[6.0]]

    Source: `tf.sparse.sparse_dense_matmul`, `torch.sparse.mm`
    """
    values, right = operands(sp_a.values, b)
    left = SparseTensor(sp_a.indices, values, sp_a.dense_shape).torch()
    left = left.mH if adjoint_a else left
    return torch.sparse.mm(left, right.mH if adjoint_b else right)


def reorder(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """Returns a sparse tensor with its elements in the order of their places.

    Args:
        sp_input: the sparse tensor.
        name: a name, without meaning here.

    Example:
        >>> reorder(SparseTensor([[1], [0]], [5, 6], [2])).values.tolist()
        [6, 5]

    Source: `tf.sparse.reorder`
    """
    flat = torch.zeros(len(sp_input.values), dtype=torch.int64, device=sp_input.indices.device)
    for axis, size in enumerate(sp_input.dense_shape.tolist()):
        flat = flat * size + sp_input.indices[:, axis]
    order = torch.argsort(flat)
    return SparseTensor(sp_input.indices[order], sp_input.values[order], sp_input.dense_shape)


def __getattr__(name: str) -> Any:
    raise missing("tf.sparse", name)
