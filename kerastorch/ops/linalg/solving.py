"""Inverse matrices and systems of linear equations."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import ShapeError
from kerastorch.ops.base import floating, op, together


def _system(a: Any, b: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """The two sides of equations in one floating-point type."""
    a, b = floating(a), floating(b)
    return (a, b) if a.dtype is b.dtype else together(a, b)  # type: ignore[return-value]


@op("keras.ops.linalg")
def inv(x: Any) -> Any:
    """Returns the inverse of square matrices.

    Args:
        x: matrices, (..., m, m).

    Returns:
        Matrices, (..., m, m).

    Example:
        >>> inv([[2.0, 0.0], [0.0, 4.0]]).tolist()
        [[0.5, 0.0], [0.0, 0.25]]

    Source: `keras.ops.inv`, `torch.linalg.inv`.
    """
    return torch.linalg.inv(floating(x))


@op("keras.ops.linalg")
def pinv(x: Any, rcond: float | None = None) -> Any:
    """Returns the inverse of matrices, or for those that have none what comes nearest to it (Moore and Penrose).

    Args:
        x: matrices, (..., m, n).
        rcond: singular values below this share of the largest count as zero. Default: the precision of the type times
            the larger of m and n.

    Returns:
        Matrices, (..., n, m).

    Example:
        >>> pinv([[2.0, 0.0], [0.0, 0.0]]).tolist()
        [[0.5, 0.0], [0.0, 0.0]]

    Source: `keras.ops.pinv`, `torch.linalg.pinv`.
    """
    x = floating(x)
    return torch.linalg.pinv(x) if rcond is None else torch.linalg.pinv(x, rtol=rcond)


@op("keras.ops.linalg")
def solve(a: Any, b: Any) -> Any:
    """Returns the solution `x` of `a @ x = b`.

    Args:
        a: square matrices, (..., m, m).
        b: vectors, (..., m), or matrices, (..., m, n).

    Returns:
        A tensor of the shape of `b`.

    Example:
        >>> solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0]).tolist()
        [0.5, 0.25]

    Source: `keras.ops.solve`, `torch.linalg.solve`.
    """
    return torch.linalg.solve(*_system(a, b))


@op("keras.ops.linalg")
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """Returns the solution `x` of `a @ x = b` for triangular matrices.

    Args:
        a: triangular matrices, (..., m, m); the other triangle is not looked at.
        b: vectors, (..., m), or matrices, (..., m, n).
        lower: whether the matrices are lower triangles. Default: False.

    Returns:
        A tensor of the shape of `b`.

    Example:
        >>> solve_triangular([[2.0, 1.0], [0.0, 4.0]], [2.0, 4.0]).tolist()
        [0.5, 1.0]

    Source: `keras.ops.solve_triangular`, `torch.linalg.solve_triangular`.
    """
    a, b = _system(a, b)
    if b.ndim == a.ndim - 1:
        return torch.linalg.solve_triangular(a, b.unsqueeze(-1), upper=not lower).squeeze(-1)
    return torch.linalg.solve_triangular(a, b, upper=not lower)


@op("keras.ops.linalg")
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """Returns the `x` for which `a @ x` comes nearest to `b`, in the sense of least squares.

    Args:
        a: a matrix, (m, n).
        b: a vector, (m,), or a matrix, (m, k).
        rcond: singular values of `a` below this share of the largest count as zero; None takes all as they are.

    Returns:
        A tensor, (n,) or (n, k).

    Raises:
        ShapeError: when the matrix and the vectors do not belong together.

    Example:
        >>> lstsq([[1.0], [1.0]], [[1.0], [3.0]]).round(decimals=4).tolist()
        [[2.0]]

    Source: `keras.ops.lstsq`, `torch.linalg.lstsq`.
    """
    a, b = _system(a, b)
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        raise ShapeError(
            "`lstsq` takes a matrix and a vector or matrix with equally many rows. Received shapes: "
            f"{tuple(a.shape)} and {tuple(b.shape)}."
        )
    if a.is_meta:
        return a.new_empty((a.shape[1], *b.shape[1:]))
    if rcond is not None and a.device.type == "cuda":  # where torch knows no way with a limit
        return torch.linalg.pinv(a, rtol=rcond) @ b
    columns = b if b.ndim == 2 else b.unsqueeze(-1)
    if rcond is None:
        found = torch.linalg.lstsq(a, columns)[0]
    else:
        found = torch.linalg.lstsq(a, columns, rcond=rcond, driver="gelsd")[0]
    return found if b.ndim == 2 else found.squeeze(-1)
