"""Rows for `keras.ops.nn`: attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.ops.cases import Row, array

# The sizes B, T, S, N, K and H.
_SIZES = [(2, 3, 3, 4, 4, 5), (2, 3, 4, 2, 2, 3), (1, 5, 2, 1, 1, 4), (2, 3, 4, 4, 2, 3), (2, 2, 3, 6, 2, 2)]
_CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5, "open_axis": False}
_SEVERAL = "Keras on torch adds no causal mask to a bias"


def _inputs(sizes: tuple, dtype: str = "float32") -> tuple[np.ndarray, ...]:
    b, t, s, n, k, h = sizes
    shapes = [(b, t, n, h), (b, s, k, h), (b, s, k, h)]
    return tuple(array(*shape, dtype=dtype, seed=i) for i, shape in enumerate(shapes))


def _reference(
    sizes: tuple, bias: Any = None, mask: Any = None, is_causal: bool = False, cap: float | None = None
) -> np.ndarray:
    """Attention as its definition has it, in float64."""
    q, k, v = (x.astype("float64").swapaxes(1, 2) for x in _inputs(sizes))
    k, v = (x.repeat(q.shape[1] // x.shape[1], 1) for x in (k, v))
    scores = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1])
    scores = scores if cap is None else cap * np.tanh(scores / cap)
    scores = scores if bias is None else scores + bias
    scores = scores if mask is None else np.where(mask, scores, -np.inf)
    scores = np.where(np.tril(np.ones(scores.shape[2:])), scores, -np.inf) if is_causal else scores
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return (weights / weights.sum(-1, keepdims=True) @ v).swapaxes(1, 2)


def _mask(sizes: tuple, *shape: int) -> np.ndarray:
    found = array(*shape, dtype="bool", seed=9)
    found[..., 0] = True
    return found


def _row(sizes: tuple, **kwargs: Any) -> Row:
    return Row("dot_product_attention", _inputs(sizes), kwargs, **_CLOSE)


def _masks(sizes: tuple) -> list[np.ndarray]:
    b, t, s, n, _, _ = sizes
    return [
        _mask(sizes, *shape) for shape in [(b, n, t, s), (b, 1, t, s), (1, 1, t, s), (t, s), (1, n, 1, s)]
    ]


def _biases(sizes: tuple) -> list[np.ndarray]:
    return [array(*mask.shape, seed=8) for mask in _masks(sizes)]


ROWS = [
    *(_row(sizes) for sizes in _SIZES),
    *(_row(sizes, is_causal=True) for sizes in _SIZES),
    *(_row(sizes, scale=0.3) for sizes in _SIZES),
    *(_row(sizes, mask=mask) for sizes in _SIZES for mask in _masks(sizes)),
    *(_row(sizes, mask=mask, is_causal=True) for sizes in _SIZES for mask in _masks(sizes)),
    *(_row(sizes, bias=bias) for sizes in _SIZES for bias in _biases(sizes)),
    *(_row(sizes, flash_attention=False) for sizes in _SIZES),
    *(
        Row(
            "dot_product_attention",
            _inputs(sizes),
            {"bias": bias, "is_causal": True},
            expected=_reference(sizes, bias, is_causal=True),
            because=_SEVERAL,
            **_CLOSE,
        )
        for sizes in _SIZES[:2]
        for bias in _biases(sizes)
    ),
    *(
        Row(
            "dot_product_attention",
            _inputs(sizes),
            {"attn_logits_soft_cap": cap, "is_causal": is_causal},
            expected=_reference(sizes, is_causal=is_causal, cap=cap),
            because="Keras has the limit of products on TPUs alone",
            **_CLOSE,
        )
        for sizes in _SIZES
        for cap in (0.5, 5.0)
        for is_causal in (False, True)
    ),
    *(
        Row("nn.dot_product_attention", _inputs(_SIZES[1], t), rtol=1e-2, atol=1e-2, open_axis=False)
        for t in ("float16", "float64")
    ),
    Row(
        "nn.dot_product_attention",
        (_inputs(_SIZES[0], "float16")[0], *_inputs(_SIZES[0])[1:]),
        rtol=1e-2,
        atol=1e-2,
    ),
]
