"""Rows for `keras.ops.nn`: class numbers as vectors."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row

_SHAPES = [(), (3,), (2, 3), (0, 3), (2, 1, 3), (2, 3, 1, 2)]
_WHOLE = ["uint8", "int8", "int16", "int32", "int64"]
_KINDS = ["float16", "float32", "float64", "int32", "int64", "uint8", "bool"]


def _classes(*shape: int, dtype: str = "int32", low: int = 0) -> np.ndarray:
    return np.random.default_rng(5).integers(low, 4, shape).astype(dtype)


ROWS = [
    *(Row("one_hot", (_classes(*shape), 4)) for shape in _SHAPES),
    *(
        Row("one_hot", (_classes(*shape), 6), {"axis": axis})
        for shape in _SHAPES
        for axis in range(len(shape) + 1)
    ),
    *(Row("one_hot", (_classes(2, 3, low=-2), 4), {"axis": axis}) for axis in (-1, 0, 1, 2)),
    *(Row("nn.one_hot", (_classes(2, 3, dtype=t), 4)) for t in [*_WHOLE, "float32"]),
    *(Row("one_hot", (_classes(2, 3), 4), {"dtype": t}) for t in _KINDS),
    *(Row("one_hot", (x, 4)) for x in (2, -1, [0, 3], [[1], [2]])),
    *(
        Row(
            "one_hot",
            (_classes(2, 3), 2),
            {"axis": axis},
            expected=np.moveaxis((_classes(2, 3)[..., None] == np.arange(2)).astype("float32"), -1, axis),
            because="Keras on torch fails for class numbers that are too large; TensorFlow gives zeros",
        )
        for axis in (-1, 0, 1)
    ),
    *(Row("multi_hot", (_classes(*shape), 4)) for shape in _SHAPES[1:] if 0 not in shape),
    *(Row("multi_hot", (_classes(2, 3, 2), 6), {"axis": axis}) for axis in (-1, 1, 2, 3)),
    Row("multi_hot", (_classes(2, 3, low=-2), 4)),
    *(Row("nn.multi_hot", (_classes(2, 3, dtype=t), 4)) for t in [*_WHOLE, "float32"]),
    *(Row("multi_hot", (_classes(2, 3), 4), {"dtype": t}) for t in _KINDS[:-1]),
    *(Row("multi_hot", ([[0, 2], [1, 1]],), {name: 4}) for name in ("num_classes", "num_tokens")),
]
