"""Attention of heads.

Legend: B batch, T steps of the query, S steps of key and value, N heads, K of which key and value have, H features.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.attention import attend, repeated
from kerastorch.core.attention_masks import as_bias, both, causal
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.promotion import result_dtype

_nn = op("keras.ops.nn")
_Tensor = torch.Tensor


@_nn
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Any:
    """Returns the means of values, weighted by the softmax of the products of queries and keys.

    Args:
        query: a tensor (B, T, N, H).
        key: a tensor (B, S, K, H), where N is a multiple of K: each head serves several of the query.
        value: a tensor (B, S, K, H).
        bias: what is added to the products, broadcast to (B, N, T, S).
        mask: which keys each step attends to, truth values broadcast to (B, N, T, S).
        scale: a factor of the products; None is one over the root of H.
        is_causal: whether no step attends to later ones.
        flash_attention: True insists on torch's flash kernel, False keeps from it, None leaves the choice to torch.
        attn_logits_soft_cap: the size that products approach and never reach; None sets no limit.

    Returns:
        A tensor (B, T, N, H).

    Raises:
        InvalidArgumentError: when both `bias` and `mask` are given, the heads do not fit, or torch's flash kernel,
            insisted upon, does not take the inputs.
        ShapeError: when a tensor has another number of axes.

    Example:
        >>> x = torch.ones(2, 4, 8, 16)
        >>> dot_product_attention(x, x, x).shape
        torch.Size([2, 4, 8, 16])

    Source: `keras.ops.dot_product_attention`, `torch.nn.functional.scaled_dot_product_attention`; Vaswani et al., 2017.
    """
    if not (isinstance(query, _Tensor) and isinstance(key, _Tensor) and isinstance(value, _Tensor)):
        query, key, value = tensor(query), tensor(key), tensor(value)
    if not query.ndim == key.ndim == value.ndim == 4:
        raise ShapeError(
            "`dot_product_attention` only supports 4D inputs. "
            f"Received: query.shape={tuple(query.shape)}, key.shape={tuple(key.shape)}, "
            f"value.shape={tuple(value.shape)}."
        )
    if bias is not None and mask is not None:
        raise InvalidArgumentError("Only one of `bias` and `mask` can be provided. Received both.")
    dtype = query.dtype
    if not dtype is key.dtype is value.dtype or dtype is torch.float64:
        dtype = result_dtype(dtype, key.dtype, value.dtype)
        query, key, value = query.to(dtype), key.to(dtype), value.to(dtype)
    q, k, v = query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
    if bias is mask is attn_logits_soft_cap is None:
        return attend(q, k, v, None, scale=scale, causal=is_causal, flash=flash_attention).transpose(1, 2)
    added = None if bias is None else tensor(bias).to(q)
    given = None if mask is None else tensor(mask).to(q.device, torch.bool)
    if is_causal:
        given = both(given, causal(q.shape[2], k.shape[2], q.device))
    if given is not None:
        kept = as_bias(given, q.dtype)
        added = kept if added is None else added + kept
    if attn_logits_soft_cap is not None:
        return _capped(q, k, v, added, scale, attn_logits_soft_cap).transpose(1, 2)
    return attend(q, k, v, added, scale=scale, flash=flash_attention).transpose(1, 2)


def _capped(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, added: Any, scale: float | None, cap: float
) -> torch.Tensor:
    """Attention with products that stay below a size, for which torch has no kernel."""
    k, v = repeated(k, q.shape[1]), repeated(v, q.shape[1])
    products = torch.matmul(q * (q.shape[-1] ** -0.5 if scale is None else scale), k.mT)
    products = cap * torch.tanh(products / cap)
    return torch.matmul(torch.softmax(products if added is None else products + added, -1), v)
