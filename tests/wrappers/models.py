"""The models that the estimators of these tests are made of, and their data."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerastorch import Input, Model, layers, optimizers, utils


def network(
    X: np.ndarray,
    y: np.ndarray,
    loss: str = "mse",
    last: str | None = None,
    units: int = 20,
    seed: int | None = None,
) -> Model:
    """A network of one hidden layer for the features and the outputs that there are."""
    if seed is not None:
        utils.set_random_seed(seed)
    inputs = Input((X.shape[1],))
    hidden = layers.Dense(units, activation="relu")(inputs)
    model = Model(inputs, layers.Dense(y.shape[1], activation=last)(hidden))
    model.compile(optimizers.Adam(0.01), loss, metrics=["accuracy"] if last == "softmax" else None)
    return model


CLASSES: dict[str, Any] = {"loss": "categorical_crossentropy", "last": "softmax"}
