"""The errors are also the builtin ones that Keras raises for the same use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import kerastorch
from kerastorch.errors import KerasTorchError

X = np.ones((8, 4), dtype="float32")
Y = np.zeros((8,), dtype="int64")


def model_of(k: Any) -> Any:
    """A trained classifier of one of the two libraries."""
    inputs = k.Input(shape=(4,), name="numbers")
    model = k.Model(inputs, k.layers.Dense(3, activation="softmax", name="probs")(inputs))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)
    return model


def if_symbolic(k: Any) -> bool:
    return bool(k.Input((4,)))


USES: dict[str, Callable[[Any], Any]] = {
    "units of -1": lambda k: k.layers.Dense(-1),
    "units as text": lambda k: k.layers.Dense("8"),
    "unknown activation": lambda k: k.layers.Dense(2, activation="rleu"),
    "unknown initializer": lambda k: k.layers.Dense(2, kernel_initializer="glorot"),
    "unknown keyword of a layer": lambda k: k.layers.Dense(2, unit=3),
    "name with a slash": lambda k: k.layers.Dense(2, name="a/b"),
    "rate of 2": lambda k: k.layers.Dropout(2),
    "strides and dilation": lambda k: k.layers.Conv2D(2, 3, strides=2, dilation_rate=2),
    "unknown padding": lambda k: k.layers.Conv2D(2, 3, padding="smae"),
    "kernel larger than the image": lambda k: k.layers.Conv2D(2, 9)(k.Input((8, 8, 3))),
    "image without channels": lambda k: k.layers.Conv2D(2, 3)(k.Input((8, 8))),
    "impossible reshape": lambda k: k.layers.Reshape((3, 2))(k.Input((4,))),
    "concatenate of other shapes": lambda k: k.layers.Concatenate()([k.Input((4, 2)), k.Input((5, 2))]),
    "add of other shapes": lambda k: k.layers.Add()([k.Input((4,)), k.Input((3,))]),
    "layer without call": lambda k: k.layers.Layer()(X),
    "disconnected": lambda k: k.Model(k.Input((4,)), k.layers.Dense(2)(k.Input((4,)))),
    "outputs that are numbers": lambda k: k.Model(k.Input((4,)), X),
    "input without a shape": lambda k: k.Input(),
    "input with a negative size": lambda k: k.Input((-4,)),
    "truth of a symbolic tensor": if_symbolic,
    "float of a symbolic tensor": lambda k: float(k.Input(())),
    "names twice": lambda k: k.Sequential([k.layers.Dense(2, name="a"), k.layers.Dense(2, name="a")]),
    "no layer": lambda k: k.Sequential(["Dense"]),
    "unknown layer": lambda k: model_of(k).get_layer("hidden"),
    "layer number too large": lambda k: model_of(k).get_layer(index=9),
    "count of an unbuilt layer": lambda k: k.layers.Dense(2).count_params(),
    "weights too few": lambda k: model_of(k).set_weights([X]),
    "weights of another shape": lambda k: model_of(k).set_weights([X, X]),
    "call with another shape": lambda k: model_of(k)(np.ones((2, 5), dtype="float32")),
    "fit with another shape": lambda k: model_of(k).fit(np.ones((8, 5)), Y, verbose=0),
    "predict with another shape": lambda k: model_of(k).predict(np.ones((8, 5)), verbose=0),
    "fit before compile": lambda k: k.Sequential([k.layers.Dense(2)]).fit(X, Y, verbose=0),
    "arrays of other lengths": lambda k: model_of(k).fit(X, Y[:5], verbose=0),
    "text as labels": lambda k: model_of(k).fit(X, np.array(["a"] * 8), verbose=0),
    "targets missing": lambda k: model_of(k).fit(X, verbose=0),
    "unknown keyword of fit": lambda k: model_of(k).fit(X, Y, epoch=3),
    "unknown optimizer": lambda k: model_of(k).compile("adm", "mse"),
    "rate as text": lambda k: k.optimizers.Adam(learning_rate="fast"),
    "two kinds of clipping": lambda k: k.optimizers.Adam(clipnorm=1.0, clipvalue=1.0),
    "unknown keyword of an optimizer": lambda k: k.optimizers.Adam(rate=1.0),
    "unknown reduction": lambda k: k.losses.MeanSquaredError(reduction="avg"),
    "one threshold": lambda k: k.metrics.AUC(num_thresholds=1),
}

# What Keras 3.15.1 raises here is an accident or comes later, so that ours is another: the use, what Keras raises (None
# for nothing), and the builtin of ours.
OTHERWISE: dict[str, tuple[Callable[[Any], Any], type[Exception] | None, type[Exception]]] = {
    "loop over a symbolic tensor": (lambda k: list(k.Input((4,))), NotImplementedError, TypeError),
    "pop of an empty model": (lambda k: k.Sequential().pop(), IndexError, ValueError),
    "evaluate before compile": (
        lambda k: k.Sequential([k.layers.Dense(2)]).evaluate(X, Y, verbose=0),
        AttributeError,
        ValueError,
    ),
    "split of 1.5": (lambda k: model_of(k).fit(X, Y, validation_split=1.5, verbose=0), None, ValueError),
    "unknown loss": (lambda k: model_of(k).compile("adam", "mssse"), None, ValueError),
    "unknown config": (
        lambda k: k.saving.deserialize_keras_object({"class_name": "Mystery", "config": {}}),
        TypeError,
        ValueError,
    ),
    "a number to register": (lambda k: k.saving.register_keras_serializable()(3), AttributeError, ValueError),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_error_is_clearer_than_that_of_keras(name: str) -> None:
    use, theirs, ours = OTHERWISE[name]
    if theirs is None:
        use(keras)
    else:
        with pytest.raises(theirs, match=r"[a-z]"):
            use(keras)
    with pytest.raises(ours, match=r".{20}") as caught:
        use(kerastorch)
    assert isinstance(caught.value, KerasTorchError)


@pytest.mark.parametrize("name", USES)
def test_error_is_that_of_keras(name: str) -> None:
    with pytest.raises(Exception, match=r"[a-z]") as theirs:
        USES[name](keras)
    builtin = next(t for t in type(theirs.value).__mro__ if t.__module__ == "builtins")
    with pytest.raises(KerasTorchError, match=r".{20}") as ours:
        USES[name](kerastorch)
    assert isinstance(ours.value, builtin)
