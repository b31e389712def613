"""Rows for `keras.ops.nn`: pooling."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tests.ops.cases import Row, array

_PLACES = [(2, 7, 3), (2, 6, 3), (2, 5, 6, 3), (1, 4, 7, 2), (1, 4, 5, 3, 2)]
_FORMATS = ["channels_last", "channels_first"]
_SIZES = [(2, None), (3, None), (3, 1), (2, 1), (2, 3), (3, 2)]


def _input(shape: tuple[int, ...], data_format: str, dtype: str = "float32") -> np.ndarray:
    x = array(*shape, dtype=dtype)
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if data_format == "channels_first" else x


def _reach(size: int, window: int, step: int) -> list[range]:
    """The places that each window covers when it may stick out."""
    count = -(-size // step)
    before = max((count - 1) * step + window - size, 0) // 2
    starts = [i * step - before for i in range(count)]
    return [range(max(start, 0), min(start + window, size)) for start in starts]


def _means(shape: tuple, data_format: str, window: int, step: int | None) -> np.ndarray:
    """The means over what windows cover, with padding "same"."""
    x = array(*shape)
    reach = [_reach(n, window, step or window) for n in shape[1:-1]]
    found = np.empty((shape[0], *map(len, reach), shape[-1]))
    for place in itertools.product(*(range(len(r)) for r in reach)):
        covered = np.ix_(
            range(shape[0]), *(r[i] for r, i in zip(reach, place, strict=True)), range(shape[-1])
        )
        found[(slice(None), *place)] = x[covered].mean(tuple(range(1, len(shape) - 1)))
    return np.moveaxis(found, -1, 1) if data_format == "channels_first" else found


def _same_average(shape: tuple, data_format: str, window: int, step: int | None) -> Row:
    return Row(
        "average_pool",
        (_input(shape, data_format), window, step, "same"),
        {"data_format": data_format},
        expected=_means(shape, data_format, window, step),
        because="Keras on torch repeats the edge where windows stick out unevenly; TensorFlow leaves it out",
        atol=1e-5,
    )


def _adaptive(name: str, shape: tuple, size: Any, data_format: str) -> Row:
    return Row(name, (_input(shape, data_format), size), {"data_format": data_format})


ROWS = [
    *(
        Row("max_pool", (_input(shape, form), window, step, padding), {"data_format": form})
        for shape in _PLACES
        for form in _FORMATS
        for window, step in _SIZES
        for padding in ("valid", "same")
    ),
    *(
        Row("average_pool", (_input(shape, form), window, step), {"data_format": form}, atol=1e-5)
        for shape in _PLACES
        for form in _FORMATS
        for window, step in _SIZES
    ),
    *(
        _same_average(shape, form, window, step)
        for shape in _PLACES
        for form in _FORMATS
        for window, step in _SIZES
    ),
    *(
        Row(f"nn.{name}", (array(2, 5, 6, 3, dtype=t), (2, 3), [2, 1], "VALID"), rtol=1e-2, atol=1e-2)
        for name in ("max_pool", "average_pool")
        for t in ("float16", "float32", "float64")
    ),
    *(Row(name, (array(0, 4, 3), 2)) for name in ("max_pool", "average_pool")),
    *(
        _adaptive(name, shape, size, form)
        for name in ("adaptive_max_pool", "adaptive_average_pool")
        for shape in _PLACES
        for size in (1, 2, 3)
        for form in _FORMATS
    ),
    *(
        _adaptive(name, (2, 5, 6, 3), size, form)
        for name in ("nn.adaptive_max_pool", "nn.adaptive_average_pool")
        for size in [(2, 3), [3, 1], (5, 6)]
        for form in _FORMATS
    ),
]
