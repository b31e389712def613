"""Regularization layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

REGULARIZATION = [
    Row("Dropout", {"rate": 0.5}, SERIES, random=True, open_axes=(1, 2), masked=True),
    Row("Dropout", {"rate": 0.0}),
    Row("Dropout", {"rate": 0.5, "noise_shape": (None, 1, 3), "seed": 1}, SERIES, random=True),
    Row("SpatialDropout1D", {"rate": 0.5}, SERIES, random=True, open_axes=(1,)),
    Row("SpatialDropout2D", {"rate": 0.5, "seed": 2}, IMAGE, random=True, open_axes=(1, 2)),
    Row("SpatialDropout3D", {"rate": 0.5}, VOLUME, random=True),
    Row("GaussianNoise", {"stddev": 0.1}, SERIES, random=True, open_axes=(1, 2)),
    Row("GaussianDropout", {"rate": 0.3, "seed": 3}, SERIES, random=True),
    Row("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, SERIES, open_axes=(1, 2), masked=True),
]
