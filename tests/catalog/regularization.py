"""Regularization layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

FIRST = {"data_format": "channels_first"}

REGULARIZATION = [
    Row("Dropout", {"rate": 0.5}, SERIES, random=True, open_axes=(1, 2), masked=True),
    Row("Dropout", {"rate": 0.0}),
    Row("Dropout", {"rate": 0.2, "seed": 4}, IMAGE, random=True, open_axes=(1, 2, 3)),
    Row("Dropout", {"rate": 0.5, "noise_shape": (None, 1, 3), "seed": 1}, SERIES, random=True),
    Row("Dropout", {"rate": 0.4, "noise_shape": (4, 6, 1)}, SERIES, random=True, masked=True),
    Row("AlphaDropout", {"rate": 0.5}, SERIES, random=True, open_axes=(1, 2), masked=True),
    Row("AlphaDropout", {"rate": 0.0}),
    Row("AlphaDropout", {"rate": 0.1, "seed": 5}, IMAGE, random=True, open_axes=(1, 2, 3)),
    Row("AlphaDropout", {"rate": 0.5, "noise_shape": (None, 1, 3), "seed": 1}, SERIES, random=True),
    Row("AlphaDropout", {"rate": 0.3, "trainable": False}, random=True),
    Row("SpatialDropout1D", {"rate": 0.5}, SERIES, random=True, open_axes=(1,), masked=True),
    Row("SpatialDropout1D", {"rate": 0.3, "seed": 1}, SERIES, random=True),
    Row("SpatialDropout1D", {"rate": 0.0}, SERIES, open_axes=(1, 2)),
    Row("SpatialDropout2D", {"rate": 0.5, "seed": 2}, IMAGE, random=True, open_axes=(1, 2)),
    Row("SpatialDropout2D", {"rate": 0.5, **FIRST}, IMAGE, random=True, open_axes=(2, 3)),
    Row("SpatialDropout2D", {"rate": 0.0, **FIRST}, IMAGE),
    Row("SpatialDropout3D", {"rate": 0.5}, VOLUME, random=True, open_axes=(1, 2, 3)),
    Row("SpatialDropout3D", {"rate": 0.2, "seed": 7, **FIRST}, VOLUME, random=True),
    Row("SpatialDropout3D", {"rate": 0.0}, VOLUME),
    Row("GaussianNoise", {"stddev": 0.1}, SERIES, random=True, open_axes=(1, 2), masked=True),
    Row("GaussianNoise", {"stddev": 0.9, "seed": 1}, IMAGE, random=True),
    Row("GaussianNoise", {"stddev": 0.0}),
    Row("GaussianDropout", {"rate": 0.3, "seed": 3}, SERIES, random=True, masked=True),
    Row("GaussianDropout", {"rate": 0.5}, IMAGE, random=True, open_axes=(1, 2, 3)),
    Row("GaussianDropout", {"rate": 0.0}, SERIES),
    Row("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, SERIES, open_axes=(1, 2), masked=True),
    Row("ActivityRegularization", {"l1": 0.5}),
    Row("ActivityRegularization", {"l2": 0.5}, IMAGE),
    Row("ActivityRegularization", {}, SERIES),
]
