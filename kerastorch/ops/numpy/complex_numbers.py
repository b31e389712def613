"""The parts of complex numbers."""

from __future__ import annotations

import torch

from kerastorch.ops.base import floating
from kerastorch.ops.numpy.pointwise import unary


def _imaginary(x: torch.Tensor) -> torch.Tensor:
    return torch.imag(x) if x.is_complex() else torch.zeros_like(x)


def _conjugate(x: torch.Tensor) -> torch.Tensor:
    return torch.conj(x).resolve_conj()


real = unary("real", torch.real, "the real part", 1 + 2j, 1.0)
imag = unary("imag", _imaginary, "the imaginary part", 1 + 2j, 2.0)
conj = unary("conj", _conjugate, "the complex conjugate", 1 + 2j, (1 - 2j))
angle = unary("angle", torch.angle, "the angle of a complex number, in radians", 1 + 0j, 0.0, floating)
