"""Rows for `keras.ops.image`: other sizes, margins, parts and patches."""

from __future__ import annotations

from itertools import product

import numpy as np

from tests.ops.cases import Row, array

_TYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
_FORMATS = ["channels_last", "channels_first"]
_COARSE = {"rtol": 4e-3, "atol": 4e-3}


def _images(
    *size: int, channels: int = 2, batch: int = 0, dtype: str = "float32", data_format: str
) -> np.ndarray:
    """A picture, or a batch of them, in a format."""
    shape = (channels, *size) if data_format == "channels_first" else (*size, channels)
    return array(*([batch] if batch else []), *shape, dtype=dtype, high=90.0)


def _resized(
    interpolation: str, old: tuple, size: tuple, dtype: str = "float32", batch: int = 2, **settings: object
) -> Row:
    data_format = str(settings.get("data_format", "channels_last"))
    images = _images(*old, batch=batch, dtype=dtype, data_format=data_format)
    precision = _COARSE if dtype == "float16" else {"rtol": 1e-4, "atol": 1e-4}
    return Row("image.resize", (images, size, interpolation), dict(settings), **precision)


_STEP = np.array([0.0, 1.0, 0.0, 0.0], "float32").reshape(1, 4, 1)
_TENSORFLOW = "TensorFlow's kernels; torch has another bicubic one, and none of Lanczos's"
_PINNED = {
    "bicubic": [-0.0882353, 0.2116788, 0.8473282, 0.8671875, 0.2265625, -0.0687023, -0.0218978, 0.0],
    "lanczos3": [-0.1687858, 0.2456670, 0.8417450, 0.9275448, 0.2815667, -0.1256575, -0.0616385, 0.0381357],
    "lanczos5": [-0.2094020, 0.2562441, 0.8199419, 0.9752178, 0.3144658, -0.1482504, -0.0923707, 0.0902757],
}
_MODES = ["bilinear", "nearest"]
_SIZES = [((4, 6), (8, 3)), ((5, 5), (5, 5)), ((3, 7), (1, 1)), ((1, 1), (2, 3)), ((6, 4), (7, 9))]

_RESIZE = [
    *(_resized(m, *s, data_format=f) for m, s, f in product(_MODES, _SIZES, _FORMATS)),
    *(_resized(m, (5, 4), (3, 6), batch=0, data_format=f) for m, f in product(_MODES, _FORMATS)),
    *(_resized(m, (5, 4), (3, 6), dtype=t) for m, t in product(_MODES, _TYPES)),
    *(_resized(m, *s, antialias=True) for m, s in product([*_MODES, "bicubic"], _SIZES[:3])),
    *(
        _resized("bilinear", old, size, data_format=f, **{way: True})
        for old, size in [((4, 8), (3, 3)), ((8, 3), (2, 6)), ((5, 5), (7, 3))]
        for way in ("crop_to_aspect_ratio", "pad_to_aspect_ratio")
        for f in _FORMATS
    ),
    *(
        _resized("bilinear", (2, 6), (4, 4), pad_to_aspect_ratio=True, fill_value=v, batch=0)
        for v in (1.5, -2.0)
    ),
    *(
        Row(
            "image.resize", (_STEP, (1, 8), mode), expected=np.reshape(pinned, (1, 8, 1)), because=_TENSORFLOW
        )
        for mode, pinned in _PINNED.items()
    ),
]

_PADS = [
    {"top_padding": 1, "left_padding": 2, "bottom_padding": 3, "right_padding": 0},
    {"top_padding": 1, "left_padding": 2, "target_height": 8, "target_width": 9},
    {"bottom_padding": 0, "right_padding": 1, "target_height": 6, "target_width": 7},
    {"top_padding": 0, "target_height": 4, "left_padding": 0, "target_width": 5},
]
_CROPS = [
    {"top_cropping": 1, "left_cropping": 2, "bottom_cropping": 1, "right_cropping": 0},
    {"top_cropping": 1, "left_cropping": 2, "target_height": 2, "target_width": 3},
    {"bottom_cropping": 0, "right_cropping": 1, "target_height": 1, "target_width": 2},
    {"top_cropping": 0, "target_height": 4, "left_cropping": 0, "target_width": 0},
]


def _framed(name: str, given: dict, data_format: str, batch: int = 2, dtype: str = "float32") -> Row:
    images = _images(4, 5, batch=batch, dtype=dtype, data_format=data_format)
    return Row(name, (images,), {**given, "data_format": data_format}, open_axis=batch > 0)


_FRAMES = [("image.pad_images", g) for g in _PADS] + [("image.crop_images", g) for g in _CROPS]
_FRAME = [
    *(_framed(*frame, f, batch) for frame in _FRAMES for f in _FORMATS for batch in (0, 2)),
    *(_framed(*frame, "channels_last", dtype=t) for frame in (_FRAMES[1], _FRAMES[5]) for t in _TYPES),
]


def _patched(name: str, shape: tuple, size: object, dtype: str = "float32", **settings: object) -> Row:
    return Row(name, (array(*shape, dtype=dtype), size), dict(settings), open_axis=False)


_SPARSE = {"strides": 1, "dilation_rate": 2}
_WAYS = [
    {},
    {"strides": 1},
    {"strides": 1, "padding": "same"},
    {"padding": "same"},
    _SPARSE,
    {**_SPARSE, "padding": "same"},
]
_PATCH = [
    *(
        _patched("image.extract_patches", shape, size, **way, data_format=f)
        for shape, f in [
            ((2, 7, 6, 2), "channels_last"),
            ((7, 6, 1), "channels_last"),
            ((2, 2, 7, 6), "channels_first"),
        ]
        for size in (2, (3, 2))
        for way in _WAYS
    ),
    _patched(
        "image.extract_patches",
        (2, 2, 5, 6),
        (2, 3),
        strides=(1, 2),
        data_format="channels_first",
        padding="same",
    ),
    _patched("image.extract_patches", (3, 5, 6), (2, 2), data_format="channels_first"),
    *(_patched("image.extract_patches", (1, 5, 6, 2), 2, dtype=t, strides=2) for t in ("float16", "float64")),
    *(_patched("image.extract_patches", (2, 4, 5, 4, 1), (2, 3, 2), **way) for way in _WAYS[:4]),
    *(
        _patched("image.extract_patches_3d", shape, size, **way, data_format=f)
        for shape, f in [
            ((1, 5, 4, 6, 2), "channels_last"),
            ((4, 4, 5, 1), "channels_last"),
            ((2, 1, 4, 5, 4), "channels_first"),
        ]
        for size in (2, (2, 1, 3))
        for way in _WAYS[:4]
    ),
    *(_patched("image.extract_patches_3d", (6, 5, 6, 1), 2, **way) for way in _WAYS[4:]),
]

ROWS = [*_RESIZE, *_FRAME, *_PATCH]
