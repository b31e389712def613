"""Rows for `keras.ops.nn`: convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.ops.cases import Row, array

# Inputs with channels last and kernel sizes, for one to three spatial axes.
_PLACES = {1: [(2, 7, 4), (2, 6, 4)], 2: [(2, 6, 5, 4), (1, 4, 7, 4)], 3: [(1, 4, 5, 3, 4)]}
_WINDOWS = {1: [(3,), (2,), (1,)], 2: [(3, 3), (2, 3)], 3: [(2, 3, 1)]}
_FORMATS = ["channels_last", "channels_first"]
_PADDINGS = ["valid", "same"]
_MODES = [(padding, data_format) for padding in _PADDINGS for data_format in _FORMATS]
_STEPS = [{}, {"strides": 2}, {"dilation_rate": 2}]
# The first axis of a kernel, which has as many axes as the input, cannot be open.
_CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5, "open_axis": False}
_ROUGH: dict[str, Any] = {"rtol": 1e-2, "atol": 2e-2, "open_axis": False}


def _input(shape: tuple[int, ...], data_format: str, dtype: str = "float32") -> np.ndarray:
    x = array(*shape, dtype=dtype)
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if data_format == "channels_first" else x


def _row(name: str, shape: tuple, kernels: list, padding: str, data_format: str, **kwargs: Any) -> Row:
    args = (_input(shape, data_format), *(array(*kernel, seed=i) for i, kernel in enumerate(kernels)))
    return Row(name, args, {"padding": padding, "data_format": data_format, **kwargs}, **_CLOSE)


def _fits(shape: tuple, window: tuple, step: dict, padding: str) -> bool:
    gap = step.get("dilation_rate", 1)
    return padding == "same" or all(gap * (w - 1) + 1 <= n for n, w in zip(shape[1:], window, strict=False))


_CASES = [
    (shape, window, step, mode)
    for rank, shapes in _PLACES.items()
    for shape in shapes
    for window in _WINDOWS[rank]
    for step in _STEPS
    for mode in _MODES
    if _fits(shape, window, step, mode[0])
]

ROWS = [
    *(_row("conv", shape, [(*window, 4, 3)], *mode, **step) for shape, window, step, mode in _CASES),
    *(
        _row("nn.conv", shape, [(*window, 2, 6)], *mode, **step)  # two groups
        for shape, window, step, mode in _CASES[::3]
    ),
    *(
        _row("depthwise_conv", shape, [(*window, 4, 2)], *mode, **step)
        for shape, window, step, mode in _CASES
        if len(shape) < 5
    ),
    *(
        _row("separable_conv", shape, [(*window, 4, 2), (*(1,) * len(window), 8, 3)], *mode, **step)
        for shape, window, step, mode in _CASES
        if len(shape) < 5
    ),
    *(
        _row("conv_transpose", shape, [(*window, 3, 4)], *mode, **step)
        for shape, window, step, mode in _CASES
    ),
    *(
        _row("conv_transpose", (2, 4, 4), [(window, 3, 4)], *mode, strides=3, output_padding=more)
        for window in (1, 2, 3, 4, 5)
        for more in (None, 0, 1, 2)
        for mode in _MODES
    ),
    *(
        _row("conv_transpose", (1, 3, 2, 4), [(3, 2, 3, 4)], *mode, strides=(2, 3), output_padding=more)
        for more in (None, 1, (1, 0), (0, 2))
        for mode in _MODES
    ),
    # Arguments of each axis, other types, empty batches, lists.
    *(
        _row("conv", (2, 6, 5, 4), [(3, 2, 4, 3)], *mode, **step)
        for mode in _MODES
        for step in [{"strides": (2, 1)}, {"strides": [1, 3]}, {"dilation_rate": (1, 2)}]
    ),
    *(
        Row(
            name,
            (array(2, 5, 4, dtype=t), array(3, 4, 3, dtype=t)),
            {"padding": "SAME"},
            rtol=1e-2,
            atol=2e-2,
        )
        for name in ("conv", "depthwise_conv")
        for t in ("float16", "float64")
    ),
    *(
        Row("conv_transpose", (array(2, 5, 4, dtype=t), array(3, 2, 4, dtype=t)), **_ROUGH)
        for t in ("float16", "float64")
    ),
    *(
        Row(name, (array(0, 5, 4), array(3, 4, 4)), **_CLOSE)
        for name in ("conv", "depthwise_conv", "conv_transpose")
    ),
]
