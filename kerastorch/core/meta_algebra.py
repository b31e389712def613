"""Shapes of what takes places by index and of products; see `meta_rules`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.core.meta_windows import Unknown


def _empty(shape: Any, dtype: torch.dtype) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


def _indexed(args: tuple, kwargs: dict) -> torch.Tensor:
    x, places = args
    taken = [axis for axis, place in enumerate(places) if place is not None]
    if not taken or taken != list(range(taken[0], taken[-1] + 1)) or taken[-1] >= x.ndim:
        raise Unknown
    indices = [places[axis] for axis in taken]
    if any(index.dtype not in (torch.int64, torch.int32) for index in indices) or taken[0] > 0:
        raise Unknown
    try:
        shape = np.broadcast_shapes(*(tuple(index.shape) for index in indices))
    except ValueError:
        raise Unknown from None
    return _empty((*shape, *x.shape[taken[-1] + 1 :]), x.dtype)


def _dot(args: tuple, kwargs: dict) -> torch.Tensor:
    left, right = args
    if left.ndim != 1 or left.shape != right.shape or left.dtype is not right.dtype:
        raise Unknown
    return _empty((), left.dtype)


def _cross(args: tuple, kwargs: dict) -> torch.Tensor:
    left, right = args
    axis = kwargs.get("dim", -1)
    if left.shape != right.shape or left.dtype is not right.dtype or not left.is_contiguous():
        raise Unknown
    if not -left.ndim <= axis < left.ndim or left.shape[axis] != 3:
        raise Unknown
    return _empty(left.shape, left.dtype)


def _on_diagonals(args: tuple, kwargs: dict) -> torch.Tensor:
    x, offset, *axes = (*args, 0)[: max(len(args), 2)]
    if x.ndim == 0 or axes not in ([], [-2, -1]) or kwargs:
        raise Unknown
    size = x.shape[-1] + abs(offset)
    return _empty((*x.shape[:-1], size, size), x.dtype)


def _sampled(args: tuple, kwargs: dict) -> torch.Tensor:
    x, grid = args[:2]
    fits = x.ndim == grid.ndim == 4 and x.shape[0] == grid.shape[0] and grid.shape[-1] == 2
    if not fits or x.dtype is not grid.dtype or 0 in x.shape[2:]:
        raise Unknown
    return _empty((*x.shape[:2], *grid.shape[1:3]), x.dtype)


def _distances(args: tuple, kwargs: dict) -> torch.Tensor:
    left, right = args[:2]
    if left.shape[:-2] != right.shape[:-2] or left.shape[-1] != right.shape[-1]:
        raise Unknown
    return _empty((*left.shape[:-1], right.shape[-2]), left.dtype)


ALGEBRA_RULES: dict[str, Callable[[tuple, dict], Any]] = {
    "index.Tensor": _indexed,
    "dot": _dot,
    "vdot": _dot,
    "linalg_cross": _cross,
    "diag_embed": _on_diagonals,
    "grid_sampler_2d": _sampled,
    "_cdist_forward": _distances,
}
