"""Rows for `keras.ops.numpy`: products that sum over shared axes."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_PAIRS = [(a, b) for a in _TYPES for b in _TYPES]
_COARSE = {"rtol": 2e-3, "atol": 2e-3, "gradient": False}


def _pair(name: str, first: tuple, second: tuple, *args: object, **kwargs: object) -> Row:
    return Row(name, (array(*first), array(*second, seed=1), *args), kwargs, open_axis=False)


def _typed(name: str, first: tuple, second: tuple, a: str, b: str, *args: object) -> Row:
    arrays = (array(*first, dtype=a), array(*second, dtype=b, seed=1))
    return Row(name, (*arrays, *args), open_axis=False, **_COARSE)


def _numpy(name: str, *args: object, because: str, **kwargs: object) -> Row:
    """A call that must give what NumPy gives."""
    value = getattr(np, name)(*args, **kwargs)
    return Row(name, args, kwargs, expected=value, because=because, open_axis=False)


_DOTS = [
    *(
        _pair("matmul", a, b)
        for a, b in [
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((2, 2, 3), (3, 2)),
            ((2, 2, 3), (2, 3, 1)),
            ((2, 1, 2, 3), (4, 3, 1)),
            ((0, 3), (3, 2)),
            ((2, 0), (0, 2)),
            ((1, 2, 1, 2, 3), (2, 2, 1, 3, 2)),
        ]
    ),
    *(_typed("matmul", (2, 3), (3, 2), a, b) for a, b in _PAIRS),
    *(
        _pair("dot", a, b)
        for a, b in [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((2, 3), (3, 4)),
            ((), (2, 3)),
            ((2,), ()),
            ((2, 2, 3), (3,)),
            ((2, 1, 2, 3), (3, 2)),
            ((0, 3), (3,)),
            ((), ()),
        ]
    ),
    *(_typed("dot", (2, 3), (3,), a, b) for a, b in _PAIRS),
    *(
        _numpy("dot", array(*a), array(*b, seed=1), because="Keras on torch multiplies batches of matrices")
        for a, b in [
            ((3,), (2, 3, 4)),
            ((2, 3), (4, 3, 2)),
            ((2, 2, 3), (2, 3, 1)),
            ((1, 2, 3), (2, 1, 3, 2)),
        ]
    ),
    *(_pair("vdot", (n,), (n,)) for n in (0, 1, 3)),
    *(_typed("vdot", (3,), (3,), a, b) for a, b in _PAIRS),
    *(
        _numpy("vdot", array(*a), array(*b, seed=1), because="Keras on torch takes vectors only")
        for a, b in [((2, 3), (2, 3)), ((2, 3), (3, 2)), ((2, 1, 2), (4,))]
    ),
    *(
        _pair("inner", a, b)
        for a, b in [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((2, 3), (4, 3)),
            ((), (2, 3)),
            ((2, 1, 3), (2, 3)),
            ((0, 3), (2, 3)),
            ((2, 2, 1, 3), (3,)),
        ]
    ),
    *(_typed("inner", (2, 3), (3,), a, b) for a, b in _PAIRS),
    *(
        _pair("outer", a, b)
        for a, b in [((3,), (2,)), ((2, 2), (3,)), ((), (2,)), ((0,), (2,)), ((2, 1, 2), (1, 2))]
    ),
    *(_typed("outer", (2,), (3,), a, b) for a, b in _PAIRS),
    *(
        _pair("kron", a, b)
        for a, b in [
            ((2,), (3,)),
            ((2, 2), (3, 1)),
            ((2,), (2, 2)),
            ((), (2,)),
            ((2, 1, 2), (1, 2, 2)),
            ((0, 2), (1, 2)),
        ]
    ),
    *(_typed("kron", (2, 2), (2,), a, b) for a, b in _PAIRS),
]

_SUMS = [
    *(
        _pair("tensordot", a, b, axes=axes)
        for a, b, axes in [
            ((2, 3), (3, 4), 1),
            ((2, 3), (2, 3), 2),
            ((2, 3), (4,), 0),
            ((2, 3, 4), (4, 3), ([1, 2], [1, 0])),
            ((2, 3), (4, 3), (1, 1)),
            ((2, 3), (4, 3), [-1, -1]),
            ((2, 3, 4), (3, 5), [[1], [0]]),
            ((0, 3), (3, 2), 1),
        ]
    ),
    *(_typed("tensordot", (2, 3), (3, 2), a, b, 1) for a, b in _PAIRS),
    *(
        Row("einsum", (letters, *(array(*shape, seed=i) for i, shape in enumerate(shapes))), open_axis=False)
        for letters, *shapes in [
            ("ij,jk->ik", (2, 3), (3, 4)),
            ("ij,jk", (2, 3), (3, 4)),
            ("ii->i", (3, 3)),
            ("ii", (3, 3)),
            ("ij->ji", (2, 3)),
            ("ij->", (2, 3)),
            ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 2)),
            ("bhwc,cd->bhwd", (1, 2, 2, 3), (3, 2)),
            ("i,j->ij", (2,), (3,)),
            ("ij,ij->i", (2, 3), (2, 3)),
            ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)),
            ("btnh,bsnh->bnts", (1, 2, 2, 3), (1, 3, 2, 3)),
            ("i,i", (3,), (3,)),
            ("ijk,k", (2, 1, 3), (3,)),
        ]
    ),
    *(
        Row("einsum", ("ij,jk->ik", array(2, 3, dtype=t), array(3, 2, dtype=t)), open_axis=False, **_COARSE)
        for t in _TYPES[1:]
    ),
    *(
        Row(
            "einsum",
            ("ij,jk->ik", array(2, 3, dtype=a), array(3, 2, dtype=b)),
            open_axis=False,
            rtol=1e-2,
            atol=1e-2,
            expected=array(2, 3, dtype=a).astype(np.float64) @ array(3, 2, dtype=b).astype(np.float64),
            because="Keras on torch takes one type only",
        )
        for a, b in [("int32", "float32"), ("float16", "float32"), ("bool", "float32")]
    ),
    Row("einsum", ("ij,jk->ik", array(2, 3), array(3, 2)), {"optimize": True}, open_axis=False),
    *(
        _pair("cross", a, b, axis=axis)
        for a, b, axis in [
            ((3,), (3,), -1),
            ((2, 3), (2, 3), -1),
            ((2, 3), (2, 3), 1),
            ((3, 2), (3, 2), 0),
            ((2, 1, 3), (2, 4, 3), 2),
            ((0, 3), (1, 3), -1),
        ]
    ),
    *(_typed("cross", (2, 3), (2, 3), a, b) for a, b in _PAIRS if "bool" not in (a, b)),
    *(
        _numpy(
            "cross",
            array(*a),
            array(*b, seed=1),
            because="Keras on torch takes the first axis of length three",
            **axes,
        )
        for a, b, axes in [
            ((3, 3), (3, 3), {}),
            ((3, 2), (2, 3), {"axisa": 0, "axisb": 1}),
            ((2, 3), (2, 3), {"axisc": 0}),
            ((3, 3), (3,), {}),
        ]
    ),
    *(
        Row(
            "cross",
            (array(*a), array(*b, seed=1)),
            open_axis=False,
            because="Keras on torch wants length three",
            expected=np.cross(
                np.pad(array(*a), [(0, 0)] * (len(a) - 1) + [(0, 3 - a[-1])]),
                np.pad(array(*b, seed=1), [(0, 0)] * (len(b) - 1) + [(0, 3 - b[-1])]),
            )[..., slice(None) if 3 in (a[-1], b[-1]) else 2],
        )
        for a, b in [((2,), (2,)), ((4, 2), (2,)), ((2,), (3,)), ((2, 3), (2, 2))]
    ),
    *(
        _numpy(
            "correlate",
            array(m),
            array(n, seed=1),
            mode=mode,
            because="Keras on torch drops or cuts otherwise",
        )
        for m, n in [(5, 3), (3, 5), (4, 4), (1, 1), (6, 2), (2, 6), (5, 2)]
        for mode in ("valid", "same", "full")
    ),
    *(_typed("correlate", (5,), (2,), a, b, mode) for a, b in _PAIRS[::3] for mode in ("valid", "full")),
]

ROWS = [*_DOTS, *_SUMS]
