"""Zeros that are only read: the first states and the second biases of kernels, made once instead of at each call."""

from __future__ import annotations

from functools import lru_cache

import torch


def zeros(shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
    """Returns zeros that nobody may write to.

    Args:
        shape: their shape.
        like: a tensor with their type and device.
    """
    traced = torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack() or like.is_meta
    return like.new_zeros(shape) if traced else _kept(shape, like.dtype, like.device)


@lru_cache(maxsize=64)
def _kept(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    with torch.inference_mode(False):
        return torch.zeros(shape, dtype=dtype, device=device)
