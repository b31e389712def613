"""Rows for `keras.ops.nn`: label sequences that are not lined up with their frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.ops.cases import Row, array

_SIZES = [(2, 5, 4), (1, 3, 3), (3, 6, 5), (2, 1, 3)]
_CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-4, "open_axis": False}


def _labels(batch: int, length: int, classes: int, blank: int) -> np.ndarray:
    numbers = np.random.default_rng(4).integers(0, classes - 1, (batch, length))
    return (numbers + (numbers >= blank)).astype("int32")


def _lengths(batch: int, longest: int) -> np.ndarray:
    return np.maximum(longest - np.arange(batch), 1).astype("int32")


def _loss(size: tuple, blank: int, dtype: str = "float32") -> Row:
    batch, frames, classes = size
    longest = (frames + 1) // 2
    args = (
        _labels(batch, longest, classes, blank),
        array(*size, dtype=dtype),
        _lengths(batch, longest),
        np.full(batch, frames, "int32"),
    )
    return Row("ctc_loss", args, {"mask_index": blank}, **_CLOSE)


def _decode(size: tuple, blank: int, dtype: str = "float32", **kwargs: Any) -> Row:
    args = (array(*size, dtype=dtype), _lengths(size[0], size[1]))
    return Row("ctc_decode", args, {"mask_index": blank, **kwargs}, gradient=False, **_CLOSE)


ROWS = [
    *(_loss(size, blank) for size in _SIZES for blank in (0, 1, 2)),
    _loss(_SIZES[0], 0, "float64"),
    *(
        _decode(size, blank, merge_repeated=merged)
        for size in _SIZES
        for blank in (0, 2)
        for merged in (False, True)
    ),
    *(_decode(_SIZES[0], 1, t) for t in ("float16", "float64")),
    Row("ctc_decode", (array(1, 3, 4), np.array([3.5])), {"mask_index": 0}, gradient=False, **_CLOSE),
    *(
        _decode(size, blank, strategy="beam_search", beam_width=width, top_paths=count)
        for size in _SIZES
        for blank in (0, 2)
        for width, count in [(100, 1), (4, 2), (2, 2)]
    ),
]
