"""Shapes of what puts values at places, picks the largest, and transforms by Fourier; see `meta_rules`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.core.meta_windows import Unknown

_COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}
_REAL = {kind: real for real, kind in _COMPLEX.items()}


def _empty(shape: Any, dtype: torch.dtype) -> torch.Tensor:
    return torch.empty(shape, dtype=dtype, device="meta")


def _index_put(args: tuple, kwargs: dict) -> torch.Tensor:
    x, places, values = args[:3]
    if values.dtype is not x.dtype or len(places) > x.ndim:
        raise Unknown
    if any(p is None or p.dtype is not torch.int64 for p in places):
        raise Unknown
    try:
        wanted = np.broadcast_shapes(*(p.shape for p in places)) + tuple(x.shape[len(places) :])
        fits = np.broadcast_shapes(values.shape, wanted) == wanted
    except ValueError:
        fits = False
    if not fits:
        raise Unknown  # torch has the words for it
    return _empty(x.shape, x.dtype)


def _top(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x, count, axis = (*args, -1)[:3]
    if not -x.ndim <= axis < x.ndim or not 0 <= count <= x.shape[axis]:
        raise Unknown
    shape = list(x.shape)
    shape[axis] = count
    return _empty(shape, x.dtype), _empty(shape, torch.int64)


def _complex(args: tuple, kwargs: dict) -> torch.Tensor:
    real, imaginary = args
    if real.shape != imaginary.shape or real.dtype is not imaginary.dtype or real.dtype not in _COMPLEX:
        raise Unknown
    return _empty(real.shape, _COMPLEX[real.dtype])


def _fourier(args: tuple, kwargs: dict) -> torch.Tensor:
    return _empty(args[0].shape, args[0].dtype)


def _fourier_of_real(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axes, _, is_half = args
    if x.dtype not in _COMPLEX:
        raise Unknown
    shape = list(x.shape)
    if is_half:
        shape[axes[-1]] = shape[axes[-1]] // 2 + 1
    return _empty(shape, _COMPLEX[x.dtype])


def _fourier_to_real(args: tuple, kwargs: dict) -> torch.Tensor:
    x, axes, _, size = args
    if x.dtype not in _REAL:
        raise Unknown
    shape = list(x.shape)
    shape[axes[-1]] = size
    return _empty(shape, _REAL[x.dtype])


PLACE_RULES = {
    "index_put": _index_put,
    "topk": _top,
    "complex": _complex,
    "_fft_c2c": _fourier,
    "_fft_r2c": _fourier_of_real,
    "_fft_c2r": _fourier_to_real,
}
