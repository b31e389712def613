"""Rows for `keras.ops.linalg`."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_BATCHES = [(), (2,), (2, 1), (1, 2, 2)]
_TYPES = ["float32", "float64"]
_FINE = {"rtol": 2e-4, "atol": 2e-5}


def _square(*batch: int, size: int = 3, dtype: str = "float32") -> np.ndarray:
    return array(*batch, size, size, dtype=dtype) + 4 * np.eye(size, dtype=dtype)


def _symmetric(*batch: int, size: int = 3, dtype: str = "float32") -> np.ndarray:
    x = array(*batch, size, size, dtype=dtype)
    return x @ x.swapaxes(-1, -2) + np.diag(np.arange(1, size + 1)).astype(dtype)


def _triangle(*batch: int, lower: bool, dtype: str = "float32") -> np.ndarray:
    x = _square(*batch, dtype=dtype)
    return np.tril(x) if lower else np.triu(x)


def square(x):
    return x * x


def product(x, y):
    return x * y


def with_rest(x):
    return x * x, x + 1


_GRID = [(batch, size, t) for batch in _BATCHES for size in (1, 2, 3) for t in _TYPES]
_OBLONG = [(*batch, m, n) for batch in _BATCHES for m, n in ((2, 3), (3, 2), (3, 3), (1, 4))]
# The signs of vectors are free, so that the gradients of their sums are as well.
_WITHOUT_GRADIENT = {"eig", "eigh", "qr", "svd", "matrix_rank"}
_VECTOR_ORDERS = [None, 0, 1, 2, 3, -1, 0.5, float("inf"), -float("inf")]
_MATRIX_ORDERS = [None, "fro", "nuc", 1, -1, 2, -2, float("inf"), -float("inf")]


def _row(name: str, *args: np.ndarray, **settings: object) -> Row:
    """A row whose open axis is one of a batch, never one of matrices; only tensors of one rank have it in common."""
    is_open = args[0].ndim > 2 and all(x.ndim == args[0].ndim for x in args)
    return Row(name, args, settings, name not in _WITHOUT_GRADIENT, open_axis=is_open, **_FINE)


ROWS = [
    *(
        _row(n, _square(*b, size=s, dtype=t))
        for n in ("det", "inv", "linalg.det", "linalg.inv")
        for b, s, t in _GRID
    ),
    *(_row("logdet", _symmetric(*b, size=s, dtype=t)) for b, s, t in _GRID),
    *(
        _row("cholesky", _symmetric(*b, size=s, dtype=t), upper=upper)
        for b, s, t in _GRID
        for upper in (False, True)
    ),
    *(
        _row("cholesky_inverse", _triangle(*b, lower=not upper, dtype=t), upper=upper)
        for b in _BATCHES
        for upper in (False, True)
        for t in _TYPES
    ),
    *(_row("eig", _square(*b, size=s, dtype=t)) for b, s, t in _GRID),
    *(_row("eigh", _symmetric(*b, size=s, dtype=t)) for b, s, t in _GRID),
    *(_row("lu_factor", _square(*b, size=s, dtype=t)) for b, s, t in _GRID),
    *(_row("qr", array(*s), mode=mode) for s in _OBLONG for mode in ("reduced", "complete")),
    *(
        _row("svd", array(*s), full_matrices=full, compute_uv=vectors)
        for s in _OBLONG
        for full in (False, True)
        for vectors in (False, True)
    ),
    *(
        _row("solve", _square(*b, dtype=t), array(*b, *s, dtype=t))
        for b in _BATCHES
        for s in ((3,), (3, 1), (3, 2))
        for t in _TYPES
    ),
    *(
        _row("solve_triangular", _triangle(*b, lower=lower), array(*b, *s), lower=lower)
        for b in _BATCHES
        for s in ((3,), (3, 1), (3, 2))
        for lower in (False, True)
    ),
    *(
        _row("lstsq", array(m, n, dtype=t), array(*b, dtype=t), rcond=rcond)
        for m, n in ((3, 2), (4, 2), (3, 3))
        for b in ((m,), (m, 1), (m, 2))
        for rcond in (None, 1e-5)
        for t in _TYPES
    ),
    *(_row("pinv", array(*s), rcond=rcond) for s in _OBLONG for rcond in (None, 1e-3)),
    *(_row("matrix_rank", array(*s), tol=tol) for s in _OBLONG for tol in (None, 0.5)),
    _row("matrix_rank", np.ones((3, 3), "float32")),
    *(
        Row("norm", (array(*s),), {"ord": order, "axis": axis, "keepdims": keepdims}, **_FINE)
        for s in ((4,), (2, 3), (2, 3, 2))
        for order in _VECTOR_ORDERS
        for axis in (0, -1)
        for keepdims in (False, True)
    ),
    *(
        Row("norm", (array(*s),), {"ord": order, "axis": axis, "keepdims": True}, **_FINE)
        for s, axis in (((3, 2), None), ((3, 2), (0, 1)), ((2, 3, 4), (1, 2)), ((2, 3, 4), (-1, 0)))
        for order in _MATRIX_ORDERS
    ),
    *(
        Row("norm", (array(*s),), {"keepdims": k})
        for s in ((), (3,), (2, 3), (2, 1, 3, 2))
        for k in (False, True)
    ),
    *(
        Row("norm", (array(2, 3, dtype=t),), rtol=2e-3)
        for t in ("bool", "uint8", "int8", "int32", "int64", "float16", "float64")
    ),
    *(Row("jvp", (square, (array(*s),), (array(*s, seed=1),))) for s in ((), (3,), (2, 3), (2, 1, 3))),
    *(
        Row("jvp", (product, (array(*s), array(*s, seed=1)), (array(*s, seed=2), array(*s, seed=3))))
        for s in ((3,), (2, 3))
    ),
    *(Row("jvp", (with_rest, (array(*s),), (array(*s, seed=1),)), {"has_aux": True}) for s in ((3,), (2, 3))),
]
