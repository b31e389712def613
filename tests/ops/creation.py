"""Rows for `keras.ops.numpy`: tensors from values, ranges, windows and special matrices."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_SHAPES = [(), (3,), (2, 3), (0, 2), (2, 1, 3), (1, 2, 2, 1), (2, 1, 2, 1, 2)]
_LIKE = ["zeros_like", "ones_like", "array", "copy"]
_MATRICES = [(1, 1), (3, 3), (2, 4), (4, 2), (0, 2)]


def _plain(name: str, *args: object, **kwargs: object) -> Row:
    return Row(name, args, kwargs, symbolic=False)


_FILLED = [
    *(_plain(name, shape) for name in ("zeros", "ones") for shape in _SHAPES),
    *(_plain(name, 3) for name in ("zeros", "ones")),
    *(_plain(name, (2, 3), dtype) for name in ("zeros", "ones") for dtype in _TYPES),
    *(_plain(name, (2,), dtype="bfloat16") for name in ("zeros", "ones")),
    *(_plain("empty", shape, dtype) for shape in [(0,), (2, 0), (0, 3, 1)] for dtype in _TYPES[3:]),
    *(_plain("full", shape, 2.5) for shape in _SHAPES),
    *(_plain("full", (2, 3), 2, dtype) for dtype in _TYPES),
    *(_plain("full", (2, 3), value) for value in (2, True, -1.5, [1, 2, 3])),
    *(Row("full", ((2, 3), array(3, dtype=t)), symbolic=False, gradient=False) for t in _TYPES),
    *(Row(name, (array(*shape),)) for name in _LIKE for shape in _SHAPES),
    *(Row(name, (array(2, 3, dtype=t),)) for name in _LIKE for t in _TYPES),
    *(Row(name, (array(2, 3, dtype=t), "int32")) for name in ("zeros_like", "ones_like") for t in _TYPES),
    *(Row("array", (array(2, 3), t)) for t in _TYPES),
    *(Row("array", (value,)) for value in (1, 2.5, True, [1, 2], [[1.5, 2.0]], (1, 2.5), [True])),
    *(Row("empty_like", (array(0, 3, dtype=t),)) for t in _TYPES),
    *(Row("empty_like", (array(2, 0), t)) for t in _TYPES),
    *(Row("full_like", (array(*shape), 2.5)) for shape in _SHAPES),
    *(Row("full_like", (array(2, 3, dtype=t), 2)) for t in _TYPES),
    *(Row("full_like", (array(2, 3), 2, t)) for t in _TYPES),
    *(
        Row("view", (array(2, 4, dtype=a), b))
        for a in ("int32", "float32")
        for b in ("int32", "float32", "int16")
    ),
    *(Row("view", (array(2, 4, dtype=a), b)) for a in ("int8", "uint8", "int16") for b in ("int8", "int32")),
]

_RANGES = [
    *(
        _plain("arange", *args)
        for args in [(0,), (3,), (2, 7), (7, 2, -2), (0, 10, 3), (3.0,), (1.0, 2.0, 0.25)]
    ),
    *(_plain("arange", 1, 7, 2, t) for t in _TYPES[1:]),
    *(Row("arange", (np.asarray(4, t),), symbolic=False, gradient=False) for t in _TYPES[1:]),
    _plain("arange", 1, np.float32(2), 0.5),
    *(
        _plain("linspace", *ends, num=n, endpoint=e)
        for ends in [(0, 1), (2.5, -1.5), (0.0, 0.0)]
        for n in (2, 5)
        for e in (True, False)
    ),
    *(_plain("linspace", 0, 10, 5, dtype=t) for t in _TYPES[1:]),
    *(_plain("linspace", 0, 9, 10, dtype=t) for t in ("int32", "int64")),
    *(_plain("linspace", 0.0, 1.0, 5, e, True) for e in (True, False)),
    *(
        Row(
            "linspace",
            (array(*shape, dtype=t), array(*shape, dtype=t, seed=2), 4),
            symbolic=False,
        )
        for shape in [(2,), (2, 3)]
        for t in ("float32", "int32")
    ),
    *(
        _plain("logspace", *ends, num=n, endpoint=e)
        for ends in [(0, 2), (2.5, -1.5)]
        for n in (2, 5)
        for e in (True, False)
    ),
    *(_plain("logspace", 0, 3, 4, base=b) for b in (2, 2.5, 10)),
    *(_plain("logspace", 0, 2, 3, dtype=t) for t in ("float16", "float32", "float64")),
    *(
        _plain("geomspace", *ends, num=n)
        for ends in [(1, 8), (0.5, 200.0), (-1.0, -8.0), (8, 1)]
        for n in (2, 5)
    ),
    *(_plain("geomspace", 1.0, 1000.0, 4, dtype=t) for t in ("float32", "float64")),
    *(
        Row(
            name,
            (array(2, low=1.0), array(2, low=1.0, seed=2), 3),
            {"axis": axis},
            symbolic=False,
            expected=value,
            because="Keras on torch knows the first axis only",
        )
        for name, function in (
            ("linspace", np.linspace),
            ("logspace", np.logspace),
            ("geomspace", np.geomspace),
        )
        for axis in (1, -1)
        for value in [function(array(2, low=1.0), array(2, low=1.0, seed=2), 3, axis=axis)]
    ),
    Row("linspace", ([1.0], [2.0], 1), expected=np.array([[1.0]]), because="Keras on torch divides by zero"),
    Row(
        "linspace",
        ([1.0, 2.0], [3.0, 7.0], 4),
        {"endpoint": False},
        because="Keras on torch divides by too few",
        expected=np.linspace([1.0, 2.0], [3.0, 7.0], 4, endpoint=False),
    ),
    *(
        Row("meshgrid", tuple(array(n, dtype=t) for n in sizes), {"indexing": indexing}, open_axis=False)
        for sizes in [(2,), (2, 3), (3, 1, 2), (0, 2)]
        for indexing in ("xy", "ij")
        for t in ("float32", "int32")
    ),
    Row("meshgrid", ([1, 2], [3, 4, 5])),
    Row(
        "meshgrid",
        (array(2, 2), array(2)),
        because="Keras on torch does not flatten",
        gradient=False,
        expected=np.meshgrid(array(2, 2), array(2)),
    ),
]

_WINDOWS = [
    *(
        _plain(name, n)
        for name in ("bartlett", "blackman", "hamming", "hanning")
        for n in (1, 2, 3, 4, 7, 8, 16)
    ),
    *(_plain("kaiser", n, beta) for n in (1, 2, 5, 8) for beta in (0.0, 2.5, 14.0)),
]

_SPECIAL = [
    *(_plain("eye", n, m, k) for n, m in [(3, None), *_MATRICES] for k in (-1, 0, 1)),
    *(_plain("eye", 2, dtype=t) for t in _TYPES),
    *(_plain("identity", n) for n in (0, 1, 3)),
    *(_plain("identity", 2, dtype=t) for t in [*_TYPES, "bfloat16"]),
    *(_plain("tri", n, m, k) for n, m in [(3, None), *_MATRICES] for k in (-1, 0, 1)),
    *(_plain("tri", 2, dtype=t) for t in _TYPES),
    *(
        Row(name, (array(*shape, dtype=t), k))
        for name in ("tril", "triu")
        for shape in [*_MATRICES, (2, 3, 3), (2, 1, 2, 3), (1, 2, 1, 3, 2)]
        for t in ("float32", "int32")
        for k in (-1, 0, 2)
    ),
    *(Row(name, (array(3, 3, dtype=t),)) for name in ("tril", "triu") for t in _TYPES),
    *(
        Row("diag", (array(*shape), k), open_axis=False)
        for shape in [(3,), (3, 3), (2, 4)]
        for k in (-1, 0, 1)
    ),
    *(Row("diag", (array(*shape, dtype=t),), open_axis=False) for shape in [(3,), (2, 3)] for t in _TYPES),
    *(Row("diagflat", (array(*shape), k), open_axis=False) for shape in [*_SHAPES[:5]] for k in (-1, 0, 1)),
    *(Row("diagflat", (array(2, 2, dtype=t),), open_axis=False) for t in _TYPES),
    *(
        Row("diagonal", (array(*shape), k, *axes), open_axis=False)
        for shape in [(3, 3), (2, 4), (0, 2)]
        for k in (-1, 0, 1)
        for axes in [(0, 1), (1, 0), (-1, -2)]
    ),
    *(
        Row("diagonal", (array(2, 3, 4),), {"axis1": a, "axis2": b}, open_axis=False)
        for a, b in [(0, 2), (1, -1)]
    ),
    *(Row("diagonal", (array(2, 3, dtype=t),), open_axis=False) for t in _TYPES),
    *(
        Row("trace", (array(*shape), k), open_axis=False)
        for shape in [(3, 3), (2, 4), (0, 2)]
        for k in (-1, 0, 1)
    ),
    *(
        Row("trace", (array(2, 3, 4),), {"axis1": a, "axis2": b}, open_axis=False)
        for a, b in [(0, 2), (1, -1)]
    ),
    *(Row("trace", (array(3, 3, dtype=t),), open_axis=False, atol=1e-3) for t in _TYPES),
    *(Row("vander", (array(3, dtype=t),), open_axis=False, gradient=False) for t in _TYPES[1:]),
    *(
        Row("vander", (array(4),), {"N": n, "increasing": up}, open_axis=False, gradient=False)
        for n in (None, 1, 3, 5)
        for up in (True, False)
    ),
    *(
        Row("slogdet", (array(*shape) + np.eye(2, dtype="float32") * 3,))
        for shape in [(3, 2, 2), (1, 2, 2, 2)]
    ),
    *(Row("slogdet", (array(n, n, seed=n),), open_axis=False) for n in (1, 2, 3, 4)),
    *(Row("slogdet", (array(2, 2, dtype=t),), open_axis=False) for t in ("float32", "float64")),
]

ROWS = [*_FILLED, *_RANGES, *_WINDOWS, *_SPECIAL]
