"""The functions of linear algebra on tensors."""

from kerastorch.ops.linalg.decompositions import cholesky, cholesky_inverse, eig, eigh, lu_factor, qr, svd
from kerastorch.ops.linalg.measures import det, jvp, matrix_rank, norm
from kerastorch.ops.linalg.solving import inv, lstsq, pinv, solve, solve_triangular

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eig",
    "eigh",
    "inv",
    "jvp",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "norm",
    "pinv",
    "qr",
    "solve",
    "solve_triangular",
    "svd",
]
