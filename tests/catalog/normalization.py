"""Normalization layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.row import IMAGE, SERIES, Row

NORMALIZATION = [
    Row("BatchNormalization", {}, open_axes=(), tolerance=1e-5),
    Row("BatchNormalization", {"momentum": 0.5, "epsilon": 0.1}, IMAGE, open_axes=(1, 2), tolerance=1e-5),
    Row(
        "BatchNormalization",
        {"axis": 1, "center": False, "gamma_initializer": "normal"},
        IMAGE,
        tolerance=1e-5,
    ),
    Row("BatchNormalization", {"scale": False, "moving_mean_initializer": "ones"}, SERIES, tolerance=1e-5),
    Row("BatchNormalization", {"beta_regularizer": "l1"}, SERIES, masked=True, tolerance=1e-5),
    Row("LayerNormalization", {}, SERIES, open_axes=(1,), masked=True, tolerance=1e-5),
    Row("LayerNormalization", {"axis": (1, 2), "epsilon": 0.1}, SERIES, tolerance=1e-5),
    Row("LayerNormalization", {"center": False, "gamma_initializer": "normal"}, tolerance=1e-5),
    Row("LayerNormalization", {"scale": False, "beta_initializer": "ones"}, IMAGE, tolerance=1e-5),
]
