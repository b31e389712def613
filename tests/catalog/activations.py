"""Activation layers, with the sets of arguments that matter."""

from __future__ import annotations

import numpy as np

from tests.catalog.row import IMAGE, SERIES, Row

ACTIVATIONS = [
    Row("ReLU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("ReLU", {"max_value": 0.7}),
    Row("ReLU", {"negative_slope": 0.2}),
    Row("ReLU", {"threshold": 0.3, "negative_slope": 0.1, "max_value": 1.0}),
    Row("LeakyReLU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("LeakyReLU", {"negative_slope": 0.05}),
    Row("PReLU", {"alpha_initializer": "normal"}, SERIES, masked=True),
    Row("PReLU", {"alpha_initializer": "ones", "shared_axes": [1, 2]}, IMAGE, open_axes=(1, 2)),
    Row("PReLU", {"shared_axes": 1, "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}, SERIES),
    Row("ELU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("ELU", {"alpha": 0.5}),
    Row("Softmax", {}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": 1}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": (1, 2)}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": [-1]}),
    Row("ThresholdedReLU", {}, SERIES, open_axes=(1, 2), twin=lambda x: np.where(x > 1.0, x, 0.0)),
    Row("ThresholdedReLU", {"theta": 0.5}, twin=lambda x: np.where(x > 0.5, x, 0.0)),
]
