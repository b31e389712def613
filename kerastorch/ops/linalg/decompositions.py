"""Matrices as products of simpler ones."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.shapes import one_is_open, with_unknown_size
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import floating, op


@op("keras.ops.linalg")
def cholesky(x: Any, upper: bool = False) -> Any:
    """Returns the triangular matrix whose product with its transpose is the matrix.

    Args:
        x: symmetric positive-definite matrices, (..., m, m).
        upper: whether the upper triangle is given in place of the lower one. Default: False.

    Returns:
        Matrices, (..., m, m).

    Example:
        >>> cholesky([[4.0, 0.0], [0.0, 9.0]]).tolist()
        [[2.0, 0.0], [0.0, 3.0]]

    Source: `keras.ops.cholesky`, `torch.linalg.cholesky`.
    """
    return torch.linalg.cholesky(floating(x), upper=upper)


@op("keras.ops.linalg")
def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """Returns the inverse of the matrix of which a triangle is given, as `cholesky` returns it.

    Args:
        x: triangular matrices, (..., m, m).
        upper: whether they are upper triangles. Default: False.

    Returns:
        Matrices, (..., m, m).

    Example:
        >>> cholesky_inverse([[2.0]]).tolist()
        [[0.25]]

    Source: `keras.ops.cholesky_inverse`, `torch.cholesky_inverse`.
    """
    return torch.cholesky_inverse(floating(x), upper=upper)


@op("keras.ops.linalg")
def eig(x: Any) -> tuple[Any, Any]:
    """Returns the eigenvalues and eigenvectors of square matrices, complex numbers.

    Args:
        x: matrices, (..., m, m).

    Returns:
        A tuple of the values, (..., m), and the vectors, the columns of (..., m, m).

    Example:
        >>> eig([[2.0, 0.0], [0.0, 3.0]])[0].tolist()
        [(2+0j), (3+0j)]

    Source: `keras.ops.eig`, `torch.linalg.eig`.
    """
    return torch.linalg.eig(floating(x))


@op("keras.ops.linalg")
def eigh(x: Any) -> tuple[Any, Any]:
    """Returns the eigenvalues, in ascending order, and eigenvectors of symmetric matrices.

    Args:
        x: symmetric matrices, (..., m, m).

    Returns:
        A tuple of the values, (..., m), and the vectors, the columns of (..., m, m).

    Example:
        >>> eigh([[3.0, 0.0], [0.0, 2.0]])[0].tolist()
        [2.0, 3.0]

    Source: `keras.ops.eigh`, `torch.linalg.eigh`.
    """
    return torch.linalg.eigh(floating(x))


@op("keras.ops.linalg")
def lu_factor(x: Any) -> tuple[Any, Any]:
    """Returns a lower and an upper triangle whose product is the matrix with its rows exchanged.

    Args:
        x: matrices, (..., m, n).

    Returns:
        A tuple of both triangles in one matrix, (..., m, n), and for each row that with which it was exchanged,
        counted from zero.

    Example:
        >>> [part.tolist() for part in lu_factor([[1.0, 2.0], [2.0, 6.0]])]
        [[[2.0, 6.0], [0.5, -1.0]], [1, 1]]

    Source: `keras.ops.lu_factor`, `torch.linalg.lu_factor`.
    """
    triangles, pivots = torch.linalg.lu_factor(floating(x))
    return triangles, pivots - 1


@op("keras.ops.linalg")
def qr(x: Any, mode: str = "reduced") -> tuple[Any, Any]:
    """Returns an orthogonal matrix and an upper triangle whose product is the matrix.

    Args:
        x: matrices, (..., m, n).
        mode: `"reduced"` gives (..., m, k) and (..., k, n), k being the lesser of m and n; `"complete"` gives
            (..., m, m) and (..., m, n).

    Returns:
        A tuple of two tensors.

    Raises:
        InvalidArgumentError: for another mode.

    Example:
        >>> [tuple(part.shape) for part in qr(torch.ones(3, 2))]
        [(3, 2), (2, 2)]

    Source: `keras.ops.qr`, `torch.linalg.qr`.
    """
    if mode not in ("reduced", "complete"):
        raise InvalidArgumentError(
            f"Unknown mode. Expected one of {{'reduced', 'complete'}}. Received: mode={mode!r}."
        )
    x = floating(x)
    found = torch.linalg.qr(x, mode)
    if state.inferring and mode == "reduced" and one_is_open(x):
        return with_unknown_size(found[0], -1), with_unknown_size(found[1], -2)
    return found


@op("keras.ops.linalg")
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Returns the singular values of matrices and the vectors that belong to them.

    Args:
        x: matrices, (..., m, n).
        full_matrices: whether vectors fill square matrices; else there are as many as values. Default: True.
        compute_uv: whether vectors are given. Default: True.

    Returns:
        A tuple `(u, s, v)` with `x` the product of `u`, the diagonal `s` and `v`; `s` where `compute_uv` is False.

    Example:
        >>> svd([[2.0, 0.0], [0.0, 3.0]], compute_uv=False).tolist()
        [3.0, 2.0]

    Source: `keras.ops.svd`, `torch.linalg.svd`.
    """
    x = floating(x)
    found = torch.linalg.svd(x, full_matrices) if compute_uv else torch.linalg.svdvals(x)
    return _with_unknown_values(found, full_matrices) if state.inferring and one_is_open(x) else found


def _with_unknown_values(found: Any, full_matrices: bool) -> Any:
    """The parts of symbolic matrices of which one size is unknown, and so how many singular values there are."""
    if isinstance(found, torch.Tensor):
        return with_unknown_size(found, -1)
    u, values, v = found
    if not full_matrices:
        u, v = with_unknown_size(u, -1), with_unknown_size(v, -2)
    return u, with_unknown_size(values, -1), v
