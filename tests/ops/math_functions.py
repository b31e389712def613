"""Rows for `keras.ops`: special functions, segments, distances and Fourier transforms."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_INTEGERS = ["bool", "uint8", "int8", "int16", "int32", "int64"]
_FLOATS = ["float16", "float32", "float64"]
_SHAPES = [(), (3,), (2, 3), (0, 3), (2, 1, 3), (2, 1, 2, 3), (2, 1, 2, 1, 2)]
_SPECIAL = ["erf", "erfc", "erfinv", "rsqrt"]
_LOW = {"rsqrt": 0.5, "erfinv": -0.9}
_HIGH = {"erfinv": 0.9}
_IDS = [
    ([0, 0, 1, 1, 2, 2], None),
    ([2, 0, 1, 0, 1, 2], None),
    ([0, 0, 1, 1, 2, 2], 3),
    ([0, 1, 3, 3, 1, 0], 4),
    ([0, 0, 1, 1, -1, 7], 2),
]
_KINDS = ["sum", "max", "min", "prod"]
_COARSE = {"rtol": 1e-4, "atol": 1e-5}


def _numbers(name: str, *shape: int, dtype: str = "float32") -> np.ndarray:
    return array(*shape, dtype=dtype, low=_LOW.get(name, -2.0), high=_HIGH.get(name, 2.0))


def _complex(*shape: int, dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    return array(*shape, dtype=dtype), array(*shape, dtype=dtype, seed=1)


def _segments(kind: str, shape: tuple, ids: list, count: int | None, dtype: str) -> Row:
    return Row(
        f"segment_{kind}",
        (array(*shape, dtype=dtype, low=0.5), np.array(ids), count),
        symbolic=count is not None,
        open_axis=len(shape) == 1,
        gradient=kind in ("sum", "prod") or -1 not in ids,
    )


def _stft(shape: tuple, length: int, stride: int, size: int, window: object, center: bool, dtype: str) -> Row:
    settings = {"window": window, "center": center}
    arguments = (array(*shape, dtype=dtype), length, stride, size)
    return Row("stft", arguments, settings, open_axis=len(shape) > 1, **_COARSE)


_STFT = [
    (shape, *sizes, window, center, "float32")
    for shape in ((16,), (2, 16), (2, 1, 16))
    for sizes in ((8, 4, 8), (6, 3, 8), (5, 2, 9))
    for window in ("hann", "hamming", None)
    for center in (True, False)
]
_ISTFT = [
    ((*batch, 5, 5), sizes, length, window, center)
    for batch in ((), (2,), (2, 1))
    for sizes in ((8, 2, 8), (8, 4, 8), (6, 2, 8))
    for length in (None, 10)
    for window in ("hann", "hamming", None)
    for center in (True, False)
    if not (window is not None and sizes[1] * 4 < sizes[0])
]

ROWS = [
    *(Row(name, (_numbers(name, *shape),)) for name in _SPECIAL for shape in _SHAPES),
    *(Row(name, (_numbers(name, 2, 3, dtype=t),)) for name in _SPECIAL for t in _FLOATS),
    *(Row(name, (np.array([1, 0, 1]).astype(t),)) for name in ("erf", "erfc", "rsqrt") for t in _INTEGERS),
    *(Row(name, (value,)) for name in _SPECIAL for value in (0.5, [0.25, 0.5])),
    *(
        Row("logsumexp", (array(*shape),), {"axis": axis, "keepdims": keepdims})
        for shape in _SHAPES
        for axis in (None, *range(-len(shape), len(shape)))
        for keepdims in (False, True)
        if 0 not in shape
    ),
    *(Row("logsumexp", (array(2, 3, 2, dtype=t),), {"axis": (0, -1)}) for t in _FLOATS),
    *(Row("logsumexp", (array(2, 3, dtype=t),), {"axis": 1}) for t in _INTEGERS),
    *(Row("top_k", (array(*s), k), {"sorted": True}) for s in _SHAPES[1:] for k in (0, 1, 2) if k <= s[-1]),
    *(Row("top_k", (np.array([[3, 1, 2], [7, 9, 8]]).astype(t), 2)) for t in (*_INTEGERS[1:], *_FLOATS)),
    *(Row("in_top_k", (np.array([2, 0, 1]), array(3, 5), k), open_axis=False) for k in (1, 2, 3, 5)),
    *(
        Row("in_top_k", (np.array([2, 0]).astype(t), array(2, 4), 2), open_axis=False)
        for t in ("int32", "int64", "uint8", "float32")
    ),
    *(
        Row("in_top_k", (np.array([0, 1, 2, 3]), np.array([[1.0, 1.0, 0.0, 2.0]] * 4), k), open_axis=False)
        for k in (1, 2, 3)
    ),
    Row("in_top_k", (np.zeros(0, int), array(0, 3), 1), open_axis=False),
    *(
        Row(
            "cdist",
            (array(*a, dtype=t), array(*b, dtype=t, seed=1)),
            gradient=t != "float16",
            rtol=2e-3 if t == "float16" else 1e-5,
        )
        for a, b in (
            ((2, 3), (4, 3)),
            ((1, 3), (1, 3)),
            ((2, 4, 3), (2, 5, 3)),
            ((2, 1, 4, 3), (3, 5, 3)),
            ((0, 3), (2, 3)),
        )
        for t in _FLOATS
    ),
    *(_segments(kind, (6,), ids, n, "float32") for kind in _KINDS for ids, n in _IDS),
    *(_segments(kind, (6, 2, 3), ids, n, "float32") for kind in _KINDS for ids, n in _IDS),
    *(
        _segments(kind, (6, 2), ids, n, t)
        for kind in _KINDS
        for ids, n in _IDS[:3]
        for t in ("int32", "int64", "float16", "float64")
    ),
    *(
        Row(name, (_complex(*shape, dtype=t),))
        for name in ("fft",)
        for shape in ((4,), (2, 5), (2, 1, 3), (2, 1, 2, 4))
        for t in ("float32", "float64")
    ),
    *(
        Row(name, (_complex(*shape, dtype=t),))
        for name in ("fft2", "ifft2")
        for shape in ((4, 3), (2, 5, 2), (2, 1, 3, 2), (1, 2, 1, 2, 2))
        for t in ("float32", "float64")
    ),
    *(
        Row("rfft", (array(*s, dtype=t), n))
        for s in ((6,), (2, 5), (2, 1, 4))
        for n in (None, 4, 8)
        for t in ("float32", "float64")
    ),
    *(Row("irfft", (_complex(*s), n), **_COARSE) for s in ((5,), (2, 4), (2, 1, 4)) for n in (None, 5, 8)),
    *(
        Row("extract_sequences", (array(*s, dtype=t), length, stride))
        for s in ((7,), (2, 7), (2, 1, 7))
        for length, stride in ((3, 1), (2, 2), (7, 3), (4, 5))
        for t in ("int32", "float32")
    ),
    *(_stft(*given) for given in _STFT),
    *(_stft((16,), 8, 4, 8, window, True, "float64") for window in ("hann", array(8, low=0.5), None)),
    *(
        Row(
            "istft",
            (_complex(*shape), *sizes),
            {"length": length, "window": window, "center": center},
            **_COARSE,
        )
        for shape, sizes, length, window, center in _ISTFT
    ),
    Row("view_as_complex", (array(3, 2, dtype="float64"),), gradient=False),
    *(Row("view_as_complex", (array(*s, 2),), gradient=False, open_axis=bool(s)) for s in _SHAPES),
    *(Row("view_as_real", (array(*s) + 1j * array(*s, seed=1),)) for s in _SHAPES),
]
