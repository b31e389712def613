"""How heads attend, by torch's fused kernels.

Legend: B batch, T steps of the query, S steps of value and key, N heads, H features of a head.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

from kerastorch.core.context import state
from kerastorch.errors import ShapeError

_HALF = (torch.float16, torch.bfloat16)
_NOT_FLASH = [SDPBackend.CUDNN_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    *,
    scale: float | None,
    rate: float = 0.0,
    causal: bool = False,
    flash: bool | None = None,
) -> torch.Tensor:
    """Returns what heads give, by torch's fused kernels.

    Args:
        query: a tensor `(B, N, T, H)`.
        key: a tensor `(B, N, S, H)`; it may have fewer heads, each of which serves several of the query.
        value: a tensor `(B, N, S, H)`, with as many heads as the key.
        mask: what is added to the scores, or truth values, broadcast to `(B, N, T, S)`; None for nothing.
        scale: a factor of the scores; None is one over the root of H.
        rate: the share of the weights to drop.
        causal: whether no step attends to later ones; only without a mask.
        flash: True insists on torch's flash kernel, False keeps from it, None leaves the choice to torch.
    """
    several = key.shape[1] != query.shape[1]
    if several and (mask is not None or query.dtype not in _HALF):
        # The kernels that take a mask, or float32 on a GPU, want all heads.
        key, value, several = repeated(key, query.shape[1]), repeated(value, query.shape[1]), False
    if flash is None or state.inferring:
        if mask is None and not (scale or rate or causal or several):  # fewer arguments are read faster
            return F.scaled_dot_product_attention(query, key, value)
        return F.scaled_dot_product_attention(
            query, key, value, mask, rate, causal, scale=scale, enable_gqa=several
        )
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION if flash else _NOT_FLASH):
        return F.scaled_dot_product_attention(
            query, key, value, mask, rate, causal, scale=scale, enable_gqa=several
        )


def repeated(x: torch.Tensor, heads: int) -> torch.Tensor:
    """Returns key or value `(B, N, S, H)` with each head repeated, so that there are `heads`.

    Raises:
        ShapeError: when their number is no divisor of `heads`.
    """
    if heads % x.shape[1]:
        raise ShapeError(f"{heads} heads of the query cannot share {x.shape[1]} heads of key and value.")
    return x if x.shape[1] == heads else x.repeat_interleave(heads // x.shape[1], 1)
