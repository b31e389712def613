"""Shapes of factors, inverses and solutions of matrices; see `meta_rules`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch.core.meta_windows import Unknown

_REAL = (torch.float32, torch.float64)


def _empty(shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


def _by_columns(shape: Sequence[int], dtype: torch.dtype) -> torch.Tensor:
    """Matrices in the memory order of LAPACK."""
    *outer, rows, columns = shape
    return _empty((*outer, columns, rows), dtype).mT


def _parts(x: torch.Tensor) -> tuple[tuple[int, ...], int, int]:
    """The axes before those of the matrices, their rows and their columns."""
    if x.ndim < 2 or x.dtype not in _REAL:
        raise Unknown
    *outer, rows, columns = x.shape
    return tuple(outer), rows, columns


def _square(x: torch.Tensor) -> tuple[int, ...]:
    """The axes before those of square matrices."""
    outer, rows, columns = _parts(x)
    if rows != columns:
        raise Unknown
    return outer


def _determinant(count: int) -> Callable[[tuple, dict], tuple[torch.Tensor, ...]]:
    """The rule for so many numbers a matrix, its factors and their order."""

    def rule(args: tuple, kwargs: dict) -> tuple[torch.Tensor, ...]:
        x = args[0]
        outer = _square(x)
        numbers = (_empty(outer, x.dtype) for _ in range(count))
        return *numbers, _by_columns(x.shape, x.dtype), _empty(x.shape[:-1], torch.int32)

    return rule


def _inverse(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x = args[0]
    return _by_columns(x.shape, x.dtype), _empty(_square(x), torch.int32)


def _inverse_of_product(args: tuple, kwargs: dict) -> torch.Tensor:
    x = args[0]
    _square(x)
    return _by_columns(x.shape, x.dtype)


def _pseudo_inverse(args: tuple, kwargs: dict) -> torch.Tensor:
    outer, rows, columns = _parts(args[0])
    return _empty((*outer, columns, rows), args[0].dtype)


def _eigen(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x = args[0]
    _square(x)
    dtype = x.dtype.to_complex()
    return _empty(x.shape[:-1], dtype), _empty(x.shape, dtype)


def _symmetric_eigen(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x = args[0]
    if len(args) > 2 or kwargs:
        raise Unknown
    _square(x)
    return _empty(x.shape[:-1], x.dtype), _by_columns(x.shape, x.dtype)


def _triangles(args: tuple, kwargs: dict) -> tuple[torch.Tensor, ...]:
    """Both factors of an LU decomposition in one matrix, the order of its rows, and faults."""
    x = args[0]
    outer, rows, columns = _parts(x)
    order = _empty((*outer, min(rows, columns)), torch.int32)
    return _by_columns(x.shape, x.dtype), order, _empty(outer, torch.int32)


def _orthogonal_and_triangle(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x, mode = (*args, "reduced")[:2]
    outer, rows, columns = _parts(x)
    if mode not in ("reduced", "complete"):
        raise Unknown
    inner = rows if mode == "complete" else min(rows, columns)
    return _by_columns((*outer, rows, inner), x.dtype), _by_columns((*outer, inner, columns), x.dtype)


def _singular(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    x, full = (*args, False)[:2]
    outer, rows, columns = _parts(x)
    if len(args) > 2 or kwargs:
        raise Unknown
    least = min(rows, columns)
    left = _by_columns((*outer, rows, rows if full else least), x.dtype)
    right = _empty((*outer, columns if full else least, columns), x.dtype)
    return left, _empty((*outer, least), x.dtype), right


def _check_system(matrices: torch.Tensor, right: torch.Tensor) -> None:
    """Whether the right side of equations has columns for each of the matrices, and needs no broadcasting."""
    outer = _square(matrices)
    if right.dtype is not matrices.dtype or right.ndim != matrices.ndim:
        raise Unknown
    if tuple(right.shape[:-1]) != (*outer, matrices.shape[-1]):
        raise Unknown


def _solution(args: tuple, kwargs: dict) -> tuple[torch.Tensor, ...]:
    matrices, right = args[:2]
    if len(args) > 2 or kwargs.get("left") is False:
        raise Unknown
    _check_system(matrices, right)
    found, factors = (_by_columns(x.shape, x.dtype) for x in (right, matrices))
    order = _empty(matrices.shape[:-1], torch.int32)
    return found, factors, order, _empty(matrices.shape[:-2], torch.int32)


def _triangular_solution(args: tuple, kwargs: dict) -> torch.Tensor:
    matrices, right = args
    if kwargs.get("left") is False:
        raise Unknown
    _check_system(matrices, right)
    return _by_columns(right.shape, right.dtype)


MATRIX_RULES: dict[str, Callable[[tuple, dict], Any]] = {
    "_linalg_det": _determinant(1),
    "_linalg_slogdet": _determinant(2),
    "linalg_inv_ex": _inverse,
    "linalg_cholesky_ex": _inverse,
    "cholesky_inverse": _inverse_of_product,
    "linalg_pinv.atol_rtol_tensor": _pseudo_inverse,
    "linalg_eig": _eigen,
    "_linalg_eigh": _symmetric_eigen,
    "linalg_lu_factor_ex": _triangles,
    "linalg_qr": _orthogonal_and_triangle,
    "_linalg_svd": _singular,
    "_linalg_solve_ex": _solution,
    "linalg_solve_triangular": _triangular_solution,
}
