"""Models written once for both libraries."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

import kerastorch

BOTH = (kerastorch, keras)
X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = (np.arange(32) % 3).astype("int64")


def functional(k: Any) -> Any:
    """Branches, a nested model, regularization and normalization."""
    inputs = k.Input((4,), name="numbers")
    inner = k.Sequential(
        [k.Input((8,)), k.layers.Dense(8, use_bias=False), k.layers.BatchNormalization()], name="inner"
    )
    x = k.layers.Dense(8, activation="relu", kernel_regularizer="l2")(inputs)
    x = k.layers.Add()([inner(x), x])
    return k.Model(inputs, k.layers.Dense(3, activation="softmax")(x), name="functional")


def sequential(k: Any) -> Any:
    """A row of layers with dropout."""
    layers = [k.layers.Dense(6, activation="tanh"), k.layers.Dropout(0.25, seed=3), k.layers.Dense(3)]
    return k.Sequential([k.Input((4,)), *layers, k.layers.Softmax()], name="row")


def shared(k: Any) -> Any:
    """One layer used twice, two inputs, two outputs."""
    first, second = k.Input((4,), name="first"), k.Input((4,), name="second")
    body = k.layers.Dense(5, name="body")
    outputs = {"one": k.layers.Dense(2, name="one")(body(first)), "two": k.layers.Dense(3)(body(second))}
    return k.Model([first, second], outputs, name="shared")


def images(k: Any) -> Any:
    """Convolution, pooling and an embedding."""
    picture, word = k.Input((8, 8, 3), name="picture"), k.Input((5,), dtype="int32", name="word")
    x = k.layers.Conv2D(4, 3, padding="same")(picture)
    x = k.layers.Flatten()(k.layers.MaxPooling2D()(k.layers.BatchNormalization()(x)))
    y = k.layers.Flatten()(k.layers.Embedding(7, 3)(word))
    return k.Model([picture, word], k.layers.Dense(2)(k.layers.Concatenate()([x, y])), name="images")


def subclass_of(k: Any) -> type:
    """A class with layers in attributes, lists and dictionaries, and a weight of its own."""

    class Net(k.Model):
        def __init__(self, units: int = 5, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.first = k.layers.Dense(units)
            self.blocks = [k.layers.Dense(units), k.layers.Dense(units)]
            self.heads = {"a": k.layers.Dense(3), "b": [k.layers.Dense(3)]}
            self.zoo = k.Sequential([k.layers.Dense(3)])
            self._hidden = k.layers.Dense(3)
            self.shift = self.add_weight(shape=(3,), name="shift", initializer="ones")

        def call(self, x: Any) -> Any:
            x = self.first(x)
            for block in self.blocks:
                x = block(x)
            return self._hidden(self.zoo(self.heads["a"](x) + self.heads["b"][0](x))) + self.shift

        def get_config(self) -> dict:
            return {**super().get_config(), "units": self.units}

    return Net


def inputs_of(model: Any) -> Any:
    """Random data for the inputs of a model."""
    rng = np.random.default_rng(1)
    shapes = {tuple(x.shape[1:]): x.dtype for x in model.inputs}
    data = [
        rng.integers(0, 7, (6, *s)).astype(d) if "int" in d else rng.normal(size=(6, *s)).astype(d)
        for s, d in shapes.items()
    ]
    data = (
        [rng.normal(size=(6, 4)).astype("float32") for _ in model.inputs]
        if len(shapes) < len(model.inputs)
        else data
    )
    return data if len(data) > 1 else data[0]


def outputs(model: Any, x: Any) -> list[np.ndarray]:
    """The predictions as a list of arrays."""
    found = model.predict(x, verbose=0)
    return list(found.values()) if isinstance(found, dict) else [found]
