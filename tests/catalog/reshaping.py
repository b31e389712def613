"""Reshaping layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

RESHAPING = [
    Row("Flatten", {}, SERIES, open_axes=(1,)),
    Row("Flatten", {"data_format": "channels_first"}, IMAGE),
    Row("Flatten", {}, ()),
    Row("Flatten", {}, (6,), "integers"),
    Row("Reshape", {"target_shape": (3, 6)}, SERIES),
    Row("Reshape", {"target_shape": (-1, 3, 1)}, SERIES, open_axes=(1,)),
    Row("Reshape", {"target_shape": ()}, (1,)),
    Row("Permute", {"dims": (2, 1)}, SERIES, open_axes=(1, 2)),
    Row("Permute", {"dims": (3, 1, 2)}, IMAGE),
    Row("RepeatVector", {"n": 3}, open_axes=(1,)),
    Row("ZeroPadding1D", {}, SERIES, open_axes=(1,)),
    Row("ZeroPadding1D", {"padding": (2, 0)}, SERIES),
    Row("ZeroPadding1D", {"padding": 1, "data_format": "channels_first"}, SERIES),
    Row("ZeroPadding2D", {}, IMAGE, open_axes=(1, 2)),
    Row("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}, IMAGE),
    Row("ZeroPadding2D", {"padding": (1, 2), "data_format": "channels_first"}, IMAGE),
    Row("ZeroPadding3D", {"padding": (1, 2, 0)}, VOLUME, open_axes=(1, 2, 3)),
    Row("Cropping1D", {}, SERIES, open_axes=(1,)),
    Row("Cropping1D", {"cropping": (0, 2)}, SERIES),
    Row("Cropping2D", {"cropping": ((1, 0), (2, 1))}, IMAGE, open_axes=(1, 2)),
    Row("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, IMAGE),
    Row("Cropping3D", {"cropping": ((1, 1), (0, 1), (2, 0))}, VOLUME),
    Row("UpSampling1D", {"size": 3}, SERIES, open_axes=(1,)),
    Row("UpSampling2D", {}, IMAGE, open_axes=(1, 2)),
    Row("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}, IMAGE),
    Row("UpSampling2D", {"size": 2, "data_format": "channels_first"}, IMAGE),
    Row("UpSampling3D", {"size": (1, 2, 3)}, VOLUME),
]
