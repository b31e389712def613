"""Arrays drawn again at another scale and place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.resizing import RESIZE_KERNELS
from kerastorch.ops.base import floating, op, tensor
from kerastorch.ops.image.layout import check_choice

_KERNEL_OF = {
    **dict.fromkeys(("linear", "bilinear", "trilinear", "triangle"), "bilinear"),
    **dict.fromkeys(("cubic", "bicubic", "tricubic"), "bicubic"),
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}


@op("keras.ops.image")
def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Any,
    translation: Any,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Any:
    """Returns arrays drawn again at another scale and place; outside of them all is zero.

    Args:
        images: an array of any rank.
        output_shape: the shape of the result.
        scale: how much larger the array becomes, a number for each of `spatial_dims`.
        translation: how far it is moved then along each, in pixels of the result.
        spatial_dims: the axes that change.
        method: `"linear"`, also as `"bilinear"`, `"trilinear"` or `"triangle"`; `"cubic"`, also as `"bicubic"` or
            `"tricubic"`; `"lanczos3"` or `"lanczos5"`.
        antialias: whether all old numbers count where the array shrinks.

    Returns:
        A tensor of the type of the images; whole numbers are rounded and stay between the least and the greatest.

    Raises:
        InvalidArgumentError: for an unknown method.

    Example:
        >>> scale_and_translate([0.0, 4.0], (4,), [2.0], [0.0], (0,), "linear").tolist()
        [0.0, 1.0, 3.0, 4.0]

    Source: `keras.ops.image.scale_and_translate`, `jax.image.scale_and_translate`.
    """
    check_choice("method", method, tuple(_KERNEL_OF))
    x = images if isinstance(images, torch.Tensor) else tensor(images)
    found = floating(x)
    scales, moves = (floating(value).to(x.device) for value in (scale, translation))
    for i, axis in enumerate(spatial_dims):
        weights = _weights(x.shape[axis], output_shape[axis], scales[i], moves[i], method, antialias)
        found = torch.tensordot(found, weights.to(found.dtype), dims=([axis], [1])).movedim(-1, axis)
    if x.is_floating_point():
        return found
    return torch.round(found).clamp(x.min(), x.max()).to(x.dtype)


def _weights(
    old: int, new: int, scale: torch.Tensor, move: torch.Tensor, method: str, antialias: bool
) -> torch.Tensor:
    """How much each old number of an axis counts for each new one, (new, old)."""
    dtype = torch.promote_types(scale.dtype, move.dtype)
    step = 1.0 / scale.to(dtype)
    pixels, targets = (torch.arange(n, dtype=dtype, device=scale.device) for n in (old, new))
    centres = (targets + 0.5 - move) * step - 0.5
    reach = step.clamp(min=1.0) if antialias else 1.0
    weights = RESIZE_KERNELS[_KERNEL_OF[method]]((centres[:, None] - pixels).abs() / reach)
    total = weights.sum(1, keepdim=True)
    counts = total.abs() > 1000 * torch.finfo(torch.float32).eps
    weights = torch.where(counts, weights / torch.where(counts, total, 1), 0)
    outside = (centres < -0.5) | (centres > old - 0.5)
    return weights.masked_fill(outside[:, None], 0)
