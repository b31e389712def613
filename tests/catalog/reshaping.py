"""Reshaping layers, with the sets of arguments that matter."""

from __future__ import annotations

from typing import Any

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row


def _lanczos(interpolation: str, **kwargs: Any) -> Row:
    return Row(
        "UpSampling2D",
        {"interpolation": interpolation, **kwargs},
        (3, 2, 2),
        reference="absent",
        because="Keras on torch does not have it",
    )


RESHAPING = [
    Row("Flatten", {}, SERIES, open_axes=(1,)),
    Row("Flatten", {"data_format": "channels_first"}, IMAGE),
    Row("Flatten", {}, ()),
    Row("Flatten", {}, (6,), "integers"),
    Row("Flatten", {}, IMAGE, open_axes=(1, 2)),
    Row("Flatten", {"data_format": "channels_first"}, VOLUME),
    Row("Reshape", {"target_shape": (6, -1)}, IMAGE),
    Row("Reshape", {"target_shape": [30, 3]}, IMAGE),
    Row("Reshape", {"target_shape": (2, 3)}, (6,), "integers"),
    Row("Reshape", {"target_shape": (3, 6)}, SERIES),
    Row("Reshape", {"target_shape": (-1, 3, 1)}, SERIES, open_axes=(1,)),
    Row("Reshape", {"target_shape": ()}, (1,)),
    Row("Reshape", {"target_shape": (2, -1)}, IMAGE),
    Row("Reshape", {"target_shape": (6, 1)}, (6,), "integers"),
    Row("Permute", {"dims": (2, 1)}, SERIES, open_axes=(1, 2)),
    Row("Permute", {"dims": (3, 1, 2)}, IMAGE),
    Row("Permute", {"dims": (1, 3, 2)}, IMAGE, open_axes=(1,)),
    Row("Permute", {"dims": [1, 3, 2]}, IMAGE, open_axes=(1, 2, 3)),
    Row("Permute", {"dims": (4, 1, 2, 3)}, VOLUME),
    Row("Permute", {"dims": (1,)}),
    Row("RepeatVector", {"n": 1}, (4,)),
    Row("RepeatVector", {"n": 2}, (4,), "integers"),
    Row("RepeatVector", {"n": 3}, open_axes=(1,)),
    Row("RepeatVector", {"n": 1}, (3,), "integers"),
    Row("ZeroPadding1D", {}, SERIES, open_axes=(1,)),
    Row("ZeroPadding1D", {"padding": (2, 0)}, SERIES),
    Row("ZeroPadding1D", {"padding": 1, "data_format": "channels_first"}, SERIES),
    Row("ZeroPadding2D", {}, IMAGE, open_axes=(1, 2)),
    Row("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, IMAGE),
    Row("ZeroPadding2D", {"padding": (1, 2), "data_format": "channels_first"}, IMAGE),
    Row("ZeroPadding2D", {"padding": 2}, IMAGE, "integers"),
    Row("ZeroPadding3D", {"padding": (1, 2, 0)}, VOLUME, open_axes=(1, 2, 3)),
    Row("ZeroPadding3D", {}, VOLUME),
    Row("ZeroPadding3D", {"padding": ((0, 1), (2, 0), (1, 1)), "data_format": "channels_first"}, VOLUME),
    Row("Cropping1D", {}, SERIES, open_axes=(1,)),
    Row("Cropping1D", {"cropping": (0, 2)}, SERIES),
    Row("Cropping1D", {"cropping": 2}, SERIES),
    Row("Cropping2D", {"cropping": ((1, 0), (2, 1))}, IMAGE, open_axes=(1, 2)),
    Row("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, IMAGE),
    Row("Cropping2D", {"cropping": (2, 0)}, IMAGE),
    Row("Cropping2D", {}, IMAGE),
    Row("Cropping3D", {"cropping": ((1, 1), (0, 1), (2, 0))}, VOLUME),
    Row("Cropping3D", {"cropping": 1}, VOLUME),
    Row("Cropping3D", {"cropping": (0, 1, 0), "data_format": "channels_first"}, VOLUME),
    Row("UpSampling1D", {"size": 3}, SERIES, open_axes=(1,)),
    Row("UpSampling1D", {}, SERIES, "integers"),
    Row("UpSampling2D", {}, IMAGE, open_axes=(1, 2)),
    Row("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}, IMAGE),
    Row("UpSampling2D", {"size": 2, "data_format": "channels_first"}, IMAGE),
    Row("UpSampling2D", {"interpolation": "bilinear", "data_format": "channels_first"}, IMAGE),
    Row("UpSampling2D", {"size": 3}, IMAGE, "integers"),
    Row(
        "UpSampling2D",
        {"interpolation": "bicubic"},
        (3, 2, 2),
        reference="tensorflow",
        because="Keras on torch has the cubic kernel of a = -0.75",
    ),
    _lanczos("lanczos3"),
    _lanczos("lanczos5", size=(1, 3), data_format="channels_first"),
    Row("UpSampling3D", {"size": (1, 2, 3)}, VOLUME, open_axes=(1, 2, 3)),
    Row("UpSampling3D", {}, (2, 3, 2, 1)),
    Row("UpSampling3D", {"data_format": "channels_first"}, (2, 3, 2, 1)),
]
