"""Activation layers, with the sets of arguments that matter."""

from __future__ import annotations

import numpy as np

from tests.catalog.row import IMAGE, SERIES, VOLUME, Row

MASK = np.random.default_rng(5).random((1, *SERIES)) < 0.7
MASK[:, 0] = True  # Keras on torch spreads the sum evenly where everything is masked

ACTIVATIONS = [
    Row("ReLU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("ReLU", {"max_value": 0.7}),
    Row("ReLU", {"negative_slope": 0.2}),
    Row("ReLU", {"max_value": 1.0, "threshold": 0.5}, IMAGE, open_axes=(1, 2, 3)),
    Row("ReLU", {"max_value": 0.0, "negative_slope": 0.5}, SERIES),
    Row("ReLU", {"threshold": 0.3, "negative_slope": 0.1, "max_value": 1.0}),
    Row("LeakyReLU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("LeakyReLU", {"negative_slope": 0.05}),
    Row("LeakyReLU", {"negative_slope": 0.0}, IMAGE),
    Row("LeakyReLU", {"negative_slope": 1.5, "dtype": "float64"}, tolerance=1e-5),
    Row("PReLU", {}, open_axes=()),
    Row("PReLU", {"shared_axes": (1, 2, 3), "alpha_initializer": "ones"}, VOLUME, open_axes=(1, 2, 3)),
    Row("PReLU", {"alpha_initializer": "normal"}, SERIES, masked=True),
    Row("PReLU", {"alpha_initializer": "ones", "shared_axes": [1, 2]}, IMAGE, open_axes=(1, 2)),
    Row("PReLU", {"shared_axes": 1, "alpha_regularizer": "l2", "alpha_constraint": "non_neg"}, SERIES),
    Row("ELU", {}, SERIES, open_axes=(1, 2), masked=True),
    Row("ELU", {"alpha": 0.5}),
    Row("ELU", {"alpha": 2.0}, IMAGE, open_axes=(1, 2, 3)),
    Row("ELU", {"alpha": 0.0}, SERIES),
    Row("Softmax", {}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": 1}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": (1, 2)}, SERIES, open_axes=(1, 2)),
    Row("Softmax", {"axis": [-1]}),
    Row("Softmax", {"axis": -2}, IMAGE, open_axes=(1, 2, 3)),
    Row("Softmax", {"axis": [1, 2, 3]}, IMAGE),
    Row("Softmax", {}, SERIES, call={"mask": MASK}),
    Row("Softmax", {"axis": 1}, SERIES, call={"mask": MASK}),
    Row("Softmax", {"axis": (1, 2)}, SERIES, call={"mask": MASK}),
    Row("ThresholdedReLU", {}, SERIES, open_axes=(1, 2), twin=lambda x: np.where(x > 1.0, x, 0.0)),
    Row("ThresholdedReLU", {"theta": 0.0}, SERIES, twin=lambda x: np.where(x > 0.0, x, 0.0), masked=True),
    Row("ThresholdedReLU", {"theta": 0.5}, twin=lambda x: np.where(x > 0.5, x, 0.0)),
]
