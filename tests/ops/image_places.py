"""Rows for `keras.ops.image`: numbers read at other places."""

from __future__ import annotations

from itertools import product

import numpy as np

from tests.ops.cases import Row, array

_MODES = ["constant", "nearest", "wrap", "mirror", "reflect"]
_KINDS = ["bilinear", "nearest"]
_TYPES = ["uint8", "int16", "int32", "int64", "float16", "float64"]
_NEAR = {"rtol": 1e-4, "atol": 1e-4}
_COARSE = {"rtol": 1e-2, "atol": 1e-2}

_TURN = [0.8, -0.6, 1.3, 0.55, 0.75, -1.2, 0.0, 0.0]
_MOVE = [1.0, 0.0, 1.7, 0.0, 1.0, -2.2, 0.0, 0.0]


def _affine(images: np.ndarray, matrix: list, *rest: object, **settings: object) -> Row:
    precision = _COARSE if images.dtype == "float16" else _NEAR
    return Row(
        "image.affine_transform", (images, matrix, *rest), dict(settings), open_axis=False, **precision
    )


_AFFINE = [
    *(_affine(array(2, 5, 4, 2), [_TURN, _MOVE], kind, mode, 0.5) for kind, mode in product(_KINDS, _MODES)),
    *(_affine(array(4, 6, 3), m, kind, mode) for m, kind, mode in product([_TURN, _MOVE], _KINDS, _MODES)),
    *(
        _affine(array(2, 2, 4, 5), [_TURN, _MOVE], k, m, data_format="channels_first")
        for k, m in product(_KINDS, _MODES)
    ),
    *(_affine(array(1, 4, 4, 1, dtype=t, high=90.0), [_TURN], k) for t, k in product(_TYPES, _KINDS)),
    _affine(array(3, 4, 2), _MOVE, "bilinear", "constant", 2.5),
    _affine(array(3, 4, 2), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
    Row("image.affine_transform", (array(1, 3, 4, 2), np.array([_TURN], "float32")), gradient=False, **_NEAR),
]

_START = [[0.0, 0.0], [4.0, 0.0], [0.0, 3.0], [4.0, 3.0]]
_END = [[0.3, 0.2], [3.6, -0.4], [0.6, 3.4], [4.4, 2.7]]
_PERSPECTIVE = [
    *(
        Row("image.perspective_transform", (array(*shape, dtype=t), s, e, kind), open_axis=False, **precision)
        for shape, s, e in [
            ((4, 5, 2), _START, _END),
            ((2, 4, 5, 1), [_START] * 2, [_END, _START]),
            ((2, 4, 5, 2), _END, _START),
        ]
        for kind in _KINDS
        for t, precision in (("float32", _NEAR), ("float64", _NEAR))
    ),
    *(
        Row(
            "image.perspective_transform",
            (array(2, 4, 5), _START, _END, kind, fill),
            {"data_format": "channels_first"},
            open_axis=False,
            **_NEAR,
        )
        for kind in _KINDS
        for fill in (0, 1.5)
    ),
    Row(
        "image.perspective_transform",
        (array(1, 4, 5, 2), np.array([_START], "float32"), np.array([_END], "float32")),
        gradient=False,
        **_NEAR,
    ),
]

_PLACES = {rank: array(rank, 2, 3, low=-3.0, high=6.0, seed=rank) for rank in range(1, 6)}


def _mapped(values: np.ndarray, places: np.ndarray, *rest: object) -> Row:
    return Row("image.map_coordinates", (values, places, *rest), open_axis=False, **_NEAR)


_MAP = [
    *(
        _mapped(array(*[4, 3, 5, 2, 3][:rank]), places, order, mode)
        for (rank, places), order, mode in product(_PLACES.items(), (0, 1), _MODES)
    ),
    *(
        _mapped(array(4, 3, dtype=t, high=50.0), _PLACES[2], order, mode, 7)
        for t, order, mode in product(["uint8", "int32", "int64", "float64"], (0, 1), ["constant", "reflect"])
    ),
    *(
        _mapped(array(4, 3), array(2, 5, dtype="int32", low=-1, high=3), order, m)
        for order, m in product((0, 1), _MODES)
    ),
    _mapped(array(4, 3), array(2, 0), 1),
    Row("image.map_coordinates", ([10.0, 20.0, 40.0], [[0.5, 1.25]], 1)),
]


def _scaled(
    method: str, antialias: bool, shape: tuple, axes: tuple, scale: list, move: list, dtype: str = "float32"
) -> Row:
    size = tuple(max(round(n * scale[axes.index(a)]), 1) if a in axes else n for a, n in enumerate(shape))
    numbers = (np.array(scale, "float32"), np.array(move, "float32"))
    images = array(*shape, dtype=dtype, high=90.0)
    precision = _COARSE if dtype == "float16" else {"rtol": 1e-3, "atol": 1e-3}
    return Row(
        "image.scale_and_translate",
        (images, size, *numbers, axes, method, antialias),
        open_axis=False,
        **precision,
    )


_METHODS = ["linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5"]
_SCALE = [
    *(_scaled(m, a, (4, 5), (0, 1), [2.0, 0.5], [0.3, -0.7]) for m, a in product(_METHODS, (True, False))),
    *(_scaled(m, True, (2, 6, 5, 1), (1, 2), [0.4, 1.5], [0.0, 0.0]) for m in _METHODS[::2]),
    *(_scaled("cubic", True, (5, 4), (1,), [1.7], [0.2], dtype=t) for t in _TYPES),
]
_ELASTIC = [
    Row(
        "image.elastic_transform",
        (array(*shape, dtype=t), 0.0, 1.0, kind, mode),
        {"data_format": f},
        open_axis=False,
        rtol=1e-3,
        atol=1e-3,
    )
    for shape, f in [
        ((2, 5, 4, 3), "channels_last"),
        ((5, 4, 1), "channels_last"),
        ((2, 1, 4, 5), "channels_first"),
    ]
    for kind in _KINDS
    for mode in _MODES[:2]
    for t in ("float32",)
]

ROWS = [*_AFFINE, *_PERSPECTIVE, *_MAP, *_SCALE, *_ELASTIC]
