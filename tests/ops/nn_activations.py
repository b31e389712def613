"""Rows for `keras.ops.nn`: activations."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.ops.cases import Row, array

_FLOATS = ["float16", "float32", "float64"]
_PLAIN = [
    "relu",
    "relu6",
    "sigmoid",
    "hard_sigmoid",
    "sparse_sigmoid",
    "log_sigmoid",
    "hard_tanh",
    "tanh_shrink",
    "silu",
    "swish",
    "hard_silu",
    "hard_swish",
    "selu",
    "softplus",
    "softsign",
    "sparse_plus",
    "leaky_relu",
    "elu",
    "celu",
    "gelu",
    "squareplus",
    "soft_shrink",
    "hard_shrink",
]
_SETTINGS = [
    ("leaky_relu", {"negative_slope": 0.5}),
    ("leaky_relu", {"negative_slope": 0.0}),
    ("elu", {"alpha": 0.5}),
    ("celu", {"alpha": 2.0}),
    ("gelu", {"approximate": False}),
    ("gelu", {"approximate": True}),
    ("squareplus", {"b": 1.5}),
    ("soft_shrink", {"threshold": 1.0}),
    ("soft_shrink", {"threshold": 0.0}),
    ("hard_shrink", {"threshold": 1.0}),
    ("hard_shrink", {"threshold": 0.0}),
]
_SHAPES = [(), (3,), (2, 3), (0, 3), (2, 1, 3), (2, 3, 1, 2), (2, 1, 2, 1, 2)]
_WIDE = array(4, 5, low=-9.0, high=9.0)
_EDGES = np.array([-np.inf, -1e4, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 1e4, np.inf], "float32")
_FINITE = _EDGES[1:-1]
_LONE = [
    ("relu", "int32"),
    ("relu", "int64"),
    ("sigmoid", "int32"),
    ("relu6", "int32"),
    ("softsign", "int32"),
]


def _tolerance(dtype: str) -> dict:
    return {"rtol": 2e-3, "atol": 2e-3} if dtype == "float16" else {}


ROWS = [
    *(Row(name, (array(*shape),)) for name in _PLAIN for shape in _SHAPES),
    *(Row(name, (array(2, 3, dtype=t),), **_tolerance(t)) for name in _PLAIN for t in _FLOATS),
    *(Row(name, (_WIDE,)) for name in _PLAIN),
    *(Row(name, (_FINITE,), gradient=False) for name in _PLAIN),
    *(Row(f"nn.{name}", ([-1.5, 0.5, 2.0],)) for name in _PLAIN),
    *(Row(name, (0.5,)) for name in _PLAIN),
    *(Row(name, (array(*shape),), kwargs) for name, kwargs in _SETTINGS for shape in _SHAPES),
    *(Row(name, (array(2, 3, dtype=t),)) for name, t in _LONE),
    # Gates: half of an axis opens the other half.
    *(Row("glu", (array(4, 2, 6),), {"axis": axis}) for axis in (0, 1, 2, -1, -2, -3)),
    *(Row("glu", (array(*shape),)) for shape in [(2,), (2, 4), (0, 4), (2, 2, 4), (2, 1, 3, 4)]),
    *(Row("nn.glu", (array(2, 4, dtype=t),), **_tolerance(t)) for t in _FLOATS),
    *(Row("threshold", (array(*shape), 0.5, 9.0)) for shape in _SHAPES),
    *(Row("nn.threshold", (array(2, 3, dtype=t), -1.0, 2.5), **_tolerance(t)) for t in _FLOATS),
    Row("threshold", ([1.0, 2.0], 1.0, 0.0)),
]


def _shares(name: str, x: Any, axis: Any = -1) -> np.ndarray:
    """The softmax or its logarithm over axes."""
    found = np.exp(np.asarray(x, "float64"))
    found = found / found.sum(axis, keepdims=True)
    return np.log(found) if name == "log_softmax" else found


def _nearest(x: Any, axis: int = -1) -> np.ndarray:
    """The point of the simplex nearest to x: what is left above a threshold, found by halving, that leaves one."""
    x = np.asarray(x, "float64")
    low, high = x.max(axis, keepdims=True) - 1, x.max(axis, keepdims=True)
    for _ in range(60):
        middle = (low + high) / 2
        above = np.maximum(x - middle, 0).sum(axis, keepdims=True) > 1
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.maximum(x - low, 0)


def _sparsemax(x: Any, **kwargs: Any) -> Row:
    half = getattr(x, "dtype", None) == np.float16
    because = "Keras sums sums in place of logits"
    return Row(
        "sparsemax",
        (x,),
        kwargs,
        expected=_nearest(x, **kwargs),
        because=because,
        atol=2e-3 if half else 2e-6,
    )


def _shared(name: str, x: Any, because: str, **kwargs: Any) -> Row:
    return Row(name, (x,), kwargs, expected=_shares(name, x, **kwargs), because=because)


_SHARES = ["softmax", "log_softmax"]
_NEGATIVE = "Keras mixes up the axes where they are counted from the end"
ROWS += [
    *(Row(name, (array(*shape),)) for name in _SHARES for shape in _SHAPES if shape),
    *(Row(name, (array(*shape),), {"axis": None}) for name in _SHARES for shape in _SHAPES if 0 not in shape),
    *(Row(name, (array(2, 3, 4),), {"axis": axis}) for name in _SHARES for axis in (0, 1, 2, -1, -2, -3)),
    *(
        Row(name, (array(2, 3, 4),), {"axis": axis})
        for name in _SHARES
        for axis in [(0, 1), (1, 2), (0, 2), (0, 1, 2), (1,)]
    ),
    *(
        _shared(name, array(2, 3, 4), _NEGATIVE, axis=axis)
        for name in _SHARES
        for axis in [(-1, -2), (-1, 0), (-3, 1)]
    ),
    *(_shared(name, [1.0, 2.0, 4.0], "Keras takes no lists") for name in _SHARES),
    *(Row(f"nn.{name}", (array(2, 3, dtype=t),), **_tolerance(t)) for name in _SHARES for t in _FLOATS),
    *(Row(name, (array(4, 5, low=-90, high=90),)) for name in _SHARES),
    *(_sparsemax(array(*shape)) for shape in [(3,), (2, 3), (2, 1, 3), (2, 3, 1, 2), (2, 1, 2, 1, 2)]),
    *(_sparsemax(array(2, 3, 4), axis=axis) for axis in (0, 1, 2, -1, -2, -3)),
    *(_sparsemax(array(2, 3, dtype=t)) for t in _FLOATS),
    _sparsemax([1.0, 2.0, 4.0]),
]
