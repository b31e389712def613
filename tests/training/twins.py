"""The same model in Keras 3.15.1 and in kerastorch, with the same weights, and real data to train both on."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

import kerastorch


@functools.cache
def digits(count: int = 240) -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits: images of shape (count, 8, 8, 1) between 0 and 1, and their labels."""
    data = load_digits()
    images = (data.images[:count] / 16.0).astype("float32")[..., None]
    return images, data.target[:count].astype("int64")


def one_hot(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    return np.eye(classes, dtype="float32")[labels]


def rows(count: int = 40, features: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of numbers and a target of shape (count, 1) that depends on them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, features)).astype("float32")
    return x, (x.sum(1, keepdims=True) + 0.1 * rng.normal(size=(count, 1))).astype("float32")


def numpy(weight: Any) -> np.ndarray:
    return np.asarray(weight.detach().cpu() if hasattr(weight, "detach") else weight.numpy())


def copy_weights(source: Any, target: Any) -> None:
    target.set_weights([np.array(w) for w in source.get_weights()])


def twins(build: Callable[[ModuleType], Any], *shapes: Any) -> tuple[Any, Any]:
    """The models that `build` makes with `kerastorch` and with `keras`, in this order, with Keras's weights.

    Args:
        build: takes the library and returns a model.
        *shapes: the input shape to build a model with that has none.
    """
    keras.utils.set_random_seed(0)
    theirs, ours = build(keras), build(kerastorch)
    for model in (ours, theirs):
        if shapes:
            model.build(*shapes)
    copy_weights(theirs, ours)
    return ours, theirs


def dense(k: ModuleType, features: int = 3, units: int = 1, activation: str | None = None) -> Any:
    """A network of two layers."""
    return k.Sequential(
        [
            k.Input((features,)),
            k.layers.Dense(4, activation="tanh"),
            k.layers.Dense(units, activation=activation),
        ]
    )


def two_outputs(k: ModuleType, features: int = 3) -> Any:
    """A network with the outputs `a` (one number) and `b` (three classes)."""
    x = k.Input((features,), name="x")
    hidden = k.layers.Dense(4, activation="tanh", name="hidden")(x)
    a = k.layers.Dense(1, name="a")(hidden)
    b = k.layers.Dense(3, activation="softmax", name="b")(hidden)
    return k.Model(x, [a, b])


def assert_close(ours: Any, theirs: Any, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    """Nested numbers and arrays agree."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for key in theirs:
            assert_close(ours[key], theirs[key], rtol, atol)
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert_close(mine, other, rtol, atol)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)


def both(models: tuple[Any, Any], method: str, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Calls a method of both models with the same arguments, verbose=0 where it takes that."""
    if method in ("fit", "evaluate", "predict"):
        kwargs.setdefault("verbose", 0)
    return tuple(getattr(model, method)(*args, **kwargs) for model in models)


def trained(models: tuple[Any, Any], *args: Any, **kwargs: Any) -> tuple[dict, dict]:
    """Fits both models on the same batches and returns their histories."""
    kwargs.setdefault("shuffle", False)
    ours, theirs = both(models, "fit", *args, **kwargs)
    return ours.history, theirs.history


def assert_same_training(models: tuple[Any, Any], *args: Any, **kwargs: Any) -> tuple[dict, dict]:
    """Fits both models and asserts that histories and final weights agree."""
    ours, theirs = trained(models, *args, **kwargs)
    assert_close(ours, theirs)
    for mine, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
    return ours, theirs
