"""Rows for `keras.ops.numpy`: indexing, conditions, order, sets and functions of slices."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_INTS = ["uint8", "int8", "int16", "int32", "int64"]
_SHAPES = [(3,), (2, 3), (2, 1, 3), (1, 2, 2, 1), (2, 1, 2, 1, 2)]
_CONDITION = array(2, 3, dtype="bool")


def _numpy(name: str, *args: object, because: str, **kwargs: object) -> Row:
    """A call that must give what NumPy gives."""
    value = getattr(np, name)(*args, **kwargs)
    return Row(name, args, kwargs, expected=value, because=because)


_INDEXING = [
    *(
        Row("get_item", (array(4, 3, 2), key))
        for key in [
            1,
            -1,
            slice(1, 3),
            slice(None, None, 2),
            (slice(None), 1),
            (0, 1, 1),
            ...,
            (..., 0),
            None,
            (slice(None), None, slice(1, None)),
            [0, 2],
            (slice(None), [0, 2]),
            (1, ..., None),
        ]
    ),
    *(Row("get_item", (array(4, 3, dtype=t), 1)) for t in _TYPES),
    *(
        Row(
            "get_item",
            (array(4, 3, 2), key),
            expected=array(4, 3, 2)[key],
            because="torch has no steps backwards",
            open_axis=False,
        )
        for key in [
            slice(None, None, -1),
            (slice(None), slice(None, None, -2)),
            (0, slice(2, 0, -1)),
            (..., slice(None, None, -1)),
            (None, slice(3, None, -2)),
            (slice(1, 3, -1), slice(None, None, -1)),
        ]
    ),
    *(
        Row("take", (array(*shape), np.array(indices), axis), open_axis=False)
        for shape in _SHAPES
        for indices in (0, [1, 0], [[0, -1], [0, 0]])
        for axis in (0, -1)
        if shape[0] > 1 and shape[-1] > 1
    ),
    *(Row("take", (array(2, 3), indices, axis)) for indices in (1, [0, -1], [[1], [0]]) for axis in (1, -1)),
    *(Row("take", (array(4, 3, dtype=t), [0, 2], 0)) for t in _TYPES if t in ("float32", "float64")),
    *(Row("take", (array(2, 3, dtype=t), [0, 2], 1)) for t in _TYPES),
    *(Row("take", (array(2, 3), np.array([0, 2], t), 1), gradient=False) for t in _INTS),
    Row(
        "take",
        (array(2, 3), [[0, 5], [3, 2]]),
    ),
    _numpy("take", array(2, 3), [0, -1], because="Keras on torch counts back from the first axis"),
    *(
        Row("take_along_axis", (array(*shape), np.zeros(shape, "int64") - back, axis), symbolic=True)
        for shape in _SHAPES
        for back in (0, 1)
        for axis in (0, -1)
    ),
    *(Row("take_along_axis", (array(2, 3, dtype=t), np.array([[0, -1], [1, 2]]), 1)) for t in _TYPES),
    Row("take_along_axis", (array(2, 3), np.array([5, 0, 2])), symbolic=False),
    _numpy(
        "take_along_axis",
        array(2, 3),
        np.array([-1, 0]),
        axis=None,
        because="Keras on torch counts back from the first axis",
    ),
    *(
        Row("unravel_index", (np.array([3, 0, 5], t), shape))
        for t in _INTS
        for shape in [(2, 3), (6,), (3, 1, 2)]
    ),
    *(Row("unravel_index", (indices, (2, 2, 3))) for indices in (7, [[1], [11]], np.int32(3))),
]

_CONDITIONS = [
    *(
        Row("where", (array(*shape, dtype="bool"), array(*shape), array(*shape, seed=1)))
        for shape in [(), *_SHAPES]
    ),
    *(
        Row("where", (array(*c, dtype="bool"), array(*a), array(*b, seed=1)), open_axis=False)
        for c, a, b in [
            ((2, 1), (3,), ()),
            ((), (2, 3), (3,)),
            ((0, 2), (2,), (1,)),
            ((2, 3), (2, 1), (1, 3)),
        ]
    ),
    *(
        Row("where", (_CONDITION, array(2, 3, dtype=a), array(3, dtype=b)), open_axis=False)
        for a in _TYPES
        for b in _TYPES
    ),
    *(
        Row("where", (_CONDITION, a, b))
        for a, b in [(1, 0), (1.5, 0), (1, 2.5), (True, False), ([1, 2, 3], 0)]
    ),
    *(Row("where", (_CONDITION, array(2, 3, dtype=t), 0)) for t in _TYPES[1:]),
    *(Row("where", (array(2, 3, dtype=t), 1.0, 2.0)) for t in _TYPES),
    *(Row("where", (array(*shape, dtype="bool"),)) for shape in _SHAPES),
    *(Row("nonzero", (array(*shape, dtype=t),)) for shape in _SHAPES for t in ("bool", "int32", "float32")),
    *(Row("nonzero", (value,)) for value in ([0, 3, 0], [[True, False]], [0, 0])),
    *(
        Row(
            "select",
            (
                [array(*shape, dtype="bool"), array(*shape, dtype="bool", seed=3)],
                [array(*shape, dtype=t), array(*shape, dtype=t, seed=1)],
                default,
            ),
        )
        for shape in _SHAPES[:3]
        for t in ("float32", "int32")
        for default in (0, 2.5)
    ),
    *(Row("select", ([_CONDITION], [array(2, 3, dtype=t)])) for t in _TYPES),
]

_ORDER = [
    *(
        Row(name, (array(*shape), axis))
        for name in ("sort", "argsort")
        for shape in [*_SHAPES, (0, 2)]
        for axis in (0, -1, None)
    ),
    *(Row(name, (array(3, 4, dtype=t),)) for name in ("sort", "argsort") for t in _TYPES),
    *(Row(name, ([3, 1, 2],)) for name in ("sort", "argsort")),
    *(
        Row(
            "argpartition",
            (array(*shape), k, axis),
            expected=np.argsort(array(*shape), axis, kind="stable"),
            because="Keras on torch compares integers only",
        )
        for shape in [(3,), (2, 3), (3, 1, 3), (2, 2, 2, 3)]
        for k in (0, 1)
        for axis in (0, -1, None)
        if axis is None or shape[axis] > 1
    ),
    *(
        Row(
            "argpartition",
            (np.array([7, 3, 5], t), k),
            because="Keras on torch may order the rest otherwise",
            expected=np.array([1, 2, 0]),
        )
        for t in _INTS
        for k in (0, 1, 2)
    ),
    *(
        Row("searchsorted", (np.array([1, 3, 3, 7], t), np.array(values, t)), {"side": side}, open_axis=False)
        for t in ("int32", "int64", "float32", "float64", "uint8")
        for values in ([0, 3, 9], [[1], [7]], 3)
        for side in ("left", "right")
    ),
    *(Row("searchsorted", ([1.0, 2.0], value)) for value in (1.5, [0.5, 2.0])),
    *(
        Row("isin", (array(*shape, dtype=a), array(3, dtype=b, seed=2)), {"invert": invert}, open_axis=False)
        for shape in [(2, 3), (2, 1, 2)]
        for a in ("bool", "int32", "float32")
        for b in ("bool", "int32", "float32")
        for invert in (False, True)
    ),
    *(Row("isin", (array(2, 3, dtype=t), array(2, dtype=t))) for t in _TYPES),
    Row("isin", ([1, 2, 3], [3, 1]), {"assume_unique": True}),
]

_NUMBERS = np.array([3, 1, 2, 1, 3, 2, 1])
_ROWS = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]])
_SETS = [
    *(Row("unique", (_NUMBERS.astype(t),), gradient=False) for t in _TYPES[1:]),
    *(
        Row("unique", (_NUMBERS,), {"return_index": a, "return_inverse": b, "return_counts": c})
        for a in (True, False)
        for b in (True, False)
        for c in (True, False)
    ),
    *(
        Row("unique", (_ROWS,), {"axis": axis, "return_inverse": True, "return_counts": True})
        for axis in (0, 1, -1)
    ),
    *(Row("unique", (_ROWS,), {"axis": axis, "return_index": True}) for axis in (0, 1)),
    Row("unique", (_ROWS,), {"return_inverse": True}),
    *(
        Row(
            "unique",
            (_NUMBERS,),
            {"size": size, "fill_value": fill, "return_counts": True, "return_index": True},
        )
        for size in (1, 2, 3, 5)
        for fill in (None, 9)
    ),
    *(Row("unique", (_ROWS,), {"axis": axis, "size": size}) for axis in (0, 1) for size in (1, 2, 4)),
]

ROWS = [*_INDEXING, *_CONDITIONS, *_ORDER, *_SETS]
