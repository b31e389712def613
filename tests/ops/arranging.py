"""Rows for `keras.ops.numpy`: shapes, the order of axes and of elements, joining, cutting and padding."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_SHAPES = [(), (3,), (2, 3), (0, 2), (2, 1, 3), (1, 2, 2, 1), (2, 1, 2, 1, 2)]


def _over(name: str, *args: object, rank: int = 0, **settings: object) -> list[Row]:
    """One call for each shape of at least some rank, and for each type."""
    shapes = [shape for shape in _SHAPES if len(shape) >= rank]
    most = shapes[min(2, len(shapes) - 1)]
    return [
        *(Row(name, (array(*shape), *args), **settings) for shape in shapes),
        *(Row(name, (array(*most, dtype=t), *args), **settings) for t in _TYPES),
    ]


_SHAPING = [
    *_over("ravel"),
    *_over("reshape", (-1,)),
    *(
        Row("reshape", (array(2, 6), shape))
        for shape in [(-1, 3), (4, 3), (2, 2, 3), 12, [3, -1], (-1, 1, 2, 1, 3)]
        if not (shape == (4, 3) or shape == (2, 2, 3) or shape == 12)
    ),
    *(Row("reshape", (array(2, 6), shape), open_axis=False) for shape in [(4, 3), (2, 2, 3), 12]),
    *_over("ndim", gradient=False, symbolic=False),
    *(Row("size", (array(*shape, dtype=t),)) for shape in _SHAPES[1:] for t in ("float32", "int32")),
    Row("size", (array(),), expected=np.int64(1), because="Keras on torch gives a float"),
    *_over("expand_dims", 0),
    *_over("expand_dims", -1),
    *(Row("expand_dims", (array(2, 3), axis)) for axis in (1, 2, -2, -3, (0, 1), [1, -1], (0, -1, 2))),
    *_over("squeeze"),
    *(Row("squeeze", (array(2, 1, 3, 1), axis)) for axis in (1, -1, 3, (1, 3), (1,), (-1, 1))),
    *(
        Row("broadcast_to", (array(*shape), to), open_axis=False)
        for shape, to in [
            ((), (2, 3)),
            ((3,), (2, 3)),
            ((1, 3), (2, 3)),
            ((2, 1), (2, 3)),
            ((2, 1, 3), (4, 2, 2, 3)),
            ((0, 1), (0, 2)),
            ((1,), (2, 1, 2, 1, 2)),
            ((3,), (3,)),
        ]
        if shape[:1] != (2,)
    ),
    *(Row("broadcast_to", (array(1, 3, dtype=t), (2, 3))) for t in _TYPES),
    *_over("transpose"),
    *(
        Row("transpose", (array(2, 1, 3), axes))
        for axes in [(0, 2, 1), (2, 1, 0), [1, 0, 2], (-1, 0, 1), None]
    ),
    *(Row("swapaxes", (array(2, 1, 3, 2), a, b)) for a, b in [(0, 1), (-1, 0), (1, 3), (2, 2), (-2, -3)]),
    *_over("swapaxes", 0, -1, rank=1),
    *(
        Row("moveaxis", (array(2, 1, 3, 2), a, b))
        for a, b in [(0, 1), (-1, 0), ((0, 1), (2, 3)), ([0, -1], [-1, 0])]
    ),
    *_over("moveaxis", 0, -1, rank=1),
]

_TURNING = [
    *_over("flip"),
    *_over("flip", -1, rank=1),
    *(Row("flip", (array(2, 3, 2), axis)) for axis in (0, 1, (0, 2), (-1, 1), [0])),
    *_over("fliplr", rank=2),
    *_over("flipud", rank=1),
    *_over("roll", 1),
    *_over("roll", -2, 0, rank=1),
    *(
        Row("roll", (array(2, 3, 2), shift, axis))
        for shift, axis in [(1, -1), ((1, 2), (0, 1)), (5, 2), (0, 0)]
    ),
    Row(
        "roll",
        (array(2, 3), 1, (0, 1)),
        expected=np.roll(array(2, 3), 1, (0, 1)),
        because="Keras on torch wants pairs",
    ),
    *_over("rot90", rank=2, open_axis=False),
    *(
        Row("rot90", (array(2, 3, 4), k, axes))
        for k in (-1, 0, 2, 3, 5)
        for axes in [(0, 1), (2, 1), (-1, 0)]
    ),
]


def _several(
    name: str, shapes: list, *args: object, types: tuple = ("float32", "float32"), **settings: object
) -> Row:
    arrays = [array(*shape, dtype=types[i % 2], seed=i) for i, shape in enumerate(shapes)]
    return Row(name, (arrays, *args), **settings)


_JOINING = [
    *(
        _several("concatenate", shapes, axis)
        for axis, shapes in [
            (0, [(2,), (3,)]),
            (0, [(2, 3), (2, 3)]),
            (-1, [(2, 3), (2, 1)]),
            (1, [(2, 3, 1)] * 3),
            (0, [(0, 2), (2, 2)]),
            (2, [(2, 1, 2, 1), (2, 1, 3, 1)]),
            (-5, [(2, 1, 2, 1, 2)] * 2),
            (0, [(2,)]),
        ]
    ),
    *(_several("concatenate", [(2, 3), (2, 3)], 1, types=(a, b)) for a in _TYPES for b in _TYPES),
    Row("concatenate", ([[1, 2], [3]],)),
    *(
        Row("append", (array(*a), array(*b, seed=1), axis))
        for a, b, axis in [
            ((2,), (3,), None),
            ((2, 3), (2, 2), None),
            ((2, 3), (2, 2), 1),
            ((2, 3), (1, 3), 0),
            ((), (2,), None),
            ((2, 1, 2), (2, 1, 1), -1),
            ((0,), (2,), 0),
        ]
    ),
    *(
        Row("append", (array(2, 3, dtype=a), array(2, 3, dtype=b)))
        for a in _TYPES
        for b in ("int32", "float32")
    ),
    *(_several("stack", [shape] * 2, axis) for shape in _SHAPES for axis in (0, -1)),
    *(_several("stack", [(2, 3)] * 3, axis) for axis in (1, 2, -2)),
    *(_several("stack", [(2, 3)] * 2, types=(t, t)) for t in _TYPES),
    *(
        _several(name, [shape] * n)
        for name in ("hstack", "vstack", "dstack")
        for shape in _SHAPES[:6]
        for n in (1, 2)
        if (name, n) != ("dstack", 1) or len(shape) > 2
    ),
    *(
        _several(name, [(2, 3)] * 2, types=(a, "float32"))
        for name in ("hstack", "vstack", "dstack")
        for a in _TYPES
    ),
    *_over("repeat", 2),
    *_over("repeat", 3, -1, rank=1),
    *(
        Row(
            "repeat",
            (x, counts, 1),
            expected=np.repeat(x, counts, 1),
            because="Keras on torch takes no lists",
        )
        for x in (array(2, 3),)
        for counts in ([1, 2, 0], (2, 2, 2), [0, 0, 0], [3])
    ),
    *(Row("repeat", (array(2, 3), np.array(counts), 1), symbolic=False) for counts in ([1, 2, 0], [0, 0, 1])),
    *(Row("repeat", (array(2, 3, 2), 2, axis)) for axis in (0, 1, 2, -2)),
    *_over("tile", 2),
    *(Row("tile", (array(2, 3), times)) for times in [(1, 2), (2, 1), (3, 1, 2), [2], (1,), (0, 1)]),
]

_CUTTING = [
    *(
        Row("split", (array(*shape), parts, axis), open_axis=False)
        for shape, parts, axis in [
            ((4,), 2, 0),
            ((4, 3), 2, 0),
            ((4, 3), 3, -1),
            ((2, 1, 4), 4, 2),
            ((4, 3), 1, 0),
            ((0, 2), 2, 0),
            ((6,), [2, 3], 0),
            ((4, 5), [1, 4], 1),
            ((4, 5), (2,), -1),
            ((2, 1, 2, 1, 4), [1, 1, 3], 4),
        ]
    ),
    *(Row("split", (array(4, 2, dtype=t), 2)) for t in _TYPES),
    *(
        Row("array_split", (array(*shape), parts, axis))
        for shape in [(5,), (7, 2), (2, 3, 4)]
        for parts in (1, 2, 3)
        for axis in (0, -1)
    ),
    *(Row("array_split", (array(3, 2, dtype=t), 2)) for t in _TYPES),
    *(
        Row(name, (array(*shape), parts), open_axis=False)
        for name, shape in [
            ("hsplit", (4,)),
            ("hsplit", (3, 4)),
            ("vsplit", (4, 3)),
            ("vsplit", (4, 1, 2)),
            ("dsplit", (2, 1, 4)),
            ("dsplit", (2, 1, 4, 2)),
        ]
        for parts in (1, 2, 4, [1], [1, 3], (0, 2))
    ),
    *(Row(name, (array(2, 2, 2, dtype=t), 2)) for name in ("hsplit", "vsplit", "dsplit") for t in _TYPES),
]


def _padded(shape: tuple, width: object, mode: str, dtype: str = "float32") -> Row:
    x = array(*shape, dtype=dtype)
    return Row(
        "pad",
        (x, width, mode),
        expected=np.pad(x, width, mode),
        because="Keras on torch pads otherwise, or not",
    )


_PADDING = [
    *(
        Row("pad", (array(*shape), width), {"constant_values": value})
        for shape, width in [
            ((3,), ((1, 2),)),
            ((2, 3), ((1, 2), (3, 0))),
            ((2, 3), ((0, 0), (1, 1))),
            ((0, 2), ((1, 0), (0, 1))),
            ((2, 1, 2), ((1, 1), (0, 2), (2, 0))),
            ((1, 2, 1, 1, 2), ((0, 1),) * 5),
        ]
        for value in (None, 0, 2, -1.5)
    ),
    *(Row("pad", (array(2, 3, dtype=t), ((1, 0), (0, 2)))) for t in _TYPES),
    *(Row("pad", (array(2, 3, 3), ((0, 0), (1, 1), (1, 1)), mode)) for mode in ("reflect", "symmetric")),
    Row(
        "pad",
        (array(2, 4, 4, 2), ((0, 0), (1, 2), (2, 1), (0, 0)), "reflect"),
        expected=np.pad(array(2, 4, 4, 2), ((0, 0), (1, 2), (2, 1), (0, 0)), "reflect"),
        because="torch mirrors the last axes only",
    ),
    *(
        _padded(shape, width, mode)
        for mode in (
            "edge",
            "symmetric",
            "reflect",
            "wrap",
            "linear_ramp",
            "maximum",
            "minimum",
            "mean",
            "median",
        )
        for shape, width in [
            ((4,), 3),
            ((2, 3), ((1, 2), (4, 3))),
            ((3, 2, 1), ((2, 0), (5, 6), (0, 2))),
            ((2, 3), 1),
            ((2, 3), (1, 2)),
            ((1, 2, 2, 1, 2), 1),
        ]
    ),
    *(
        _padded((3, 4), ((1, 2), (2, 1)), mode, t)
        for mode in ("edge", "reflect", "maximum", "median")
        for t in ("uint8", "int32", "float16", "float64")
    ),
    *(
        _padded((2, 3), width, "constant")
        for width in (1, (1, 2), ((1, 2),), ((1,), (2,)))
        if width != ((1,), (2,))
    ),
    Row("pad", (array(3), 2, "circular"), because="the same as wrap", expected=np.pad(array(3), 2, "wrap")),
]

ROWS = [*_SHAPING, *_TURNING, *_JOINING, *_CUTTING, *_PADDING]
