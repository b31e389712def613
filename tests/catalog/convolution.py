"""Convolution layers, with the sets of arguments that matter."""

from __future__ import annotations

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

L2 = {"kernel_regularizer": "l2", "bias_initializer": "ones"}

CONVOLUTION = [
    Row("Conv1D", {"filters": 4, "kernel_size": 3}, SERIES, open_axes=(1,), tolerance=1e-5),
    Row(
        "Conv1D",
        {"filters": 4, "kernel_size": 2, "padding": "causal", "dilation_rate": 2},
        SERIES,
        tolerance=1e-5,
    ),
    Row("Conv1D", {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same"}, SERIES, tolerance=1e-5),
    Row("Conv2D", {"filters": 4, "kernel_size": 3}, IMAGE, open_axes=(1, 2), tolerance=1e-5),
    Row(
        "Conv2D",
        {"filters": 4, "kernel_size": (2, 3), "strides": 2, "padding": "same", **L2},
        IMAGE,
        tolerance=1e-5,
    ),
    Row("Conv2D", {"filters": 3, "kernel_size": 2, "groups": 3, "activation": "relu"}, IMAGE, tolerance=1e-5),
    Row(
        "Conv2D",
        {"filters": 2, "kernel_size": 2, "dilation_rate": 2, "use_bias": False},
        IMAGE,
        tolerance=1e-5,
    ),
    Row("Conv2D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}, IMAGE, tolerance=1e-5),
    Row(
        "Conv3D",
        {"filters": 2, "kernel_size": 2, "padding": "same"},
        VOLUME,
        open_axes=(1, 2, 3),
        tolerance=1e-5,
    ),
]
