"""Rows for `keras.ops.image`: colour spaces."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_FLOATS = ["float16", "float32", "float64"]
_INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
_COARSE = {"float16": {"rtol": 4e-3, "atol": 4e-3}}
_CONVERSIONS = ["image.rgb_to_hsv", "image.hsv_to_rgb"]
_GREYS = np.stack([np.linspace(0, 1, 6, dtype="float32")] * 3, -1).reshape(2, 3, 3)
_EXTREMES = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0]], "float32").reshape(
    2, 3, 3
)


def _images(*shape: int, dtype: str = "float32") -> np.ndarray:
    return array(*shape, dtype=dtype, low=0.0, high=1.0 if "float" in dtype else 120.0)


def _row(name: str, images: np.ndarray, **settings: object) -> Row:
    """A row; a picture whose channels come first keeps its axes, because there must be three channels."""
    first = settings.get("data_format") == "channels_first"
    precision = _COARSE.get(str(images.dtype), {})
    return Row(name, (images,), dict(settings), open_axis=not first or images.ndim == 4, **precision)


_NAMES = ["image.rgb_to_grayscale", *_CONVERSIONS]

ROWS = [
    *(_row(n, _images(*s, dtype=t)) for n in _NAMES for s in [(2, 4, 3), (2, 3, 4, 3)] for t in _FLOATS),
    *(
        _row(n, _images(*s, dtype=t), data_format="channels_first")
        for n in _NAMES
        for s in [(3, 2, 4), (2, 3, 4, 2)]
        for t in _FLOATS
    ),
    *(_row("image.rgb_to_grayscale", _images(2, 3, 2, 3, dtype=t)) for t in _INTEGERS),
    *(
        _row("image.rgb_to_grayscale", _images(*s, 1, dtype=t))
        for s in [(2, 3), (2, 2, 3)]
        for t in ["float32", "uint8"]
    ),
    *(
        _row(n, images)
        for n in _NAMES
        for images in (_GREYS, _EXTREMES, _EXTREMES * 255, np.zeros((0, 2, 2, 3), "float32"))
    ),
    *(
        _row("image.hsv_to_rgb", np.array([[[h, 0.5, 2.0]]], "float32"))
        for h in (-0.25, 0.0, 1 / 3, 0.5, 0.99, 1.5)
    ),
]
