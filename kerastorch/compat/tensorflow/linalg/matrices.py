"""Solving, decomposing, and the diagonals and bands of matrices."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integer, operands, operation
from kerastorch.compat.tensorflow.pointwise import unary

_EYE, _TWICE = [[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]
det = unary("det", torch.linalg.det, "the determinant", _TWICE, 4.0, "tf.linalg", argument="input")
logdet = unary(
    "logdet", torch.logdet, "the logarithm of the determinant", _EYE, 0.0, "tf.linalg", argument="matrix"
)
cholesky = unary(
    "cholesky",
    torch.linalg.cholesky,
    "the lower triangle whose square is the matrix",
    [[4.0]],
    [[2.0]],
    "tf.linalg",
    argument="input",
)
eigvalsh = unary(
    "eigvalsh",
    torch.linalg.eigvalsh,
    "the eigenvalues of a symmetric matrix",
    _TWICE,
    [2.0, 2.0],
    "tf.linalg",
    argument="tensor",
)
eigvals = unary(
    "eigvals",
    torch.linalg.eigvals,
    "the eigenvalues",
    _TWICE,
    [(2 + 0j), (2 + 0j)],
    "tf.linalg",
    argument="tensor",
)
expm = unary(
    "expm",
    torch.linalg.matrix_exp,
    "the exponential of a matrix",
    [[0.0]],
    [[1.0]],
    "tf.linalg",
    argument="input",
)
diag_part = unary(
    "diag_part",
    lambda x: torch.diagonal(x, dim1=-2, dim2=-1),
    "the diagonal of each matrix",
    [[1, 2], [3, 4]],
    [1, 4],
    "tf.linalg",
    argument="input",
)


def _tensor_diagonal(x: torch.Tensor) -> torch.Tensor:
    half = x.ndim // 2
    return torch.diagonal(x.reshape(x.shape[:half].numel(), -1)).reshape(x.shape[:half])


tensor_diag = unary(
    "tensor_diag",
    lambda x: torch.diag(x.reshape(-1)).reshape(*x.shape, *x.shape),
    "a tensor that has the numbers on its diagonal",
    [1, 2],
    [[1, 0], [0, 2]],
    "tf.linalg",
    argument="diagonal",
)
tensor_diag_part = unary(
    "tensor_diag_part",
    _tensor_diagonal,
    "the diagonal of a tensor",
    [[1, 2], [3, 4]],
    [1, 4],
    "tf.linalg",
    argument="input",
)


@operation("tf.linalg")
def inv(input: Any, adjoint: bool = False) -> Any:
    """Returns the inverse of matrices.

    Args:
        input: square matrices, (..., M, M).
        adjoint: whether to give the inverse of the conjugated transpose. Default: False.

    Example:
        >>> inv([[2.0]]).tolist()
        [[0.5]]

    Source: `tf.linalg.inv`, `torch.linalg.inv`
    """
    inverse = torch.linalg.inv(as_tensor(input))
    return inverse.mH if adjoint else inverse


@operation("tf.linalg")
def pinv(a: Any, rcond: Any = None, validate_args: bool = False) -> Any:
    """Returns the pseudo-inverse of matrices.

    Args:
        a: the matrices, (..., M, N).
        rcond: singular values below this share of the largest one count as zero.
        validate_args: whether TensorFlow checks more; without meaning here.

    Example:
        >>> [round(v, 2) for v in pinv([[2.0], [0.0]])[0].tolist()]
        [0.5, 0.0]

    Source: `tf.linalg.pinv`, `torch.linalg.pinv`
    """
    return torch.linalg.pinv(as_tensor(a), rtol=rcond)


@operation("tf.linalg")
def slogdet(input: Any) -> Any:
    """Returns the sign of the determinant and the logarithm of its size.

    Args:
        input: square matrices, (..., M, M).

    Returns:
        A tuple `(sign, log_abs_determinant)`.

    Example:
        >>> [x.tolist() for x in slogdet([[-1.0]])]
        [-1.0, 0.0]

    Source: `tf.linalg.slogdet`, `torch.linalg.slogdet`
    """
    return tuple(torch.linalg.slogdet(as_tensor(input)))


@operation("tf.linalg")
def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """Returns the singular values and vectors of matrices; `tensor` is `u @ diag(s) @ transpose(v)`.

    Args:
        tensor: the matrices, (..., M, N).
        full_matrices: whether `u` and `v` are square. Default: False.
        compute_uv: whether to give the vectors. Default: True.

    Returns:
        A tuple `(s, u, v)`, or `s` alone.

    Example:
        >>> svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).tolist()
        [4.0, 3.0]

    Source: `tf.linalg.svd`, `torch.linalg.svd`
    """
    matrix = as_tensor(tensor)
    if not compute_uv:
        return torch.linalg.svdvals(matrix)
    u, s, vh = torch.linalg.svd(matrix, full_matrices)
    return s, u, vh.mH


@operation("tf.linalg")
def qr(input: Any, full_matrices: bool = False) -> Any:
    """Returns matrices as products of an orthogonal matrix and an upper triangle.

    Args:
        input: the matrices, (..., M, N).
        full_matrices: whether the first factor is square. Default: False.

    Returns:
        A tuple `(q, r)`.

    Example:
        >>> q, r = qr([[3.0], [4.0]])
        >>> abs(round(float(r), 4))
        5.0

    Source: `tf.linalg.qr`, `torch.linalg.qr`
    """
    return tuple(torch.linalg.qr(as_tensor(input), "complete" if full_matrices else "reduced"))


@operation("tf.linalg")
def eigh(tensor: Any) -> Any:
    """Returns the eigenvalues, in ascending order, and eigenvectors of symmetric matrices.

    Args:
        tensor: the matrices, (..., M, M).

    Returns:
        A tuple `(e, v)`; `v[..., :, i]` belongs to `e[..., i]`.

    Example:
        >>> eigh([[2.0, 0.0], [0.0, 1.0]])[0].tolist()
        [1.0, 2.0]

    Source: `tf.linalg.eigh`, `torch.linalg.eigh`
    """
    return tuple(torch.linalg.eigh(as_tensor(tensor)))


@operation("tf.linalg")
def eig(tensor: Any) -> Any:
    """Returns the eigenvalues and eigenvectors of matrices, as complex numbers.

    Args:
        tensor: the matrices, (..., M, M).

    Returns:
        A tuple `(e, v)`; `v[..., :, i]` belongs to `e[..., i]`.

    Example:
        >>> eig([[2.0]])[0].tolist()
        [(2+0j)]

    Source: `tf.linalg.eig`, `torch.linalg.eig`
    """
    return tuple(torch.linalg.eig(as_tensor(tensor)))


@operation("tf.linalg")
def solve(matrix: Any, rhs: Any, adjoint: bool = False) -> Any:
    """Returns the solution `x` of `matrix @ x = rhs`.

    Args:
        matrix: square matrices, (..., M, M).
        rhs: right sides, (..., M, K).
        adjoint: whether the conjugated transpose of `matrix` is meant. Default: False.

    Example:
        >>> solve([[2.0]], [[6.0]]).tolist()
        [[3.0]]

    Source: `tf.linalg.solve`, `torch.linalg.solve`
    """
    matrix, rhs = operands(matrix, rhs)
    return torch.linalg.solve(matrix.mH if adjoint else matrix, rhs)


@operation("tf.linalg")
def cholesky_solve(chol: Any, rhs: Any) -> Any:
    """Returns the solution `x` of `A @ x = rhs`, from the Cholesky factor of `A`.

    Args:
        chol: what `cholesky` gave, (..., M, M).
        rhs: right sides, (..., M, K).

    Example:
        >>> cholesky_solve([[2.0]], [[8.0]]).tolist()
        [[2.0]]

    Source: `tf.linalg.cholesky_solve`, `torch.cholesky_solve`
    """
    chol, rhs = operands(chol, rhs)
    return torch.cholesky_solve(rhs, chol)


@operation("tf.linalg")
def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False) -> Any:
    """Returns the solution `x` of `matrix @ x = rhs` for a triangle.

    Args:
        matrix: triangular matrices, (..., M, M).
        rhs: right sides, (..., M, K).
        lower: whether the lower triangle is meant. Default: True.
        adjoint: whether the conjugated transpose of `matrix` is meant. Default: False.

    Example:
        >>> triangular_solve([[2.0, 9.0], [0.0, 1.0]], [[4.0], [1.0]]).tolist()
        [[2.0], [1.0]]

    Source: `tf.linalg.triangular_solve`, `torch.linalg.solve_triangular`
    """
    matrix, rhs = operands(matrix, rhs)
    matrix = torch.tril(matrix) if lower else torch.triu(matrix)
    if adjoint:
        return torch.linalg.solve_triangular(matrix.mH, rhs, upper=lower)
    return torch.linalg.solve_triangular(matrix, rhs, upper=not lower)


@operation("tf.linalg")
def lstsq(matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True) -> Any:
    """Returns the `x` for which `matrix @ x` is nearest to `rhs`.

    Args:
        matrix: the matrices, (..., M, N).
        rhs: right sides, (..., M, K).
        l2_regularizer: the weight of the squared length of `x`. Default: 0.
        fast: whether TensorFlow solves the normal equations; here it chooses nothing.

    Example:
        >>> [[round(v, 4) for v in row] for row in lstsq([[1.0], [1.0]], [[2.0], [4.0]]).tolist()]
        [[3.0]]

    Source: `tf.linalg.lstsq`, `torch.linalg.lstsq`
    """
    matrix, rhs = operands(matrix, rhs)
    if not l2_regularizer:
        return torch.linalg.pinv(matrix) @ rhs
    eye = torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    return torch.linalg.solve(matrix.mH @ matrix + l2_regularizer * eye, matrix.mH @ rhs)


@operation("tf.linalg")
def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False) -> Any:
    """Returns the rank of matrices.

    Args:
        a: the matrices, (..., M, N).
        tol: singular values up to it count as zero; None chooses it.
        validate_args: whether TensorFlow checks more; without meaning here.

    Example:
        >>> int(matrix_rank([[1.0, 1.0], [1.0, 1.0]]))
        1

    Source: `tf.linalg.matrix_rank`, `torch.linalg.matrix_rank`
    """
    return torch.linalg.matrix_rank(as_tensor(a), atol=tol).to(torch.int32)


@operation("tf.linalg")
def band_part(input: Any, num_lower: Any, num_upper: Any) -> Any:
    """Returns matrices that keep the diagonals near the middle one and are zero elsewhere.

    Args:
        input: the matrices, (..., M, N).
        num_lower: how many diagonals below the middle to keep; a negative number keeps all.
        num_upper: how many above; a negative number keeps all.

    Example:
        >>> band_part([[1, 2], [3, 4]], -1, 0).tolist()
        [[1, 0], [3, 4]]

    Source: `tf.linalg.band_part`
    """
    matrix, lower, upper = as_tensor(input), integer(num_lower), integer(num_upper)
    matrix = matrix if lower < 0 else torch.triu(matrix, -lower)
    return matrix if upper < 0 else torch.tril(matrix, upper)


@operation("tf.linalg")
def diag(diagonal: Any, k: int = 0) -> Any:
    """Returns matrices with given diagonals and zeros elsewhere.

    Args:
        diagonal: the diagonals, (..., M).
        k: which diagonal: above the middle one where positive. Default: 0.

    Example:
        >>> diag([1, 2]).tolist()
        [[1, 0], [0, 2]]

    Source: `tf.linalg.diag`, `torch.diag_embed`
    """
    return torch.diag_embed(as_tensor(diagonal), k)


@operation("tf.linalg")
def set_diag(input: Any, diagonal: Any, k: int = 0) -> Any:
    """Returns matrices with another diagonal.

    Args:
        input: the matrices, (..., M, N).
        diagonal: the new diagonals.
        k: which diagonal: above the middle one where positive. Default: 0.

    Example:
        >>> set_diag([[1, 2], [3, 4]], [0, 0]).tolist()
        [[0, 2], [3, 0]]

    Source: `tf.linalg.set_diag`, `torch.diagonal_scatter`
    """
    matrix, diagonal = operands(input, diagonal)
    return torch.diagonal_scatter(matrix, diagonal, k, -2, -1)
