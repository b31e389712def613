"""Rows for `keras.ops.nn`: windows and blocks of pixels, differences of pictures, complex numbers from angles."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_FLOATS = ["float16", "float32", "float64"]
_FORMATS = ["channels_last", "channels_first"]
_WINDOWS = [
    (2, {}),
    (3, {}),
    ((2, 3), {}),
    (2, {"stride": 2}),
    (2, {"stride": (1, 2)}),
    (2, {"dilation": 2}),
    (2, {"dilation": (1, 2)}),
    (3, {"padding": 1}),
    ((2, 3), {"padding": (0, 1)}),
    (2, {"padding": 1, "stride": 2, "dilation": (2, 1)}),
    ([2, 2], {"stride": [2, 2]}),
]


def _count(size: int, window: int, dilation: int = 1, padding: int = 0, stride: int = 1) -> int:
    return (size + 2 * padding - dilation * (window - 1) - 1) // stride + 1


def _pair(value: object) -> tuple:
    return (value, value) if isinstance(value, int) else tuple(value)  # type: ignore[arg-type]


def _columns(window: object, settings: dict) -> np.ndarray:
    """Columns that can be folded to pictures of 4 by 5 pixels with two channels."""
    sizes = (4, 5), _pair(window)
    counts = [
        _count(n, w, **{name: _pair(value)[axis] for name, value in settings.items()})
        for axis, (n, w) in enumerate(zip(*sizes, strict=True))
    ]
    return array(3, 2 * int(np.prod(_pair(window))), int(np.prod(counts)))


_SIGNALS = [(3,), (2, 3), (0, 3), (2, 1, 3), (2, 3, 1, 2)]

ROWS = [
    *(Row("unfold", (array(2, 3, 4, 5), window), settings) for window, settings in _WINDOWS),
    *(Row("nn.unfold", (array(2, 3, 4, 5, dtype=t), 2)) for t in _FLOATS),
    *(Row("fold", (_columns(window, s), (4, 5), window), s, atol=1e-5) for window, s in _WINDOWS),
    *(Row("nn.fold", (array(2, 8, 4, dtype=t), 4, 2), {"stride": 2}) for t in _FLOATS),
    *(
        Row("depth_to_space", (array(*shape), size), {"data_format": "channels_last"})
        for shape, size in [((2, 1, 3, 4), 2), ((1, 2, 2, 12), 2), ((3, 2, 1, 9), 3), ((2, 1, 1, 32), 4)]
    ),
    *(
        Row("depth_to_space", (array(*shape), size, "channels_first"))
        for shape, size in [((2, 4, 1, 3), 2), ((1, 12, 2, 2), 2), ((3, 9, 2, 1), 3), ((2, 32, 1, 1), 4)]
    ),
    *(
        Row("nn.depth_to_space", (array(2, 4, 2, 4, dtype=t), 2, f))
        for t in (*_FLOATS, "int32")
        for f in _FORMATS
    ),
    *(
        Row("space_to_depth", (array(*shape), size), {"data_format": "channels_last"})
        for shape, size in [((2, 2, 6, 1), 2), ((1, 4, 4, 3), 2), ((3, 6, 3, 1), 3), ((2, 4, 4, 2), 4)]
    ),
    *(
        Row("space_to_depth", (array(*shape), size, "channels_first"))
        for shape, size in [((2, 1, 2, 6), 2), ((1, 3, 4, 4), 2), ((3, 1, 6, 3), 3), ((2, 2, 4, 4), 4)]
    ),
    *(Row("nn.space_to_depth", (array(2, 3, 2, 4, dtype=t), 2, _FORMATS[1])) for t in (*_FLOATS, "int32")),
    *(
        Row("psnr", (array(*s), array(*s, seed=1), m))
        for s in _SIGNALS[:2] + _SIGNALS[3:]
        for m in (1.0, 255)
    ),
    *(Row("nn.psnr", (array(2, 3, dtype=t), array(2, 3, dtype=t, seed=1), 2.0), rtol=2e-3) for t in _FLOATS),
    Row("psnr", (array(2, 3), array(2, 3), 1.0), gradient=False),
    *(Row("polar", (array(*s, low=0.1), array(*s, seed=1)), gradient=False) for s in [(), *_SIGNALS]),
    *(
        Row("nn.polar", (array(2, 3, dtype=t), array(3, dtype=t, seed=1)), gradient=False)
        for t in _FLOATS[1:]
    ),
    *(Row("polar", (a, b), gradient=False) for a in (2.0, [1.0, 2.0]) for b in (0.5, [0.5, -3.0])),
]
