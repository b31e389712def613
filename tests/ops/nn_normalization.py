"""Rows for `keras.ops.nn`: normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.ops.cases import Row, array

_FLOATS = ["float16", "float32", "float64"]
_SHAPES = [(3,), (2, 3), (2, 1, 3), (2, 3, 1, 2), (2, 1, 2, 1, 2)]
_SOME_AXES: list[Any] = [0, 1, 2, -1, -2, (0,), (1, 2), (0, 1), (0, 2), (-1, -2), (0, 1, 2), [1, 0]]
_CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}
_ROUGH: dict[str, Any] = {"rtol": 1e-2, "atol": 1e-2}


def _positive(*shape: int, dtype: str = "float32", seed: int = 1) -> np.ndarray:
    return array(*shape, dtype=dtype, low=0.5, high=2.0, seed=seed)


def _batch(shape: tuple, axis: int, offset: bool, scale: bool, dtype: str = "float32", **kwargs: Any) -> Row:
    size = shape[axis]
    given: dict[str, Any] = {"axis": axis, **kwargs}
    if offset:
        given["offset"] = array(size, dtype=dtype, seed=2)
    if scale:
        given["scale"] = array(size, dtype=dtype, seed=3)
    args = (array(*shape, dtype=dtype), array(size, dtype=dtype), _positive(size, dtype=dtype))
    tolerance = _ROUGH if dtype == "float16" else _CLOSE
    return Row(
        "batch_normalization", args, given, open_axis=axis % len(shape) != 0 and len(shape) > 1, **tolerance
    )


_FLAGS = [(a, b) for a in (False, True) for b in (False, True)]


def _sizes(shape: tuple, axis: Any) -> list[int]:
    chosen = sorted(a % len(shape) for a in ([axis] if isinstance(axis, int) else axis))
    return [shape[a] for a in chosen]


def _reference(
    x: np.ndarray, axis: Any, gamma: Any = None, beta: Any = None, rms: bool = False
) -> np.ndarray:
    """Layer normalization, or that by the root of the mean square, in float64."""
    chosen = tuple(sorted(a % x.ndim for a in ([axis] if isinstance(axis, int) else axis)))
    shape = [n if i in chosen else 1 for i, n in enumerate(x.shape)]
    x = x.astype("float64")
    x = x if rms else x - x.mean(chosen, keepdims=True)
    x = x / np.sqrt((x**2).mean(chosen, keepdims=True) + 1e-7)
    x = x if gamma is None else x * gamma.reshape(shape)
    return x if beta is None else x + beta.reshape(shape)


def _layer(shape: tuple, axis: Any, scaled: bool) -> Row:
    x = array(*shape)
    both = (
        {"gamma": _positive(*_sizes(shape, axis)), "beta": array(*_sizes(shape, axis), seed=2)}
        if scaled
        else {}
    )
    return Row(
        "layer_normalization",
        (x,),
        {"axis": axis, **both},
        expected=_reference(x, axis, **both),
        because="Keras on torch fails for some orders of axes",
        open_axis=0 not in np.atleast_1d(axis) % len(shape),
        **_CLOSE,
    )


def _by_size(axis: Any, scale: Any = None) -> Row:
    x = array(4, 2, 3)
    found = _reference(x, axis, rms=True)
    return Row(
        "rms_normalization",
        (x,),
        {"axis": axis} if scale is None else {"axis": axis, "scale": scale},
        open_axis=scale is None,
        expected=found if scale is None else found * scale,
        because="Keras on torch fails for some orders of axes",
        **_CLOSE,
    )


ROWS = [
    *(
        Row("moments", (array(4, 2, 3), axes))
        for axes in [*_SOME_AXES, [0]]
        if isinstance(axes, (list, tuple))
    ),
    *(
        Row("moments", (array(*shape), [axis]), {"keepdims": keep})
        for shape in _SHAPES
        for axis in range(len(shape))
        for keep in (False, True)
    ),
    *(Row("nn.moments", (array(4, 3, dtype=t), [0, 1]), rtol=2e-3, atol=2e-3) for t in _FLOATS),
    *(
        _batch(shape, axis, *flags)
        for shape in _SHAPES
        for axis in (-1, 0, len(shape) - 1)
        for flags in _FLAGS
    ),
    *(_batch((2, 3, 4), 1, True, True, t) for t in _FLOATS),
    *(_batch((2, 3), -1, True, True, epsilon=e) for e in (1e-7, 0.5)),
    *(
        Row("layer_normalization", (array(*shape), *given), **_CLOSE)
        for shape in _SHAPES
        for given in [(), (_positive(shape[-1]),), (_positive(shape[-1]), array(shape[-1], seed=2))]
        if len(shape) > 1 or not given
    ),
    *(_layer((4, 2, 3), axis, scaled) for axis in _SOME_AXES for scaled in (False, True)),
    *(Row("nn.layer_normalization", (array(2, 3, dtype=t),), {"epsilon": 0.1}, **_ROUGH) for t in _FLOATS),
    Row("layer_normalization", (array(2, 3, 4),), {"rms_scaling": True}, **_CLOSE),
    Row("layer_normalization", (array(2, 3, 4), _positive(4)), {"rms_scaling": True}, **_CLOSE),
    *(
        Row("rms_normalization", (array(*shape), *given), **_CLOSE)
        for shape in _SHAPES
        for given in [(), (_positive(shape[-1]),)]
        if len(shape) > 1 or not given
    ),
    *(_by_size(axis) for axis in _SOME_AXES),
    *(_by_size(axis, _positive(4, 1, 1)) for axis in _SOME_AXES),
    *(Row("nn.rms_normalization", (array(2, 3, dtype=t),), {"epsilon": 0.1}, **_ROUGH) for t in _FLOATS),
    *(Row("normalize", (array(*shape),), **_CLOSE) for shape in _SHAPES),
    *(Row("normalize", (array(4, 2, 3),), {"axis": axis}, **_CLOSE) for axis in [*_SOME_AXES, None]),
    *(
        Row("normalize", (array(4, 2, 3),), {"axis": axis, "order": order}, **_CLOSE)
        for axis in (0, 1, -1)
        for order in (1, 2, 3)
    ),
    *(
        Row("normalize", (array(2, 3) * 1e-6,), {"epsilon": e, "order": o}, **_CLOSE)
        for e in (1e-3, 1e-9)
        for o in (1, 2)
    ),
    *(Row("nn.normalize", (array(2, 3, dtype=t),), rtol=2e-3, atol=2e-3) for t in _FLOATS),
    *(Row("normalize", (array(2, 3, dtype=t, low=1),), **_CLOSE) for t in ("int32", "int64")),
    Row("normalize", ([3.0, 4.0],)),
]
