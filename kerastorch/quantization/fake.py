"""Quantization that is only pretended, so that a model can be trained for it."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.quantization.scaling import over


def fake_quant_with_min_max_vars(
    inputs: Any,
    min_vals: Any,
    max_vals: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    axis: int | None = None,
) -> torch.Tensor:
    """Rounds numbers to the steps that integers of a few bits would leave between two limits.

    Gradients flow to the numbers within the limits, and from those outside to the limits.

    Args:
        inputs: a tensor of floating-point numbers.
        min_vals: the lower limit, or one for each place along `axis`.
        max_vals: the upper limit, likewise.
        num_bits: the bits of an integer. Default: 8.
        narrow_range: whether the least integer is 1, not 0.
        axis: the axis of the limits; None has one limit for all.

    Returns:
        A tensor like `inputs`.

    Example:
        >>> x = torch.tensor([-1.0, 0.2, 0.4, 9.0])
        >>> fake_quant_with_min_max_vars(x, 0.0, 3.0, num_bits=2).tolist()
        [0.0, 0.0, 0.0, 3.0]

    Source: `keras.quantizers.fake_quant_with_min_max_vars`, `tf.quantization.fake_quant_with_min_max_vars`.
    """
    x = torch.as_tensor(inputs)
    low = _along(torch.as_tensor(min_vals), axis, x)
    high = _along(torch.as_tensor(max_vals), axis, x)
    return _FakeQuant.apply(x, low, high, int(num_bits), narrow_range)


def _along(limits: torch.Tensor, axis: int | None, x: torch.Tensor) -> torch.Tensor:
    """Limits in the shape in which they stand beside the inputs."""
    limits = limits.to(x.device)
    if axis is None or limits.ndim != 1:
        return limits
    shape = [1] * x.ndim
    shape[axis] = -1
    return limits.view(shape)


class _FakeQuant(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, low: torch.Tensor, high: torch.Tensor, bits: int, narrow: bool
    ) -> torch.Tensor:
        low_limit, high_limit, scale, inverse = _nudged(low, high, bits, narrow)
        zero = torch.floor(-low_limit * inverse + 0.5)
        shifted = torch.clamp(x.to(low_limit.dtype), low_limit, high_limit) - low_limit
        ctx.save_for_backward(x, low_limit, high_limit)
        ctx.limits = low.shape, high.shape
        return (torch.floor(shifted * inverse - zero + 0.5) * scale).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:
        x, low, high = ctx.saved_tensors
        inside = (x >= low) & (x <= high)
        below, above = (upstream * (x <= low)), (upstream * (x >= high))
        low_shape, high_shape = ctx.limits
        return upstream * inside, below.sum_to_size(low_shape), above.sum_to_size(high_shape), None, None


def _nudged(
    low: torch.Tensor, high: torch.Tensor, bits: int, narrow: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The limits moved so that 0 is a step, the size of a step, and its inverse."""
    dtype = torch.promote_types(low.dtype, torch.float32)
    low, high = low.to(dtype), high.to(dtype)
    first, last = int(narrow), 2**bits - 1
    scale, inverse = (high - low) / (last - first), over(last - first, high - low)
    zero = torch.round((first - low / scale).clamp(first, last))
    return (first - zero) * scale, (last - zero) * scale, scale, inverse
