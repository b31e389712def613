"""Shapes of what losses and statistics are made of, for `kerastorch.core.meta_rules`."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.meta_windows import Unknown

_COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}


def _with_logits(args: tuple, kwargs: dict) -> torch.Tensor:
    x, target, weight, pos_weight, reduction = (*args, None, None, 1)[:5] if len(args) < 5 else args
    plain = weight is None and pos_weight is None and reduction == 0 and not kwargs
    if not plain or x.shape != target.shape or x.dtype != target.dtype:
        raise Unknown
    return torch.empty(x.shape, dtype=x.dtype, device="meta")


def _of_classes(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x, target, weight, reduction, _ = args
    if x.ndim != 2 or target.shape != x.shape[:1] or weight is not None or reduction != 0:
        raise Unknown
    return torch.empty(target.shape, dtype=x.dtype, device="meta"), torch.empty(
        (), dtype=x.dtype, device="meta"
    )


def _log_sigmoid(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x = args[0]
    if not x.is_floating_point() or not x.is_contiguous():
        raise Unknown
    first, second = (torch.empty(x.shape, dtype=x.dtype, device="meta") for _ in range(2))
    return first, second


def _mean_and_variance(args: tuple, kwargs: dict) -> tuple[torch.Tensor, torch.Tensor]:
    x, axes = (*args, None)[:2]
    axes = kwargs.get("dim", axes)
    chosen = range(x.ndim) if axes is None or len(axes) == 0 else axes
    if not x.is_floating_point() or any(not -x.ndim <= axis < x.ndim for axis in chosen):
        raise Unknown
    gone, keep = {axis % x.ndim for axis in chosen}, kwargs.get("keepdim", False)
    shape = [1 if i in gone else n for i, n in enumerate(x.shape) if keep or i not in gone]
    found: Any = (torch.empty(shape, dtype=x.dtype, device="meta") for _ in range(2))
    return tuple(found)


def _polar(args: tuple, kwargs: dict) -> torch.Tensor:
    size, angle = args
    if size.shape != angle.shape or size.dtype != angle.dtype or size.dtype not in _COMPLEX:
        raise Unknown
    return torch.empty(size.shape, dtype=_COMPLEX[size.dtype], device="meta")


LOSS_RULES = {
    "binary_cross_entropy_with_logits": _with_logits,
    "log_sigmoid_forward": _log_sigmoid,
    "nll_loss_forward": _of_classes,
    "polar": _polar,
    "var_mean.correction": _mean_and_variance,
}
