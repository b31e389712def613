"""Batch renormalization: what `BatchNormalization(renorm=True)` does beyond the plain layer."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError

_LIMITS = ("rmax", "rmin", "dmax")


def checked_clipping(clipping: dict | None) -> dict:
    """Returns the limits of the correction.

    Raises:
        InvalidArgumentError: for unknown keys or crossed limits.
    """
    clipping = dict(clipping or {})
    if set(clipping) - set(_LIMITS):
        raise InvalidArgumentError(
            f"Received invalid keys for `renorm_clipping` argument: {clipping}. Supported values: {list(_LIMITS)}."
        )
    rmax, rmin, dmax = (clipping.get(key) for key in _LIMITS)
    if rmax is not None and rmin is not None and rmax < rmin:
        raise InvalidArgumentError(
            f"rmax should be greater than rmin in the `renorm_clipping` argument. Received: rmax={rmax}, rmin={rmin}."
        )
    if dmax is not None and dmax < 0:
        raise InvalidArgumentError(
            f"dmax should be non-negative in the `renorm_clipping` argument. Received: dmax={dmax}."
        )
    return clipping


def make_state(layer: Any, size: int) -> None:
    """Makes the moving statistics that renormalization keeps beside those for inference."""

    def first_deviation(shape: tuple[int, ...], dtype: Any = None) -> torch.Tensor:
        return torch.sqrt(layer.moving_variance_initializer(shape, dtype=dtype))

    layer.moving_stddev = layer.add_state("moving_stddev", size, first_deviation)
    layer.renorm_mean = layer.add_state("renorm_mean", size, layer.moving_mean_initializer)
    layer.renorm_stddev = layer.add_state("renorm_stddev", size, first_deviation)


def corrected(
    layer: Any,
    mean: torch.Tensor,
    variance: torch.Tensor,
    gamma: torch.Tensor | None,
    beta: torch.Tensor | None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns scale and shift that turn normalized values x into `(x * r + d) * gamma + beta`."""
    with torch.no_grad():
        deviation = layer.renorm_stddev.to(mean.dtype).clamp(min=layer.epsilon**0.5)
        r = torch.sqrt(variance + layer.epsilon) / deviation
        d = (mean - layer.renorm_mean.to(mean.dtype)) / deviation
        limits = layer.renorm_clipping
        if limits.get("rmin") is not None or limits.get("rmax") is not None:
            r = r.clamp(limits.get("rmin"), limits.get("rmax"))
        if limits.get("dmax") is not None:
            d = d.clamp(-limits["dmax"], limits["dmax"])
    scale, shift = (r, d) if gamma is None else (r * gamma, d * gamma)
    return scale, shift if beta is None else shift + beta


def update(layer: Any, mean: torch.Tensor, variance: torch.Tensor) -> None:
    """Moves all statistics towards those of a batch."""
    deviation = torch.sqrt(variance + layer.epsilon)
    kind = layer.moving_mean.dtype
    mean, deviation = mean.to(kind), deviation.to(kind)
    with torch.no_grad():
        layer.renorm_mean.lerp_(mean, 1.0 - layer.renorm_momentum)
        layer.renorm_stddev.lerp_(deviation, 1.0 - layer.renorm_momentum)
        layer.moving_mean.lerp_(mean, 1.0 - layer.momentum)
        layer.moving_stddev.lerp_(deviation, 1.0 - layer.momentum)
        layer.moving_variance.copy_(torch.relu(layer.moving_stddev.square() - layer.epsilon))
