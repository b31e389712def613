"""What the tables of wrong uses share: trained models, what their state is, and how a row is checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, losses, metrics
from kerastorch.core.context import state as call_state

rng = np.random.default_rng(0)


@dataclass
class Case:
    """A model that was compiled and trained once, with data that fit it."""

    model: Any
    x: Any
    y: Any

    def fit(self, x: Any = None, y: Any = None, **kwargs: Any) -> Any:
        """`fit` with the right data in the place of those not given."""
        return self.model.fit(self.x if x is None else x, self.y if y is None else y, **self._plain(kwargs))

    @staticmethod
    def _plain(kwargs: dict) -> dict:
        return {"verbose": 0, "batch_size": 8, **kwargs}


def floats(*shape: int) -> np.ndarray:
    """Random numbers."""
    return rng.normal(size=shape).astype("float32")


def classes(count: int, samples: int = 16) -> np.ndarray:
    """Class numbers, each of which occurs."""
    return np.arange(samples) % count


def _trained(model: Any, x: Any, y: Any, **arguments: Any) -> Case:
    model.compile(**{"optimizer": "adam", **arguments})
    case = Case(model, x, y)
    case.fit()
    return case


def classifier() -> Case:
    """Four numbers to three classes, with class numbers as targets."""
    inputs = kerastorch.Input(shape=(4,), name="numbers")
    x = layers.Dense(8, activation="relu", name="hidden")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    model = kerastorch.Model(inputs, layers.Dense(3, activation="softmax", name="probs")(x), name="iris")
    return _trained(
        model, floats(16, 4), classes(3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )


def regressor() -> Case:
    """Four numbers to one number."""
    model = kerastorch.Sequential(
        [kerastorch.Input(shape=(4,)), layers.Dense(8, name="hidden"), layers.Dense(1, name="price")],
        name="prices",
    )
    return _trained(model, floats(16, 4), floats(16, 1), loss="mse", metrics=["mae"])


def vectors() -> Case:
    """Four numbers to two numbers."""
    model = kerastorch.Sequential(
        [kerastorch.Input(shape=(4,)), layers.Dense(2, name="point")], name="points"
    )
    return _trained(model, floats(16, 4), floats(16, 2), loss="mse")


def images() -> Case:
    """Images of 8 x 8 pixels and three channels to two classes."""
    model = kerastorch.Sequential(
        [
            kerastorch.Input(shape=(8, 8, 3)),
            layers.Conv2D(4, 3, name="conv"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax", name="probs"),
        ],
        name="cnn",
    )
    return _trained(model, floats(16, 8, 8, 3), classes(2), loss="sparse_categorical_crossentropy")


def words() -> Case:
    """Six word numbers below ten to yes or no."""
    model = kerastorch.Sequential(
        [
            kerastorch.Input(shape=(6,), dtype="int32"),
            layers.Embedding(10, 4, name="vectors"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid", name="likes"),
        ],
        name="reviews",
    )
    x = rng.integers(0, 10, size=(16, 6))
    return _trained(model, x, classes(2)[:, None], loss="binary_crossentropy", metrics=["accuracy"])


def two_outputs() -> Case:
    """Two inputs and two outputs."""
    left, right = kerastorch.Input(shape=(4,), name="left"), kerastorch.Input(shape=(2,), name="right")
    x = layers.Dense(8, name="hidden")(layers.Concatenate(name="both")([left, right]))
    outputs = [
        layers.Dense(3, activation="softmax", name="kind")(x),
        layers.Dense(1, name="size")(x),
    ]
    model = kerastorch.Model([left, right], outputs, name="twins")
    losses = {"kind": "sparse_categorical_crossentropy", "size": "mse"}
    data = [floats(16, 4), floats(16, 2)], [classes(3), floats(16, 1)]
    return _trained(model, *data, loss=losses, metrics={"kind": ["accuracy"], "size": ["mae"]})


class Block(layers.Layer):
    """A layer made of layers, with a plain torch operation that can fail."""

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.inner = layers.Dense(width, name="inner")

    def call(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x)


class Handmade(kerastorch.Model):
    """A subclassed model."""

    def __init__(self, name: str = "handmade") -> None:
        super().__init__(name=name)
        self.block = Block(8, name="block")
        self.head = layers.Dense(3, activation="softmax", name="head")

    def call(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.block(x))


def subclassed() -> Case:
    """A subclassed model of a block and a head."""
    return _trained(Handmade(), floats(16, 4), classes(3), loss="sparse_categorical_crossentropy")


def _plain(values: Iterable[Any]) -> list:
    return [(tuple(v.shape), torch.as_tensor(v).detach().cpu().numpy().tobytes()) for v in values]


def state_of(model: Any) -> dict[str, Any]:
    """Everything about a model that a failed call must leave alone."""
    modules = dict(model.named_modules())
    history = model.history
    return {
        "weights": _plain(model.weights),
        "identity of the weights": [id(w) for w in model.weights],
        "trainable": [w.requires_grad for w in model.weights],
        "optimizer": id(model.optimizer),
        "optimizer variables": _plain(model.optimizer.variables),
        "metrics": {name: _plain(m.variables) for name, m in model._named_metrics().items()},
        "training mode": {name: m.training for name, m in modules.items()},
        "built": {name: m.built for name, m in modules.items() if hasattr(m, "built")},
        "layers": [(layer.name, type(layer).__name__) for layer in model.layers],
        "children": {name: list(m._modules) for name, m in modules.items()},
        "history": (id(history), list(history.epoch), {k: list(v) for k, v in history.history.items()}),
        "compile arguments": id(model._compile_arguments),
        "loss": model.loss if isinstance(model.loss, str) else id(model.loss),
        "stop_training": model.stop_training,
        "calls": (list(call_state.stack), list(call_state.scopes), call_state.training, call_state.inferring),
        "gradients enabled": torch.is_grad_enabled(),
    }


@dataclass(frozen=True)
class Wrong:
    """A wrong use.

    Attributes:
        name: what is wrong.
        error: the error of kerastorch, or of torch where a torch function of the user's fails.
        says: patterns that the text must have: where, what was received, what was expected, what to do.
        use: what does it, given the case.
        builtin: the builtin error that Keras raises.
        on: makes the case.
    """

    name: str
    error: type[Exception]
    says: tuple[str, ...]
    use: Callable[[Case], Any] = field(repr=False)
    builtin: type[Exception] = ValueError
    on: Callable[[], Case] = classifier

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def check(row: Wrong) -> None:
    """Checks the error of a row, that the model is as before, and that it goes on working."""
    case = row.on()
    before = state_of(case.model)
    with pytest.raises(row.error, match=row.says[0]) as caught:
        row.use(case)
    assert isinstance(caught.value, row.builtin)
    text = str(caught.value)
    missing = [pattern for pattern in row.says if re.search(pattern, text) is None]
    assert not missing, f"{missing} not in:\n{text}"
    after = state_of(case.model)
    changed = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
    assert not changed
    history = case.fit(epochs=1)
    assert np.isfinite(history.history["loss"][0])
    assert case.model.optimizer.iterations > 0


__all__ = ["Case", "Wrong", "check", "classifier", "floats", "losses", "metrics", "state_of"]
