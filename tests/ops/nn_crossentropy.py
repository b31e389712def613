"""Rows for `keras.ops.nn`: crossentropies."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.ops.cases import Row, array

_SHAPES = [(3,), (2, 3), (4, 2, 3), (2, 1, 2, 3), (2, 1, 2, 1, 3)]
_BOTH = [True, False]
_CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
_ROUGH: dict[str, Any] = {"rtol": 5e-3, "atol": 5e-3}


def _shares(*shape: int, dtype: str = "float32", low: float = 0.05) -> np.ndarray:
    """Probabilities, which need not have the sum 1."""
    return array(*shape, dtype=dtype, low=low, high=0.95)


def _predictions(shape: tuple, from_logits: bool, dtype: str = "float32") -> np.ndarray:
    return array(*shape, dtype=dtype) if from_logits else _shares(*shape, dtype=dtype)


def _classes(shape: tuple, axis: int, kept: bool = False, dtype: str = "int32") -> np.ndarray:
    size = shape[axis]
    left = list(shape)
    left[axis : axis + 1 or None] = [1] if kept else []
    return np.random.default_rng(3).integers(0, size, left).astype(dtype)


def _numbered(
    shape: tuple, axis: int, logits: bool, kept: bool = False, numbers: str = "int32", dtype: str = "float32"
) -> Row:
    return Row(
        _SPARSE,
        (_classes(shape, axis, kept, numbers), _predictions(shape, logits, dtype)),
        {"from_logits": logits, "axis": axis},
        gradient=logits or len(shape) < 4,  # Keras's is an error of torch's
        open_axis=kept,  # else numbers and predictions, which have more axes, would both have to be open
        **(_CLOSE if dtype == "float32" else _ROUGH),
    )


_PAIRED = ["binary_crossentropy", "categorical_crossentropy"]
_SPARSE = "sparse_categorical_crossentropy"
_EDGES = np.array([[0.0, 1.0, 0.5], [1.0, 1e-9, 1.0]], "float32")
_PLACES = [
    ((4, 2, 3), 0),
    ((4, 2, 3), 1),
    ((4, 2, 3), 2),
    ((4, 2, 3), -1),
    ((4, 2, 3), -2),
    ((4, 2, 3), -3),
]

ROWS = [
    *(
        Row(name, (_shares(*shape), _predictions(shape, logits)), {"from_logits": logits}, **_CLOSE)
        for name in _PAIRED
        for shape in [*_SHAPES, (0, 3)]
        for logits in _BOTH
    ),
    *(
        Row("binary_crossentropy", (np.float32(1.0), _predictions((), logits), logits), symbolic=False)
        for logits in _BOTH
    ),
    *(
        Row(f"nn.{name}", (_shares(2, 3, dtype=t), _predictions((2, 3), logits, t), logits), **_ROUGH)
        for name in _PAIRED
        for t in ("float16", "float64")
        for logits in _BOTH
    ),
    *(Row(name, (np.eye(2, 3, dtype="float32"), _EDGES), gradient=False, **_CLOSE) for name in _PAIRED),
    *(
        Row(
            "categorical_crossentropy", (_shares(*shape), _predictions(shape, logits), logits, axis), **_CLOSE
        )
        for shape, axis in _PLACES
        for logits in _BOTH
    ),
    *(
        _numbered(shape, -1, logits, kept=kept)
        for shape in _SHAPES
        for logits in _BOTH
        for kept in _BOTH
        if not (shape == (3,) and kept)
    ),
    *(_numbered(shape, axis, logits) for shape, axis in _PLACES for logits in _BOTH),
    *(
        _numbered((2, 3), -1, logits, numbers=t)
        for t in ("uint8", "int8", "int64", "float32")
        for logits in _BOTH
    ),
    *(_numbered((2, 3), -1, logits, dtype=t) for t in ("float16", "float64") for logits in _BOTH),
    Row("nn." + _SPARSE, ([0, 2], array(2, 3), True), open_axis=False),
]
