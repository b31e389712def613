"""Image layers that move pixels or change sizes, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.catalog.row import Row

PICTURE, SQUARE, FIRST = (6, 5, 3), (5, 5, 2), (3, 6, 5)
CHANNELS_FIRST = {"data_format": "channels_first"}
KEYS = "Keras on torch takes another cubic kernel; TensorFlow reads it from a table of 1024 places"
LANCZOS = "Keras on torch cannot make layers of Lanczos interpolation run"


def _still(name: str, shapes: Any = PICTURE, values: str = "pixels", **kwargs: Any) -> Row:
    """A layer without random numbers, of pixels up to 255."""
    return Row(name, kwargs, shapes, values=values, tolerance=1e-5)


def _of_tensorflow(because: str, reference: str = "absent", tolerance: float = 1e-6, **kwargs: Any) -> Row:
    return Row(
        "Resizing",
        kwargs,
        (4, 5, 2),
        values="unit",
        reference=reference,
        because=because,
        tolerance=tolerance,
    )


def _drawn(name: str, shapes: Any = SQUARE, values: str = "unit", **kwargs: Any) -> Row:
    return Row(name, {"seed": 3, **kwargs}, shapes, values=values, random=True)


def _halved(x: np.ndarray, axis: int = 1) -> np.ndarray:
    """Images of half the size: what bilinear interpolation makes of them. `axis` is that of the height."""
    for along in (axis, axis + 1):
        odd, even = (np.take(x, range(start, x.shape[along], 2), along) for start in (0, 1))
        x = (odd + even) / 2
    return x


RESIZING = [
    _still("Resizing", height=4, width=7),
    _still("Resizing", height=12, width=10),
    _still("Resizing", height=3, width=2, interpolation="nearest"),
    _still("Resizing", values="integers", height=9, width=4, interpolation="nearest"),
    _still("Resizing", values="integers", height=4, width=4),
    _still("Resizing", height=4, width=6, crop_to_aspect_ratio=True),
    _still("Resizing", height=8, width=3, crop_to_aspect_ratio=True),
    _still("Resizing", height=4, width=9, pad_to_aspect_ratio=True),
    _still("Resizing", height=9, width=3, pad_to_aspect_ratio=True, fill_value=7.0),
    _still("Resizing", height=3, width=3, antialias=True),
    _still("Resizing", height=2, width=3, interpolation="bicubic", antialias=True),
    _still("Resizing", FIRST, height=4, width=3, **CHANNELS_FIRST),
    _still("Resizing", FIRST, height=4, width=4, pad_to_aspect_ratio=True, **CHANNELS_FIRST),
    _still("Resizing", FIRST, height=4, width=4, crop_to_aspect_ratio=True, antialias=True, **CHANNELS_FIRST),
    _of_tensorflow(KEYS, "tensorflow", 1e-3, height=3, width=7, interpolation="bicubic"),
    _of_tensorflow(LANCZOS, height=3, width=7, interpolation="lanczos3"),
    _of_tensorflow(LANCZOS, height=6, width=3, interpolation="lanczos5", antialias=True),
]

RESCALING = [
    _still("Rescaling", scale=1 / 255),
    _still("Rescaling", scale=1 / 127.5, offset=-1.0),
    _still("Rescaling", values="integers", scale=2.0, offset=1.0),
    _still("Rescaling", values="unit", scale=[0.5, 1.0, 2.0], offset=[0.0, 0.1, -0.1]),
    Row("Rescaling", {"scale": 0.5}, (6, 3), masked=True, open_axes=(1,)),
]

CROPS = [
    _still("CenterCrop", height=4, width=3),
    _still("CenterCrop", height=3, width=5),
    _still("CenterCrop", height=6, width=5),
    _still("CenterCrop", height=8, width=4),
    _still("CenterCrop", height=5, width=9),
    _still("CenterCrop", values="integers", height=2, width=2),
    _still("CenterCrop", FIRST, height=3, width=2, **CHANNELS_FIRST),
    _still("CenterCrop", FIRST, height=7, width=7, **CHANNELS_FIRST),
    *(
        Row("RandomCrop", {"seed": 3, **size, **extra}, shape, values="unit", random=True, twin=twin)
        for shape, twin, size, extra in (
            ((6, 8, 2), _halved, {"height": 3, "width": 4}, {}),
            ((4, 8, 2), lambda x: _halved(x[:, :, 2:6]), {"height": 2, "width": 2}, {}),
            ((8, 4, 2), lambda x: _halved(x[:, 2:6]), {"height": 2, "width": 2}, {}),
            ((2, 6, 4), lambda x: _halved(x, 2), {"height": 3, "width": 2}, CHANNELS_FIRST),
        )
    ),
]

MOVES = [
    *(
        _drawn(name, **arguments, fill_mode=mode, interpolation=interpolation)
        for name, arguments in (
            ("RandomRotation", {"factor": 0.3}),
            ("RandomZoom", {"height_factor": (-0.4, 0.5), "width_factor": 0.3}),
            ("RandomTranslation", {"height_factor": 0.3, "width_factor": (-0.1, 0.5)}),
            ("RandomShear", {"x_factor": (0.1, 0.6), "y_factor": (0.0, 0.4)}),
        )
        for mode, interpolation in (
            ("reflect", "bilinear"),
            ("wrap", "bilinear"),
            ("constant", "bilinear"),
            ("nearest", "nearest"),
        )
    ),
    _drawn("RandomRotation", (4, 6, 2), factor=(-0.1, 0.25), fill_mode="constant", fill_value=0.5),
    _drawn("RandomRotation", (2, 5, 4), factor=0.5, **CHANNELS_FIRST),
    _drawn("RandomRotation", values="integers", factor=0.2, fill_mode="nearest"),
    _drawn("RandomZoom", (4, 6, 2), height_factor=0.5),
    _drawn("RandomZoom", (2, 5, 4), height_factor=(0.2, 0.3), width_factor=(-0.3, -0.2), **CHANNELS_FIRST),
    _drawn("RandomZoom", height_factor=0.4, fill_mode="constant", fill_value=2.0),
    _drawn("RandomTranslation", (4, 6, 2), height_factor=0.2, width_factor=0.0),
    _drawn("RandomTranslation", (2, 5, 4), height_factor=(0.1, 0.3), width_factor=0.2, **CHANNELS_FIRST),
    _drawn("RandomShear", (4, 6, 2), x_factor=(0.2, 0.3)),
    _drawn("RandomShear", (2, 5, 4), y_factor=(0.1, 0.5), **CHANNELS_FIRST),
    _drawn("RandomFlip"),
    _drawn("RandomFlip", mode="horizontal"),
    _drawn("RandomFlip", values="integers", mode="vertical"),
    _drawn("RandomFlip", (4, 6, 2), mode="horizontal_and_vertical"),
    _drawn("RandomFlip", (2, 5, 4), mode="horizontal", **CHANNELS_FIRST),
    _drawn("RandomFlip", (2, 5, 4), mode="vertical", bounding_box_format="xyxy", **CHANNELS_FIRST),
    _drawn("RandomElasticTransform", (8, 8, 2), scale=(0.5, 1.0), value_range=(0, 1)),
    _drawn("RandomElasticTransform", (8, 6, 2), factor=(0.5, 1.0), scale=0.8, fill_mode="constant"),
    _drawn("RandomElasticTransform", (8, 6, 2), factor=0.5, scale=(0.9, 1.0), fill_mode="wrap"),
    _drawn("RandomElasticTransform", (2, 6, 8), scale=(0.9, 1.0), fill_mode="nearest", **CHANNELS_FIRST),
    _drawn("RandomPerspective", factor=1.0),
    _drawn("RandomPerspective", factor=0.5, scale=0.4),
    _drawn("RandomPerspective", (4, 6, 2), factor=(0.3, 1.0), scale=0.5, interpolation="nearest"),
    _drawn("RandomPerspective", (4, 6, 2), scale=0.3, fill_value=0.5),
    _drawn("RandomPerspective", (2, 5, 4), scale=0.2, **CHANNELS_FIRST),
]

BOXES = [
    _still("MaxNumBoundingBoxes", max_number=3),
    _still("MaxNumBoundingBoxes", values="integers", max_number=5, bounding_box_format="xyxy"),
]

GEOMETRY = [*RESIZING, *RESCALING, *CROPS, *MOVES, *BOXES]
