"""Optimizers in `fit`: named by strings they train as Keras's do, and go on after a file as if nothing had been."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
import pytest

from kerastorch import layers, models, optimizers
from kerastorch.optimizers import MultiOptimizer, OptimizerMap
from tests.optimizers.trajectories.table import ALONE, RULES, make

# What `compile(optimizer=...)` takes in Keras 3 (in any case), and in tf_keras besides.
STRINGS = {
    "SGD": ["sgd", "SGD"],
    "RMSprop": ["rmsprop", "RMSprop", "RMSProp"],
    "Adam": ["adam", "Adam", "ADAM"],
    "AdamW": ["adamw", "AdamW"],
    "Adagrad": ["adagrad", "Adagrad"],
    "Adadelta": ["adadelta", "Adadelta"],
    "Adamax": ["adamax", "Adamax"],
    "Nadam": ["nadam", "Nadam"],
    "Ftrl": ["ftrl", "Ftrl"],
    "Lion": ["lion", "Lion"],
    "Adafactor": ["adafactor", "Adafactor"],
    "Lamb": ["lamb", "Lamb"],
    "Muon": ["muon", "Muon"],
    "ScheduleFreeAdamW": ["schedulefreeadamw", "ScheduleFreeAdamW"],
}
TF_KERAS_STRINGS = {
    "SGD": ["experimentalsgd"],
    "Adam": ["experimentaladam"],
    "Adagrad": ["experimentaladagrad"],
    "Adadelta": ["experimentaladadelta"],
}
METRICS = ["mae"]
CASES = [
    pytest.param(name, string, id=string)
    for strings in (STRINGS, TF_KERAS_STRINGS)
    for name, all_strings in strings.items()
    for string in all_strings
]


@cache
def data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.normal(size=(40, 5)).astype("float32"), rng.normal(size=(40, 2)).astype("float32")


@cache
def first_weights() -> list[np.ndarray]:
    rng = np.random.default_rng(4)
    shapes = [(5, 6), (6,), (6, 2), (2,)]
    return [rng.normal(size=shape, scale=0.4).astype("float32") for shape in shapes]


def compiled(library: Any, optimizer: Any) -> Any:
    """A network of two layers; `library` has `layers` and `models`."""
    parts = [
        library.layers.Input((5,)),
        library.layers.Dense(6, activation="tanh", name="hidden"),
        library.layers.Dense(2, name="head"),
    ]
    model = library.models.Sequential(parts)
    model.set_weights(first_weights())
    model.compile(optimizer=optimizer, loss="mse", metrics=METRICS)
    return model


class Ours:
    layers, models = layers, models


def fit(model: Any, epochs: int = 1) -> dict[str, list[float]]:
    return model.fit(*data(), epochs=epochs, batch_size=8, shuffle=False, verbose=0).history


@cache
def history_of_keras(name: str) -> dict[str, list[float]]:
    return fit(compiled(keras, getattr(keras.optimizers, name)()))


@pytest.mark.parametrize(("name", "string"), CASES)
def test_history_equals_kerass(name, string):
    expected = history_of_keras(name)
    assert fit(compiled(Ours, string)) == {key: pytest.approx(expected[key], rel=1e-5) for key in expected}


def for_a_file(name: str) -> Any:
    """An optimizer whose config can be written."""
    if (
        name == "MultiOptimizer"
    ):  # a path begins with the name of the model, but not after loading, as in Keras
        parts = OptimizerMap(optimizers.SGD(0.05), {".*hidden/.*": optimizers.Adam(0.01)})
        return MultiOptimizer(parts)
    shared = {} if name in ALONE else {"use_ema": True, "ema_overwrite_frequency": 7}
    return make(optimizers, name, {**RULES[name][0], **shared})


@pytest.mark.parametrize("name", list(RULES))
def test_training_goes_on_after_a_file_as_without_one(name, tmp_path):
    whole, part = compiled(Ours, for_a_file(name)), compiled(Ours, for_a_file(name))
    for model in (whole, part):
        fit(model, epochs=2)
    part.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras")
    for model in (whole, again):
        fit(model, epochs=2)
    for ours, expected in zip(again.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)
    for ours, expected in zip(again.optimizer.variables, whole.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), expected.numpy())
