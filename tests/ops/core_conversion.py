"""Rows for `keras.ops`: types, parts of tensors, values at coordinates, and axes rearranged."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_SHAPES = [(), (3,), (2, 3), (0, 3), (2, 1, 3), (2, 1, 2, 3), (2, 1, 2, 1, 2)]
_WIDE = np.array([-1e9, -300.0, -1.5, 0.0, 1.5, 127.0, 255.0, 300.0, 1e6])
_NEAR = np.array([-100.0, 0.0, 100.0])
_TO_FLOATS = [("int16", "float16"), ("int32", "float32"), ("int64", "float32")]
_BECAUSE = "Keras's limits of integers become NaN where floats do not hold them"
_MATRIX = array(4, 5)
_CUBE = array(3, 4, 5)
_SLICES = [
    (array(5), (1,), (3,)),
    (array(5), (0,), (0,)),
    (_MATRIX, (0, 0), (4, 5)),
    (_MATRIX, (1, 2), (2, 3)),
    (_MATRIX, [2, 0], [1, 5]),
    (_CUBE, (0, 1, 2), (3, 2, 1)),
    (_CUBE, np.array([0, 1, 2]), (3, 2, 1)),
    (array(2, 2, 2, 2), (0, 1, 0, 1), (2, 1, 2, 1)),
    (array(2, 1, 2, 1, 2), (0, 0, 1, 0, 1), (2, 1, 1, 1, 1)),
]
_PATTERNS = [
    ("a -> a", (3,), {}),
    ("a b -> b a", (2, 3), {}),
    ("a b -> (a b)", (2, 3), {}),
    ("a b -> (b a)", (2, 3), {}),
    ("(a b) -> a b", (6,), {"a": 2}),
    ("(a b) -> b a", (6,), {"b": 2}),
    ("b h w c -> b c h w", (2, 3, 4, 5), {}),
    ("b h w c -> (b h) w c", (2, 3, 4, 5), {}),
    ("b h w c -> h (b w) c", (2, 3, 4, 5), {}),
    ("b h w c -> b (c h w)", (2, 3, 4, 5), {}),
    ("b (h1 h) (w1 w) c -> (b h1 w1) h w c", (2, 6, 4, 3), {"h1": 2, "w1": 2}),
    ("b (h h1) (w w1) c -> b h w (c h1 w1)", (2, 6, 4, 3), {"h1": 2, "w1": 2}),
    ("a b c d e -> e d c b a", (2, 1, 2, 1, 3), {}),
]


def _updates(inputs: tuple, indices: list, updates: tuple, reduction: str | None, dtype: str) -> Row:
    return Row(
        "scatter_update",
        (array(*inputs, dtype=dtype), np.array(indices), array(*updates, dtype=dtype, seed=1)),
        {"reduction": reduction},
        gradient=reduction in (None, "add"),  # Keras changes what its own gradients need
        open_axis=False,
    )


_PLACES = [
    ((4,), [[0], [2]], (2,)),
    ((3, 4), [[0, 1], [2, 3]], (2,)),
    ((3, 4), [[0], [2]], (2, 4)),
    ((2, 3, 4), [[0, 1], [1, 2]], (2, 4)),
    ((2, 3, 4), [[0, 1, 2], [1, 2, 3], [1, 0, 0]], (3,)),
    ((2, 2, 2, 2), [[1, 1]], (1, 2, 2)),
]

ROWS = [
    *(Row("cast", (array(2, 3, dtype=a), b)) for a in _TYPES for b in (*_TYPES, "bfloat16")),
    *(Row("cast", (array(*shape), "float16")) for shape in _SHAPES),
    *(Row("saturate_cast", (_WIDE.astype(a), b)) for a in ("float32", "float64") for b in _TYPES),
    *(
        Row("saturate_cast", (_WIDE.clip(-100, 100).astype(a), b))
        for a in ("int8", "int16", "int32", "int64", "float16")
        for b in ("int8", "uint8", "int16", "int32", "float16", "float32")
        if (a, b) not in _TO_FLOATS
    ),
    *(
        Row("saturate_cast", (_NEAR.astype(a), b), expected=_NEAR.astype(b), because=_BECAUSE)
        for a, b in _TO_FLOATS
    ),
    Row(
        "saturate_cast",
        (np.array([3e9, -3e9], "float32"), "int32"),
        expected=np.array([2147483520, -(2**31)]),
        because="the limit is the largest float32 that an int32 holds; Keras lets it overflow",
    ),
    *(
        Row("convert_to_tensor", (array(2, 3, dtype=a), b))
        for a in _TYPES
        for b in (None, "float32", "int32")
    ),
    *(
        Row("convert_to_tensor", (value,))
        for value in (1, 1.5, True, [1, 2], [1.5, 2], [[True], [False]], 2**40)
    ),
    *(Row("convert_to_tensor", (array(*shape),)) for shape in _SHAPES),
    *(Row("stop_gradient", (array(*shape),)) for shape in _SHAPES),
    *(Row("stop_gradient", (array(2, dtype=t),)) for t in _TYPES),
    *(Row("slice", given, open_axis=False) for given in _SLICES),
    *(Row("slice", (array(4, dtype=t), (1,), (2,)), open_axis=False) for t in _TYPES),
    Row(
        "slice",
        (_MATRIX, (1, 2), (-1, 2)),
        expected=_MATRIX[1:, 2:4],
        because="-1 takes the rest, as the docs say",
    ),
    *(Row("slice_update", (x, start, array(*size, seed=2))) for x, start, size in _SLICES if 0 not in size),
    *(Row("slice_update", (array(4, dtype=t), (1,), array(2, dtype=t, seed=2))) for t in _TYPES),
    Row("slice_update", (array(4), (1,), array(2, dtype="int32"))),
    *(
        Row("unstack", (array(*shape),), {"axis": axis}, open_axis=axis % len(shape) > 0)
        for shape in _SHAPES[1:]
        for axis in range(-len(shape), len(shape))
        if shape[axis] or axis
    ),
    *(_updates(*places, None, t) for places in _PLACES for t in ("int32", "float32")),
    *(
        _updates(*places, kind, t)
        for places in _PLACES
        for kind in ("add", "max", "min", "mul")
        for t in ("int32", "float32")
    ),
    *(_updates((4,), [[1], [1], [3]], (3,), kind, "float32") for kind in ("add", "max", "min", "mul")),
    *(
        Row("scatter", (np.array(indices), array(*updates, dtype=t), shape), open_axis=False)
        for shape, indices, updates in _PLACES
        for t in ("int32", "float32", "float64")
    ),
    Row("scatter", (np.array([[1], [1]]), array(2), (3,)), open_axis=False),
    *(
        Row("rearrange", (array(*shape), pattern), sizes, open_axis=False)
        for pattern, shape, sizes in _PATTERNS
    ),
    *(Row("rearrange", (array(2, 3, dtype=t), "a b -> b a")) for t in _TYPES),
]
