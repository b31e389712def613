"""Products of matrices and tensors."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.dtypes import as_dtype
from kerastorch.compat.tensorflow.operation import as_tensor, integers, operands, operation
from kerastorch.compat.tensorflow.pointwise import unary
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError


def _turned(x: torch.Tensor, transpose: bool, adjoint: bool) -> torch.Tensor:
    return x.mH if adjoint else x.mT if transpose else x


@operation("tf.linalg")
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
) -> Any:
    """Returns the product of matrices, or of batches of them.

    Args:
        a: the left matrices, (..., M, K).
        b: the right matrices, (..., K, N).
        transpose_a: whether to transpose `a` first.
        transpose_b: whether to transpose `b` first.
        adjoint_a: whether to conjugate and transpose `a` first.
        adjoint_b: whether to conjugate and transpose `b` first.
        a_is_sparse: a hint for TensorFlow, without meaning here.
        b_is_sparse: a hint for TensorFlow, without meaning here.
        output_type: the type of the result; None takes that of the matrices.
        grad_a: for TensorFlow's own gradients, without meaning here.
        grad_b: for TensorFlow's own gradients, without meaning here.

    Returns:
        The products, (..., M, N).

    Raises:
        InvalidArgumentError: when a matrix is to be both transposed and conjugated, or has fewer than two axes.

    Example:
        >>> matmul([[1, 2]], [[3, 4]], transpose_b=True).tolist()
        [[11]]

    Source: `tf.linalg.matmul`, `torch.matmul`
    """
    if (transpose_a and adjoint_a) or (transpose_b and adjoint_b):
        raise InvalidArgumentError(
            "tf.matmul: only one of `transpose` and `adjoint` can be True for a matrix."
        )
    a, b = operands(a, b)
    if a.ndim < 2 or b.ndim < 2:
        raise InvalidArgumentError(
            "tf.matmul multiplies matrices; use tf.linalg.matvec or tf.tensordot for vectors. "
            f"Received: shapes {tuple(a.shape)} and {tuple(b.shape)}."
        )
    product = torch.matmul(_turned(a, transpose_a, adjoint_a), _turned(b, transpose_b, adjoint_b))
    return product if output_type is None else product.to(torch_dtype(as_dtype(output_type).name))


@operation("tf.linalg")
def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False) -> Any:
    """Returns the product of matrices with vectors.

    Args:
        a: the matrices, (..., M, N).
        b: the vectors, (..., N).
        transpose_a: whether to transpose `a` first.
        adjoint_a: whether to conjugate and transpose `a` first.

    Example:
        >>> matvec([[1, 2], [3, 4]], [1, 1]).tolist()
        [3, 7]

    Source: `tf.linalg.matvec`
    """
    a, b = operands(a, b)
    return torch.matmul(_turned(a, transpose_a, adjoint_a), b.unsqueeze(-1)).squeeze(-1)


@operation("tf.linalg")
def tensordot(a: Any, b: Any, axes: Any) -> Any:
    """Returns the sum over shared axes of the products of two tensors.

    Args:
        a: the first tensor.
        b: the second tensor.
        axes: how many last axes of `a` and first axes of `b` are shared, or two lists of axes.

    Example:
        >>> tensordot([[1, 2], [3, 4]], [1, 1], axes=1).tolist()
        [3, 7]

    Source: `tf.tensordot`, `torch.tensordot`
    """
    a, b = operands(a, b)
    if isinstance(axes, int):
        return torch.tensordot(a, b, axes)
    first, second = axes
    return torch.tensordot(a, b, (integers(first), integers(second)))


@operation("tf.linalg")
def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """Returns the sums of products that an equation describes.

    Args:
        equation: such as `"ij,jk->ik"`.
        *inputs: the tensors.
        **kwargs: `optimize` chooses how TensorFlow orders the products; without meaning here.

    Raises:
        InvalidArgumentError: when another keyword is given.

    Example:
        >>> einsum("ij,jk->ik", [[1, 2]], [[3], [4]]).tolist()
        [[11]]

    Source: `tf.einsum`, `torch.einsum`
    """
    kwargs.pop("optimize", None)
    if kwargs:
        raise InvalidArgumentError(f"tf.einsum takes `optimize` and `name` only. Received: {sorted(kwargs)}.")
    return torch.einsum(equation, *operands(*inputs))


@operation("tf.linalg")
def cross(a: Any, b: Any) -> Any:
    """Returns the cross products of vectors of length three.

    Args:
        a: vectors along the last axis.
        b: vectors along the last axis.

    Example:
        >>> cross([1, 0, 0], [0, 1, 0]).tolist()
        [0, 0, 1]

    Source: `tf.linalg.cross`, `torch.linalg.cross`
    """
    return torch.linalg.cross(*operands(a, b), dim=-1)


@operation("tf.linalg")
def matrix_transpose(a: Any, conjugate: bool = False) -> Any:
    """Returns matrices with rows and columns exchanged.

    Args:
        a: the matrices, (..., M, N).
        conjugate: whether complex numbers are conjugated. Default: False.

    Example:
        >>> matrix_transpose([[1, 2], [3, 4]]).tolist()
        [[1, 3], [2, 4]]

    Source: `tf.linalg.matrix_transpose`
    """
    return _turned(as_tensor(a), not conjugate, conjugate)


adjoint = unary(
    "adjoint",
    lambda x: x.mH,
    "the conjugated and transposed matrix",
    [[1, 2], [3, 4]],
    [[1, 3], [2, 4]],
    "tf.linalg",
    argument="matrix",
)
trace = unary(
    "trace",
    lambda x: torch.diagonal(x, dim1=-2, dim2=-1).sum(-1).to(x.dtype),
    "the sum of the diagonal",
    [[1, 2], [3, 4]],
    5,
    "tf.linalg",
)
