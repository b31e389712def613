"""Resizing pictures as TensorFlow 2 does: pixels have their centres at a half.

Shapes: N pictures, H height, W width, C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F

_WIDE = frozenset([torch.float32, torch.float64])


def _triangle(x: torch.Tensor) -> torch.Tensor:
    return (1 - x).clamp(min=0)


def _keys(x: torch.Tensor) -> torch.Tensor:
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def _mitchell(x: torch.Tensor) -> torch.Tensor:
    near = (7 / 6 * x - 2) * x * x + 8 / 9
    far = ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def _gaussian(x: torch.Tensor) -> torch.Tensor:
    return torch.where(x < 1.5, torch.exp(-2 * x * x), 0.0)


def _lanczos(radius: int) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: torch.where(x < radius, torch.sinc(x) * torch.sinc(x / radius), 0.0)


RESIZE_KERNELS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "bilinear": _triangle,
    "bicubic": _keys,
    "mitchellcubic": _mitchell,
    "gaussian": _gaussian,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}
RESIZE_METHODS = (*RESIZE_KERNELS, "nearest", "area")


def resize_pictures(
    pictures: torch.Tensor, size: Sequence[int], method: str = "bilinear", antialias: bool = False
) -> torch.Tensor:
    """Returns pictures of another size, (N, new H, new W, C).

    Args:
        pictures: the pictures, (N, H, W, C).
        size: the new height and width, in pixels.
        method: one of `RESIZE_METHODS`. Default: `"bilinear"`.
        antialias: whether all old pixels count when the picture shrinks. Default: False.

    Returns:
        float32 pictures; float64 ones, and those of `"nearest"`, keep their type.

    Example:
        >>> resize_pictures(torch.tensor([0.0, 1.0]).reshape(1, 1, 2, 1), (1, 4)).flatten().tolist()
        [0.0, 0.25, 0.75, 1.0]
    """
    if method == "nearest":
        return _nearest(pictures, size)
    if method == "bilinear" and not antialias:
        planes = (pictures if pictures.dtype in _WIDE else pictures.float()).permute(0, 3, 1, 2)
        return F.interpolate(planes, size, mode="bilinear").permute(0, 2, 3, 1)
    height, width = pictures.shape[1:3]
    rows = _weights(height, size[0], method, antialias, pictures.device)
    columns = _weights(width, size[1], method, antialias, pictures.device)
    values = _wide(pictures)
    return torch.einsum("ih,nhwc,jw->nijc", rows.to(values.dtype), values, columns.to(values.dtype))


def _wide(pictures: torch.Tensor) -> torch.Tensor:
    return pictures if pictures.dtype in _WIDE else pictures.float()


def _weights(old: int, new: int, method: str, antialias: bool, device: torch.device) -> torch.Tensor:
    """How much each old pixel of an axis counts for each new one, (new, old)."""
    ratio = old / new
    pixels = torch.arange(old, device=device).float()
    centres = (torch.arange(new, device=device) + 0.5) * ratio
    if method == "area":
        low, high = (centres - ratio / 2).unsqueeze(1), (centres + ratio / 2).unsqueeze(1)
        weights = (torch.minimum(high, pixels + 1) - torch.maximum(low, pixels)).clamp(min=0)
    else:
        scale = max(ratio, 1.0) if antialias else 1.0
        weights = RESIZE_KERNELS[method](((pixels + 0.5) - centres.unsqueeze(1)).abs() / scale)
    return weights / weights.sum(1, keepdim=True)


def _nearest(pictures: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    for axis, (old, new) in enumerate(zip(pictures.shape[1:3], size, strict=True), 1):
        centres = (torch.arange(new, device=pictures.device) + 0.5) * (old / new)
        pictures = pictures.index_select(axis, centres.floor().long().clamp(max=old - 1))
    return pictures
