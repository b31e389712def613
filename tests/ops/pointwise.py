"""Rows for `keras.ops.numpy`: the functions of one number, and what rounds and limits."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_SHAPES = [(), (3,), (0,), (2, 3), (2, 0, 3), (2, 3, 2), (2, 1, 3, 2), (1, 2, 1, 2, 2)]
_HALF = {"rtol": 2e-3, "atol": 2e-3}

# Where each function has values for all numbers: the limits of its argument.
_LIMITS = {
    **dict.fromkeys(
        ["sin", "cos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "deg2rad", "rad2deg"], (-2, 2)
    ),
    **dict.fromkeys(["exp", "exp2", "expm1", "cbrt", "i0", "fabs", "floor", "ceil", "angle"], (-2, 2)),
    **dict.fromkeys(["log", "log10", "log2", "log1p", "sqrt", "reciprocal"], (0.5, 3)),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], (-0.9, 0.9)),
    "tan": (-1, 1),
    "sinc": (0.2, 3),
    "arccosh": (1.5, 4),
}
_ANY = ["abs", "absolute", "square", "trunc", "isfinite", "isinf", "isnan", "isreal", "logical_not"]
_SIGNED = ["sign", "signbit", "isneginf", "isposinf", "nan_to_num"]
_SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, -1.5], "float32")
_OF_SPECIAL = [
    *_ANY,
    *_SIGNED,
    "negative",
    "fabs",
    "floor",
    "ceil",
    "exp",
    "sqrt",
    "log",
    "tanh",
    "arctan",
    "cbrt",
]


def _of_type(name: str, dtype: str) -> Row:
    low, high = _LIMITS.get(name, (-2, 2))
    # Integers outside of a function's domain: one is inside of all.
    x = (
        np.ones(3, dtype)
        if "float" not in dtype and name in _LIMITS
        else array(2, 3, dtype=dtype, low=low, high=high)
    )
    return Row(name, (x,), **(_HALF if dtype == "float16" else {}))


def _of_shape(name: str, shape: tuple) -> Row:
    low, high = _LIMITS.get(name, (-2, 2))
    return Row(name, (array(*shape, low=low, high=high),))


_NAMES = [*_LIMITS, *_ANY, *_SIGNED]
_COMPLEX = np.array([1 + 2j, -0.5j, 3 - 1j], "complex64")

ROWS = [
    *(_of_shape(name, shape) for name in _NAMES for shape in _SHAPES),
    *(_of_type(name, dtype) for name in _NAMES for dtype in TYPES),
    *(Row(name, (_SPECIAL,), gradient=False) for name in _OF_SPECIAL),
    *(Row(name, (number,)) for name in _LIMITS for number in (1, 1.0)),
    *(Row(name, ([1, 1],)) for name in _NAMES),
    *(Row("nan_to_num", (_SPECIAL,), kwargs) for kwargs in ({"nan": 2.0}, {"posinf": 5.0, "neginf": -6.0})),
    *(
        Row(name, (x,), gradient=False)
        for name in ("real", "imag", "conj", "conjugate", "angle", "isreal", "abs", "exp", "square")
        for x in (_COMPLEX, _COMPLEX.reshape(3, 1), _COMPLEX[:0])
    ),
    *(Row("real", (array(2, dtype=t),)) for t in TYPES),
    *(Row("conj", (array(2, dtype=t),)) for t in TYPES),
    Row("imag", (array(3),), expected=np.zeros(3, "float32"), because="Keras on torch refuses real numbers"),
    *(Row("round", (array(*shape),)) for shape in _SHAPES),
    *(Row("round", (array(2, 3, dtype=t),)) for t in TYPES[1:]),
    *(Row("round", (array(2, 3, low=-90, high=90),), {"decimals": n}) for n in (1, 2, -1)),
    *(Row("round", (np.array([0.5, 1.5, -2.5, 3.5], t),)) for t in ("float32", "float64")),
    Row("round", (np.array([15, 26, -1234], "int32"), -1)),
    Row(
        "round",
        (np.array([16777217]),),
        expected=np.array([16777217]),
        because="Keras on torch rounds integers as float32",
    ),
    *(Row("clip", (array(*shape), -1, 1)) for shape in _SHAPES),
    *(Row("clip", (array(2, 3, dtype=t), 1, 2)) for t in TYPES),
    *(Row("clip", (array(2, 3, dtype=t), 0.5, 1.5)) for t in TYPES),
    *(
        Row("clip", (array(2, 3), array(3, low=-1, high=0), array(2, 1, low=0.1, high=1)), kwargs)
        for kwargs in ({},)
    ),
    Row("clip", (array(2, 3), -1.0, array(3, low=0.1, high=1))),
    Row(
        "clip",
        (array(3), None, 0.5),
        expected=np.minimum(array(3), 0.5),
        because="None is no limit, as in NumPy",
    ),
]
