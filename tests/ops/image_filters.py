"""Rows for `keras.ops.image`: blur, edges, and how alike images are."""

from __future__ import annotations

import numpy as np

from tests.ops.cases import Row, array

_FORMATS = ["channels_last", "channels_first"]
_COARSE = {"rtol": 1e-2, "atol": 1e-2}
_SHAPES = {
    "channels_last": [(6, 5, 3), (2, 5, 6, 1), (1, 3, 3, 2)],
    "channels_first": [(3, 6, 5), (2, 1, 5, 6), (1, 2, 3, 3)],
}
_KERNELS = [((3, 3), (1.0, 1.0)), ((5, 5), (0.5, 2.0)), ((1, 1), (1.0, 1.0)), ((7, 7), (3.0, 1.5))]

_LINE = np.array([0.0, 1.0, 0.0], "float32").reshape(1, 3, 1)
_BLUR = [
    *(
        Row("image.gaussian_blur", (array(*shape), size, sigma, f), open_axis=len(shape) == 4)
        for f in _FORMATS
        for shape in _SHAPES[f]
        for size, sigma in _KERNELS
    ),
    Row(
        "image.gaussian_blur",
        (array(4, 4, 2), [3, 3], np.array([0.7, 0.9], "float32"), "channels_last"),
        gradient=False,
    ),
    Row(
        "image.gaussian_blur",
        (array(4, 4, 2, dtype="float64"), (3, 3), (1.0, 1.0), "channels_last"),
        atol=1e-5,
    ),
    Row(
        "image.gaussian_blur",
        (_LINE, (2, 2), (1.0, 1.0), "channels_last"),
        expected=np.array([0.25, 0.25, 0.0], "float32").reshape(1, 3, 1),
        because="An even kernel keeps the size, as on TensorFlow",
    ),
    Row(
        "image.gaussian_blur",
        (_LINE, (3, 1), (1.0, 1.0), "channels_last"),
        expected=np.array([0.27406862, 0.45186275, 0.27406862], "float32").reshape(1, 3, 1),
        because="Keras mixes up the axes of kernels that are not square",
    ),
    Row(
        "image.gaussian_blur",
        (_LINE,),
        expected=np.array([0.12384141, 0.20417994, 0.12384141], "float32").reshape(1, 3, 1),
        because="Keras on torch takes channels first where no format is given",
    ),
]
_EDGES = [
    *(
        Row(
            "image.sobel_edges", (array(*shape, dtype=t), f), rtol=1e-3, atol=1e-2 if t == "float16" else 1e-5
        )
        for f in _FORMATS
        for shape in [*_SHAPES[f][1:], (3, 4, 4, 3), (1, 1, 1, 1), (2, 7, 2, 5)]
        for t in ("float32", "float64", "float16")
    )
]


def _pair(*shape: int, dtype: str = "float32", span: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    first, second = (array(*shape, dtype="float32", low=0, high=span, seed=s) for s in (1, 2))
    return first.astype(dtype), (0.7 * first + 0.3 * second).astype(dtype)


_SSIM = [
    *(
        Row("image.ssim", _pair(*shape), rtol=1e-4, atol=1e-5)
        for shape in [(11, 12, 1), (2, 12, 11, 3), (1, 13, 11, 2)]
    ),
    *(
        Row("image.ssim", _pair(*shape), {"data_format": "channels_first"}, rtol=1e-4, atol=1e-5)
        for shape in [(1, 11, 12), (2, 3, 12, 11)]
    ),
    *(
        Row("image.ssim", _pair(2, 8, 7, 2), {"filter_size": 5, **settings}, rtol=1e-4, atol=1e-5)
        for settings in [
            {},
            {"filter_sigma": 0.8},
            {"k1": 0.1},
            {"k2": 0.2},
            {"max_val": 2.0},
            {"filter_size": 1},
        ]
    ),
    Row("image.ssim", _pair(2, 12, 12, 1, dtype="float64"), rtol=1e-5),
    Row("image.ssim", _pair(2, 12, 12, 1, dtype="float16"), gradient=False, **_COARSE),
    Row("image.ssim", _pair(2, 12, 12, 1, dtype="uint8", span=255.0), {"max_val": 255.0}),
]

ROWS = [*_BLUR, *_EDGES, *_SSIM]
