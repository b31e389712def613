"""`Layer`: configs that write themselves, round trips, older arguments, faults."""

from __future__ import annotations

import keras
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import SerializationError
from kerastorch.registry import CustomObjectScope

LIBRARIES = (kerastorch, keras)


def automatic_class(library):
    class Automatic(library.layers.Layer):
        def __init__(self, units, *, factor=2.0, activation="relu", **kwargs):
            super().__init__(**kwargs)
            self.dense = library.layers.Dense(units, activation=activation)
            self.factor = factor

        def call(self, x):
            return self.factor * self.dense(x)

    return Automatic


def own_class(library):
    class Own(library.layers.Layer):
        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return Own


@pytest.mark.parametrize("kind", [automatic_class, own_class])
def test_configs_of_users_layers_are_keras_s(kind):
    ours, theirs = (kind(library)(units=4, name="mine").get_config() for library in LIBRARIES)
    ours["dtype"], theirs["dtype"] = ours["dtype"]["config"], theirs["dtype"]["config"]
    assert ours == theirs


@pytest.mark.parametrize("kind", [automatic_class, own_class])
def test_users_layers_survive_a_round_trip(kind):
    cls = kind(kerastorch)
    layer = cls(4, trainable=False, dtype="float64", name="mine")
    with CustomObjectScope([{cls.__name__: cls}]):
        copy = deserialize_keras_object(serialize_keras_object(layer))
    assert type(copy) is cls
    assert copy.get_config() == layer.get_config()
    assert (copy.name, copy.trainable, copy.dtype) == ("mine", False, "float64")


def test_automatic_configs_keep_what_was_given():
    config = automatic_class(kerastorch)(5, factor=0.5).get_config()
    assert (config["units"], config["factor"], config["activation"]) == (5, 0.5, "relu")


def test_automatic_configs_know_their_limits():
    class Holds(layers.Layer):
        def __init__(self, thing):
            super().__init__()
            self.thing = thing

    with pytest.raises(SerializationError, match=r"Override `get_config\(\)`"):
        Holds(object()).get_config()


def test_layers_as_arguments_are_written_as_configs():
    class Wraps(layers.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner = inner

        def call(self, x):
            return self.inner(x)

    layer = Wraps(layers.Dense(3, name="inner"), name="outer")
    copy = Wraps.from_config(layer.get_config())
    assert copy.inner.units == 3
    assert copy.inner is not layer.inner


def test_classes_with_narrow_constructors_are_made_again():
    class Narrow(layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

    assert Narrow.from_config(Narrow(7).get_config()).units == 7


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"input_shape": (3,)}, (None, 3)),
        ({"input_shape": 3}, (None, 3)),
        ({"input_dim": 3}, (None, 3)),
        ({"input_dim": 3, "input_length": 5}, (None, 5, 3)),
        ({"batch_input_shape": (8, 3)}, (8, 3)),
        ({"input_shape": (3,), "batch_size": 8}, (8, 3)),
    ],
)
def test_older_arguments_give_the_shape_of_the_input(kwargs, expected):
    assert layers.Dense(2, **kwargs)._input_shape_arg == expected


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Dense(2, unitz=3), TypeError, "Unrecognized keyword arguments passed to Dense"),
        (lambda: layers.Dense(2, kernel_initialiser="ones"), TypeError, "Did you mean 'kernel_initializer'"),
        (lambda: layers.Layer(dtype="float31"), ValueError, "float31"),
        (lambda: layers.Layer(activity_regularizer="l3"), ValueError, "Unknown .*: 'l3'"),
        (lambda: layers.Dense.from_config({"unit": 3}), ValueError, "Error when deserializing class 'Dense'"),
        (
            lambda: layers.Layer().add_weight(shape=(1,), initializer="onez"),
            ValueError,
            "Did you mean 'one'",
        ),
        (lambda: layers.Dense(2).build_from_config({"input_shape": "x"}), ValueError, "must hold shapes"),
    ],
)
def test_faults_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_forgotten_super_call_is_named():
    class Forgets(layers.Layer):
        def __init__(self):
            self.dense = layers.Dense(2)

    with pytest.raises(RuntimeError, match=r"forgot to call `super\(\).__init__\(\)`"):
        Forgets()


def test_a_representation_names_the_layer():
    dense = layers.Dense(2, name="d")
    assert repr(dense) == "<Dense name=d, built=False>"
    dense(torch.ones(1, 3))
    assert repr(dense) == "<Dense name=d, built=True>"
