"""Rows for `keras.ops.numpy`: sums, differences, products and quotients."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_BINARY = ["add", "subtract", "multiply", "divide"]
_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_SHAPES = [
    ((), ()),
    ((3,), ()),
    ((2, 3), (3,)),
    ((2, 1, 3), (4, 1)),
    ((0, 3), (3,)),
    ((2, 1, 2, 1, 2), (2, 1, 2, 1)),
]


def _pair(name: str, first: tuple, second: tuple) -> Row:
    return Row(name, (array(*first), array(*second, low=0.5)))


ROWS = [
    *(_pair(name, *shapes) for name in _BINARY for shapes in _SHAPES),
    *(
        Row(name, (array(2, 3, dtype=a), array(3, dtype=b, low=1, high=3, seed=1)))
        for name in _BINARY
        for a in _TYPES
        for b in _TYPES
        if not (name == "subtract" and "bool" in (a, b))
    ),
    *(Row(name, (array(2, 3, dtype=t), s)) for name in _BINARY for t in _TYPES[1:] for s in (2, 0.5)),
    *(Row(name, ([1, 2], np.float32(0.5))) for name in _BINARY),
    *(Row("negative", (array(2, 3, dtype=t),)) for t in _TYPES[2:]),
    Row("subtract", (array(2, 3, dtype="int8"), True)),
]
