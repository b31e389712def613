"""Rows for `keras.ops.numpy`: the functions of two numbers."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_INTS = ["uint8", "int8", "int16", "int32", "int64"]
_FLOATS = ["float16", "float32", "float64"]
_TYPES = ["bool", *_INTS, *_FLOATS]
_SHAPES = [
    ((), ()),
    ((3,), ()),
    ((2, 3), (3,)),
    ((2, 1, 3), (4, 1)),
    ((0, 3), (3,)),
    ((2, 1, 2, 1, 2), (2, 1, 2, 1)),
]

_COMPARISONS = ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "isclose", "allclose"]
_EXTREMES = ["maximum", "minimum", "fmax", "fmin"]
_LOGICAL = ["logical_and", "logical_or", "logical_xor"]
_FLOATING = ["arctan2", "hypot", "logaddexp", "logaddexp2", "divide_no_nan", "heaviside", "true_divide"]
_REMAINDERS = ["mod", "fmod", "floor_divide"]
_BITS = ["bitwise_and", "bitwise_or", "bitwise_xor"]
_SHIFTS = ["bitwise_left_shift", "bitwise_right_shift", "left_shift", "right_shift"]
_DIVISORS = ["gcd", "lcm"]
_ALL = [*_COMPARISONS, *_EXTREMES, *_LOGICAL, *_FLOATING, *_REMAINDERS]
_REFUSING_TRUTH = {"floor_divide", "hypot", "heaviside"}  # in Keras on torch
_STEPS = {"heaviside", "floor_divide"}  # torch has no gradients of one, Keras of neither
_NAN, _INF = np.nan, np.inf
_SPECIAL = (
    np.array([_NAN, 1.0, _NAN, _INF, -_INF, 0.0], "float32"),
    np.array([1.0, _NAN, _NAN, _INF, 1.0, -0.0], "float32"),
)


def _row(name: str, x1: np.ndarray, x2: np.ndarray) -> Row:
    is_half = "float16" in (x1.dtype, x2.dtype)
    return Row(
        name, (x1, x2), gradient=name not in _STEPS, **({"rtol": 2e-3, "atol": 2e-3} if is_half else {})
    )


def _typed(names: list[str], first: list[str], second: list[str]) -> list[Row]:
    return [
        _row(name, array(2, 3, dtype=a), np.maximum(array(3, dtype=b, low=1, high=3, seed=1), np.ones((), b)))
        for name in names
        for a in first
        for b in second
        if not (name in _REFUSING_TRUTH and a == b == "bool")
    ]


def _neighbours(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    return np.array([1, 1, 0, -2, 3], dtype), np.array([2, 0, 1, -2, np.inf], dtype)


_TRUTH = array(4, dtype="bool")
_INT_ROWS = [
    Row(name, (array(*a, dtype="int32", low=1, high=9), array(*b, dtype="int32", low=1, high=4, seed=2)))
    for name in [*_BITS, *_SHIFTS, *_DIVISORS]
    for a, b in _SHAPES
]

ROWS = [
    *(
        Row(name, (_TRUTH, np.ones(4, "bool")), expected=f(_TRUTH * 1, 1), because="counts with 0 and 1")
        for name, f in [("floor_divide", np.floor_divide), ("hypot", np.hypot), ("heaviside", np.heaviside)]
    ),
    *(_row(name, array(*a), array(*b, low=0.5)) for name in _ALL for a, b in _SHAPES),
    *_typed(_ALL, _TYPES, _TYPES),
    *(
        Row(name, (array(2, 3, dtype=t), s), gradient=name not in _STEPS)
        for name in _ALL
        for t in ("int32", "float32", "float64")
        for s in (2, 0.5)
    ),
    *(Row(name, (s, array(2, 3, low=0.5)), gradient=name not in _STEPS) for name in _ALL for s in (2, 0.5)),
    *(Row(name, ([1, 2], [[2], [1]])) for name in _ALL if name != "divide_no_nan"),
    *(Row(name, _SPECIAL, gradient=False) for name in [*_COMPARISONS, *_EXTREMES, *_LOGICAL]),
    *(Row(name, _SPECIAL, {"equal_nan": True}) for name in ("isclose", "allclose")),
    *(
        Row(name, (array(3), array(3) + np.float32(0.01)), {"rtol": r, "atol": a})
        for name in ("isclose", "allclose")
        for r in (0.0, 0.1)
        for a in (0.0, 0.1)
    ),
    Row("divide_no_nan", (array(3), np.array([0.0, 2.0, 0.0], "float32"))),
    Row("divide_no_nan", (array(3, dtype="int32"), np.array([0, 2, 0], "int32"))),
    *_INT_ROWS,
    *_typed([*_BITS, *_DIVISORS], _INTS, _INTS),
    *_typed(_BITS, ["bool"], ["bool", *_INTS]),
    *(_row(name, array(2, 3, dtype=t), array(3, dtype=t, low=0, high=1)) for name in _SHIFTS for t in _INTS),
    *(Row(name, (array(2, 3, dtype=t), 1)) for name in [*_BITS, *_SHIFTS] for t in _INTS),
    *(Row(name, ([6, 3], 1)) for name in [*_BITS, *_SHIFTS, *_DIVISORS]),
    *(
        Row(name, (array(2, 3, dtype=t),))
        for name in ("bitwise_invert", "bitwise_not")
        for t in ["bool", *_INTS]
    ),
    *(
        Row(name, (array(*a, dtype="int32"),))
        for name in ("bitwise_invert", "bitwise_not")
        for a, _ in _SHAPES
    ),
    *(_row("power", array(*a, low=0.5), array(*b)) for a, b in _SHAPES),
    *_typed(["power"], _INTS, [*_INTS, *_FLOATS]),
    *(_row("power", array(2, dtype=t, low=0.5), array(2, dtype=u, seed=1)) for t in _FLOATS for u in _FLOATS),
    *(Row("power", (array(2, 3, dtype=t, low=0.5), s)) for t in ("int32", "float32") for s in (2, 0.5, 3.0)),
    *(Row("power", (s, array(2, 3))) for s in (2, 0.5)),
    *(Row("ldexp", (array(*a), array(*b, dtype="int32")), gradient=False) for a, b in _SHAPES),
    *(
        Row("ldexp", (array(2, 3, dtype=t), array(3, dtype=u)), gradient=False)
        for t in ["int8", "int32", "int64", *_FLOATS]
        for u in ("int8", "int32", "int64")
    ),
    *(
        Row(
            "nextafter",
            pair,
            expected=np.nextafter(*pair),
            because="Keras on torch steps in float64, then rounds",
        )
        for pair in [
            *map(_neighbours, _FLOATS),
            *((array(*a, dtype="float64"), array(*b, dtype="float64", seed=1)) for a, b in _SHAPES),
        ]
    ),
    *(
        Row("subtract", (array(2, 3, dtype=a), array(3, dtype=b, low=1)))
        for a in _TYPES
        for b in _TYPES
        if "bool" in (a, b) and a != b
    ),
    *(
        Row(name, (array(2, 3, dtype="bool"), 2))
        for name in ("add", "subtract", "multiply", "divide", "mod", "power")
    ),
]
