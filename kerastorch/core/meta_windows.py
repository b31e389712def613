"""Shapes of convolution, pooling, padding and resizing, in the manner of `kerastorch.core.meta_rules`, which uses them.

Legend: N batch, C channels; every array is `(N, C, *spatial)` with one to three spatial axes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

_LAST = {4: torch.channels_last, 5: torch.channels_last_3d}


class Unknown(Exception):
    """A rule does not know these arguments."""


def _count(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool = False) -> int:
    """How many windows of a convolution or pooling fit along an axis."""
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    if span < 0 or stride < 1:
        raise Unknown
    count = -(-span // stride) + 1 if ceil else span // stride + 1
    return count - 1 if ceil and (count - 1) * stride >= size + padding else count


def _images(shape: Sequence[int], like: torch.Tensor) -> torch.Tensor:
    """A meta tensor in the memory order of another one, channels first or last."""
    last = like.ndim in _LAST and like.is_contiguous(memory_format=_LAST[like.ndim])
    memory = _LAST[like.ndim] if last else torch.contiguous_format
    return torch.empty(shape, dtype=like.dtype, device="meta", memory_format=memory)


def _spatial_rank(x: torch.Tensor) -> int:
    if x.ndim not in (3, 4, 5):
        raise Unknown
    return x.ndim - 2


def _convolution(args: tuple, kwargs: dict) -> torch.Tensor:
    x, weight, bias, strides, paddings, dilations, transposed, more, groups = args
    _spatial_rank(x)
    if x.ndim != weight.ndim or x.dtype != weight.dtype:
        raise Unknown
    filters = weight.shape[1] * groups if transposed else weight.shape[0]
    taken = weight.shape[0] if transposed else weight.shape[1] * groups
    if x.shape[1] != taken or (bias is not None and bias.shape != (filters,)):
        raise Unknown
    settings = zip(x.shape[2:], weight.shape[2:], strides, paddings, dilations, strict=True)
    if transposed:
        sizes = [
            (d - 1) * s - 2 * p + e * (k - 1) + 1 + m
            for (d, k, s, p, e), m in zip(settings, more, strict=True)
        ]
    else:
        sizes = [_count(*setting) for setting in settings]
    if any(size <= 0 for size in sizes):
        raise Unknown
    return _images([x.shape[0], filters, *sizes], x)


def _each(value: Any, rank: int, default: Sequence[int]) -> Sequence[int]:
    return list(value) * rank if len(value) == 1 else list(value) or default


def _pooled_shape(
    x: torch.Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> list[int]:
    rank = _spatial_rank(x)
    kernel = _each(kernel, rank, ())
    settings = zip(
        x.shape[2:],
        kernel,
        _each(stride, rank, kernel),
        _each(padding, rank, (0,) * rank),
        _each(dilation, rank, (1,) * rank),
        strict=True,
    )
    return [*x.shape[:2], *(_count(*setting, ceil) for setting in settings)]


def _max_pool(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    defaults: list[Any] = [[], [0], [1], False]
    x, *settings = [*args, *defaults[len(args) - 2 :]]
    values = _images(_pooled_shape(x, *settings), x)
    return values, values.to(torch.int64)


def _average_pool(args: tuple, kwargs: dict) -> torch.Tensor:
    defaults: list[Any] = [[], [0], False]
    x, kernel, stride, padding, ceil = [*args, *defaults[len(args) - 2 :]][:5]
    shape = _pooled_shape(x, kernel, stride, padding, [1], ceil)
    return _images(shape, x) if x.ndim == 4 else torch.empty(shape, dtype=x.dtype, device="meta")


def _adaptive_pool(args: tuple, kwargs: dict) -> torch.Tensor:
    x, size = args
    if len(size) != _spatial_rank(x) or 0 in x.shape[1:]:
        raise Unknown
    shape = [*x.shape[:2], *size]
    return _images(shape, x) if x.ndim == 4 else torch.empty(shape, dtype=x.dtype, device="meta")


def _adaptive_max_pool(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    values = _adaptive_pool(args, kwargs)
    return values, values.to(torch.int64)


def _resized(args: tuple, kwargs: dict) -> torch.Tensor:
    x, size = args[:2]
    if not isinstance(size, (list, tuple)) or len(size) != _spatial_rank(x):
        raise Unknown
    return _images([*x.shape[:2], *size], x)


def _padded(args: tuple, kwargs: dict) -> torch.Tensor:
    """Padding at the borders with values of the input; the amounts begin with the last axis."""
    x, amounts = args
    rank = len(amounts) // 2
    if _spatial_rank(x) != rank or min(amounts) < 0 or 0 in x.shape:
        raise Unknown
    sizes = [x.shape[-1 - i] + amounts[2 * i] + amounts[2 * i + 1] for i in range(rank)]
    return torch.empty((*x.shape[:2], *reversed(sizes)), dtype=x.dtype, device="meta")


def _reflected(args: tuple, kwargs: dict) -> torch.Tensor:
    x, amounts = args
    if any(amount >= x.shape[-1 - i // 2] for i, amount in enumerate(amounts)):
        raise Unknown
    return _padded(args, kwargs)


def _pixels_out(args: tuple, kwargs: dict) -> torch.Tensor:
    x, factor = args
    if x.ndim != 4 or factor < 1 or x.shape[1] % factor**2:
        raise Unknown
    return _images([x.shape[0], x.shape[1] // factor**2, x.shape[2] * factor, x.shape[3] * factor], x)


def _pixels_in(args: tuple, kwargs: dict) -> torch.Tensor:
    x, factor = args
    if x.ndim != 4 or factor < 1 or x.shape[2] % factor or x.shape[3] % factor:
        raise Unknown
    return _images([x.shape[0], x.shape[1] * factor**2, x.shape[2] // factor, x.shape[3] // factor], x)


def _windows(args: tuple, kwargs: dict) -> torch.Tensor:
    """The windows of images, one a column."""
    x, kernel, dilation, padding, stride = args
    if x.ndim != 4:
        raise Unknown
    counts = [
        _count(*setting) for setting in zip(x.shape[2:], kernel, stride, padding, dilation, strict=True)
    ]
    values = x.shape[1] * math.prod(kernel)
    return torch.empty((x.shape[0], values, math.prod(counts)), dtype=x.dtype, device="meta")


def _folded(args: tuple, kwargs: dict) -> torch.Tensor:
    x, sizes, kernel, dilation, padding, stride = args
    if x.ndim != 3 or x.shape[1] % (kernel[0] * kernel[1]):
        raise Unknown
    each = zip(sizes, kernel, stride, padding, dilation, strict=True)
    if math.prod(_count(*settings) for settings in each) != x.shape[2]:
        raise Unknown
    shape = (x.shape[0], x.shape[1] // (kernel[0] * kernel[1]), *sizes)
    return torch.empty(shape, dtype=x.dtype, device="meta")


WINDOW_RULES: dict[str, Callable[[tuple, dict], Any]] = {
    "convolution": _convolution,
    "max_pool2d_with_indices": _max_pool,
    "max_pool3d_with_indices": _max_pool,
    "avg_pool2d": _average_pool,
    "avg_pool3d": _average_pool,
    "_adaptive_avg_pool2d": _adaptive_pool,
    "_adaptive_avg_pool3d": _adaptive_pool,
    "adaptive_max_pool2d": _adaptive_max_pool,
    "adaptive_max_pool3d": _adaptive_max_pool,
    "upsample_nearest2d": _resized,
    "upsample_nearest3d": _resized,
    "upsample_bilinear2d": _resized,
    "_upsample_bicubic2d_aa": _resized,
    "upsample_nearest1d": _resized,
    "upsample_linear1d": _resized,
    "pixel_shuffle": _pixels_out,
    "pixel_unshuffle": _pixels_in,
    "im2col": _windows,
    "col2im": _folded,
    **{f"reflection_pad{rank}d": _reflected for rank in (1, 2, 3)},
    **{f"replication_pad{rank}d": _padded for rank in (1, 2, 3)},
}
