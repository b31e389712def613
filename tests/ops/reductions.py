"""Rows for `keras.ops.numpy`: reductions, statistics, running sums and bins."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
# shape, axis
_AXES = [
    ((), None),
    ((4,), 0),
    ((4,), -1),
    ((2, 3), None),
    ((2, 3), 0),
    ((2, 3), -1),
    ((2, 3), (0, 1)),
    ((2, 3, 2), (0, -1)),
    ((2, 3, 2), [1]),
    ((1, 2, 2, 3), (-1, 1)),
    ((1, 2, 1, 2, 2), 3),
    ((1, 2, 1, 2, 2), (0, 2, 4)),
]
_NONE_IS_FLAT = "Keras on torch forgets `keepdims` where `axis` is None"
_HALF = {"rtol": 4e-3, "atol": 4e-3}

_WITH_KEEPDIMS = [
    "sum",
    "prod",
    "mean",
    "max",
    "min",
    "amax",
    "amin",
    "ptp",
    "all",
    "any",
    "var",
    "std",
    "median",
]
_NAN = ["nansum", "nanprod", "nanmean", "nanmax", "nanmin", "nanvar", "nanstd", "nanmedian"]
_SHARES = ["quantile", "nanquantile"]
_PERCENTS = ["percentile", "nanpercentile"]
_FORGETFUL = {"sum", "prod", "max", "min", "amax", "amin", "ptp", "nanprod"}
_ARG = ["argmax", "argmin", "nanargmax", "nanargmin"]
_FREE = [*_WITH_KEEPDIMS, *_NAN]


def _numbers(name: str, *shape: int, dtype: str = "float32") -> np.ndarray:
    x = array(*shape, dtype=dtype)
    if name.startswith("nan") and "float" in dtype and x.size > 2:
        x.flat[[1, x.size - 2]] = np.nan
    return x


def _typed(name: str, dtype: str) -> Row:
    return Row(
        name, (_numbers(name, 2, 3, dtype=dtype),), {"axis": 1}, **(_HALF if dtype == "float16" else {})
    )


_SPARSE = np.array([[[1, 0], [0, 0], [2, 3]], [[0, 5], [6, 7], [8, 0]]], "float32")
_SINGLE = [
    ((), None),
    ((4,), 0),
    ((4,), -1),
    ((2, 3), None),
    ((2, 3), 1),
    ((2, 3, 2), -2),
    ((1, 2, 1, 2, 2), 3),
]
_WIDE = array(5, low=-3, high=3)
_ROWS = array(2, 3, dtype="float64", low=0, high=5)

_REDUCTIONS = [
    *(Row(name, (_numbers(name, *shape),), {"axis": axis}) for name in _FREE for shape, axis in _AXES),
    *(
        Row(name, (_numbers(name, *shape),), {"axis": axis, "keepdims": True})
        for name in _FREE
        for shape, axis in _AXES
        if not (axis is None and name in _FORGETFUL) and not (isinstance(axis, list) and name in ("median",))
    ),
    *(
        Row(
            name,
            (array(2, 3),),
            {"keepdims": True},
            expected=f(array(2, 3), keepdims=True),
            because=_NONE_IS_FLAT,
        )
        for name, f in [
            ("sum", np.sum),
            ("max", np.max),
            ("amin", np.min),
            ("ptp", np.ptp),
            ("prod", np.prod),
        ]
    ),
    *(_typed(name, t) for name in _FREE for t in _TYPES if not (name == "ptp" and t == "bool")),
    *(Row(name, (array(2, 3),), {"axis": ()}) for name in _FREE if name not in ("std", "nanprod")),
    Row(
        "std",
        (array(2, 3),),
        {"axis": ()},
        expected=np.zeros((2, 3), "float32"),
        because="Keras on torch reduces all",
    ),
    *(Row(name, ([[1, 2], [3, 5]],), {"axis": a}) for name in _FREE for a in (0, None)),
    *(Row(name, (array(0, 3),), {"axis": 0}) for name in ("sum", "prod", "all", "any", "nansum", "nanprod")),
    *(
        Row(name, (array(0, 3),), {"axis": 1})
        for name in ("sum", "prod", "mean", "all", "any", "nansum", "var")
    ),
    *(Row(name, (array(2, 3), 1), {"initial": v}) for name in ("max", "min") for v in (0, 0.5, -9)),
    *(
        Row(
            name,
            (array(0, 3), 0),
            {"initial": 2},
            expected=np.full(3, 2.0, "float32"),
            because="shape as in NumPy",
        )
        for name in ("max", "min")
    ),
    *(Row("prod", (array(2, 3, dtype="int32"),), {"dtype": t}) for t in ("int64", "float32", "float64")),
    *(Row(name, (_numbers(name, *s),), {"axis": a}) for name in _ARG for s, a in _SINGLE),
    *(Row(name, (_numbers(name, 2, 3),), {"axis": a, "keepdims": True}) for name in _ARG for a in (0, -1)),
    *(Row(name, (array(2, 3, dtype=t),), {"axis": 1}) for name in _ARG for t in _TYPES),
    *(Row(name, (np.array([2, 1, 2, 1], "float32"),)) for name in _ARG),
    *(Row(name, (np.array([[np.nan, np.nan], [1, 2]], "float32"),), {"axis": 1}) for name in _ARG[2:]),
    *(Row("count_nonzero", (array(*s, dtype="int32"),), {"axis": a}) for s, a in _AXES if len(s) < 3),
    *(Row("count_nonzero", (array(2, 3, dtype=t),), {"axis": -1}) for t in _TYPES),
    Row("count_nonzero", (array(2, 3, dtype="bool"),), {"axis": ()}),
    Row(
        "count_nonzero",
        (_SPARSE,),
        {"axis": 1},
        expected=np.count_nonzero(_SPARSE, 1),
        because="Keras on torch transposes what is left",
    ),
]

_QUANTILES = [
    *(Row(name, (_numbers(name, *s), 0.3), {"axis": a}) for name in _SHARES for s, a in _AXES),
    *(Row(name, (_numbers(name, *s), 30), {"axis": a}) for name in _PERCENTS for s, a in _AXES),
    *(
        Row(name, (_numbers(name, *s), np.array([0.0, 0.25, 1.0], "float32")), {"axis": a, "keepdims": k})
        for name in _SHARES
        for s, a in _AXES
        for k in (False, True)
        if not isinstance(a, list)
    ),
    *(
        Row(name, (_numbers(name, 2, 3), [10, 20.5, 100]), {"axis": a, "keepdims": k})
        for name in _PERCENTS
        for a in (None, 0, (0, 1))
        for k in (False, True)
    ),
    *(
        Row(name, (_numbers(name, 2, 4), 0.4), {"axis": 1, "method": m})
        for name in _SHARES
        for m in ("linear", "lower", "higher", "midpoint", "nearest")
    ),
    *(
        Row(name, (_numbers(name, 2, 3, dtype=t), 0.5), {"axis": 1}, **_HALF)
        for name in _SHARES
        for t in _TYPES
    ),
]

_QUANTILES += [
    Row(name, (array(2, 3), np.array(q, "float32")), {"axis": 1, "keepdims": k})
    for name in _SHARES
    for q in (0.0, 0.3)
    for k in (False, True)
]
_AVERAGES = [
    *(Row("average", (array(*s),), {"axis": a}) for s, a in _AXES if a is not None),
    Row("average", (array(2, 3),)),
    *(Row("average", (array(3, dtype=t),), **(_HALF if t == "float16" else {})) for t in _TYPES),
    Row("average", (array(2, 3), -1, array(2, 3, low=1))),
    Row("average", (array(2, 3), 1, array(3, low=1))),
    Row("average", (array(4), 0, array(4, low=1))),
    *(
        Row(
            "average",
            (_ROWS,),
            {"axis": axis, "weights": w},
            expected=np.average(_ROWS, axis, w),
            open_axis=False,
            because="Keras on torch sums the weights over their last axis",
        )
        for axis, w in [(0, _ROWS + 1), (None, _ROWS + 1), (0, np.array([1.0, 3.0]))]
    ),
    *(Row("corrcoef", (array(3, 4, dtype=t),), rtol=1e-4) for t in ("int32", "int64", "float32", "float64")),
    *(Row("corrcoef", (array(n, 5),), rtol=1e-4) for n in (1, 2, 4, 6)),
    *(Row("corrcoef", (array(2, 5, seed=s),), rtol=1e-4) for s in range(4)),
]

_SUMS = ["cumsum", "cumprod", "nancumsum", "nancumprod"]
_BROKEN = np.array([1.0, np.nan, np.inf, 2.0], "float32")
_RUNNING = [
    *(Row(name, (_numbers(name, *s),), {"axis": a}) for name in _SUMS for s, a in _SINGLE if s),
    *(Row(name, (array(2, 3, dtype=t),), {"axis": 1}, **_HALF) for name in _SUMS for t in _TYPES),
    *(
        Row(name, (array(2, 3, dtype="int32"),), {"axis": 0, "dtype": t})
        for name in _SUMS
        for t in ("int16", "float32")
    ),
    *(
        Row(
            name,
            (array(3, dtype="int32"),),
            {"dtype": "int64"},
            expected=np.cumsum(array(3, dtype="int32")),
            because="Keras takes int64 for int32",
        )
        for name in ("cumsum", "nancumsum")
    ),
    *(
        Row(name, (_BROKEN,), expected=f(_BROKEN), because="Keras on torch replaces infinities as well")
        for name, f in [("nancumsum", np.nancumsum), ("nancumprod", np.nancumprod)]
    ),
    *(Row("diff", (array(*s, 4),), {"n": n}) for s in ((), (2,), (2, 1, 2)) for n in (1, 2)),
    *(Row("diff", (array(4, 3),), {"axis": a}) for a in (0, 1, -2)),
    *(Row("diff", (array(4, dtype=t),)) for t in _TYPES),
    *(Row("trapezoid", (array(*s, 4),)) for s in ((), (2,), (2, 1, 2))),
    *(Row("trapezoid", (array(4, 3),), {"axis": a, "dx": d}) for a in (0, 1, -2) for d in (1.0, 0.5)),
    *(Row("trapezoid", (array(2, 4), np.sort(array(4))), {"axis": 1}) for _ in range(1)),
    Row("trapezoid", (array(2, 4), array(2, 4, seed=2))),
    *(Row("trapezoid", (array(4, dtype=t),), **(_HALF if t == "float16" else {})) for t in _TYPES),
    Row(
        "trapezoid",
        (array(4),),
        {"dx": np.array([1.0, 2.0, 0.5], "float32")},
        expected=np.trapezoid(array(4), dx=np.array([1.0, 2.0, 0.5], "float32")),
        open_axis=False,
        because="Keras on torch takes one distance only",
    ),
]

_EDGES = np.array([-1.0, 0.0, 1.5], "float32")
_COUNTED = np.array([1, 3, 0, 3, 3], "int32")
_BINS = [
    *(Row("digitize", (array(*s), _EDGES)) for s in ((), (3,), (0,), (2, 3), (2, 1, 2, 1, 2))),
    *(Row("digitize", (array(2, 3, dtype=t), _EDGES)) for t in _TYPES),
    *(Row("digitize", (array(2, 3, dtype=t), _EDGES.astype("int32"))) for t in _TYPES),
    Row("digitize", ([0.2, 6.4, 3.0], [0.0, 1.0, 3.0])),
    *(
        Row("histogram", (array(20, seed=s),), {"bins": b}, gradient=False)
        for s in range(3)
        for b in (1, 4, 10)
    ),
    *(
        Row("histogram", (array(20),), {"bins": 5, "range": r}, gradient=False)
        for r in ((-1.0, 1.0), (0.0, 3.0), (-5, 5))
    ),
    *(Row("histogram", (np.full(3, v, "float32"),), gradient=False) for v in (0.0, 2.0)),
    Row("histogram", (array(9, dtype="float64"),), gradient=False),
    Row(
        "histogram",
        (np.array([1, 2, 2, 5], "int32"), 2),
        expected=(np.array([3, 1]), np.array([1, 3, 5])),
        because="Keras on torch counts no integers",
    ),
    *(Row("bincount", (_COUNTED.astype(t),)) for t in ("uint8", "int8", "int16", "int32", "int64")),
    *(Row("bincount", (_COUNTED,), {"minlength": n}) for n in (0, 3, 9)),
    *(Row("bincount", (_COUNTED, array(5, dtype=t)), gradient=False) for t in ("int32", "float32")),
    *(Row("bincount", (_COUNTED.reshape(1, 5),), {"minlength": n}) for n in (0, 9)),
    Row("bincount", (np.array([[1, 2, 0], [0, 2, 2]]),)),
    Row("bincount", (np.array([[1, 2], [0, 2]]), array(2, 2)), gradient=False),
]

ROWS = [*_REDUCTIONS, *_QUANTILES, *_AVERAGES, *_RUNNING, *_BINS]
