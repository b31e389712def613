"""`tf.linalg`: matrices."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.linalg.matrices import (
    band_part,
    cholesky,
    cholesky_solve,
    det,
    diag,
    diag_part,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    expm,
    inv,
    logdet,
    lstsq,
    matrix_rank,
    pinv,
    qr,
    set_diag,
    slogdet,
    solve,
    svd,
    tensor_diag,
    tensor_diag_part,
    triangular_solve,
)
from kerastorch.compat.tensorflow.linalg.products import (
    adjoint,
    cross,
    einsum,
    matmul,
    matrix_transpose,
    matvec,
    tensordot,
    trace,
)
from kerastorch.compat.tensorflow.linalg.norms import (
    global_norm,
    l2_normalize,
    norm,
    normalize,
)
from kerastorch.compat.tensorflow.tensors.creation import (
    eye,
)

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "einsum",
    "expm",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "svd",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "triangular_solve",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.linalg", name)
