"""Activations by name and config."""

from __future__ import annotations

import keras
import pytest
import torch
import torch.nn.functional as F

from kerastorch import activations, registry
from kerastorch.errors import (
    InvalidArgumentError,
    SerializationError,
    UnknownIdentifierError,
    UnsafeModelError,
)
from tests.activations.test_functions import PLAIN

NAMES = [*PLAIN, "threshold"]


def halve(x):
    return x / 2


@pytest.fixture
def registered_halve():
    yield registry.register_keras_serializable("tests")(halve)
    registry._custom.pop("tests>halve")
    registry._custom_names.pop(halve)


@pytest.mark.parametrize("name", [*NAMES, "swish", "hard_swish"])
def test_every_name_means_what_it_means_in_keras(name):
    assert activations.get(name).__name__ == keras.activations.get(name).__name__


@pytest.mark.parametrize("name", [*NAMES, "swish", "hard_swish"])
def test_serialize_gives_keras_name(name):
    expected = keras.activations.serialize(getattr(keras.activations, name))
    assert activations.serialize(getattr(activations, name)) == expected


@pytest.mark.parametrize("read", [activations.get, activations.deserialize])
def test_a_function_is_returned_as_it_is(read):
    assert read(halve) is halve


def test_no_name_is_linear():
    assert activations.get(None) is activations.linear


def test_a_registered_function_has_keras_config(registered_halve):
    config = activations.serialize(halve)
    assert config == {
        "module": "builtins",
        "class_name": "function",
        "config": "tests>halve",
        "registered_name": "function",
    }
    assert activations.deserialize(config) is halve


def test_an_unregistered_function_needs_custom_objects():
    config = activations.serialize(halve)
    assert activations.deserialize(config, custom_objects={"halve": halve}) is halve
    with pytest.raises(UnsafeModelError, match="Could not locate function 'halve'"):
        activations.deserialize(config)


def test_a_function_with_a_built_in_name_is_not_taken_for_it():
    def relu(x):
        return x

    with pytest.raises(UnsafeModelError, match="Could not locate function 'relu'"):
        activations.deserialize(activations.serialize(relu))


@pytest.mark.parametrize(("fn", "name"), [(torch.relu, "relu"), (F.silu, "silu"), (F.gelu, "gelu")])
def test_torch_functions_that_equal_a_built_in_one_take_its_name(fn, name):
    assert activations.get(fn) is fn
    assert activations.serialize(fn) == name


def test_torch_functions_with_other_defaults_keep_their_own_config():
    assert activations.serialize(F.leaky_relu)["config"] == "leaky_relu"


@pytest.mark.parametrize(
    "config", ["tanh", {"class_name": "function", "config": "tanh", "module": "keras.activations"}]
)
def test_names_and_configs_are_read(config):
    assert activations.deserialize(config) is activations.tanh


def test_the_keywords_of_keras_2_are_taken():
    assert activations.deserialize(name="tanh", use_legacy_format=True) is activations.tanh
    assert activations.serialize(activations.tanh, use_legacy_format=True) == "tanh"


def test_config_and_name_together_are_refused():
    with pytest.raises(InvalidArgumentError, match="`name` is the older name of `config`"):
        activations.deserialize("relu", name="tanh")


def test_names_of_activation_layers_are_looked_up_among_layers(monkeypatch):
    class PReLU:
        def __call__(self, x):
            return x

    monkeypatch.setitem(registry._builtin, "keras.layers", {"PReLU": PReLU})
    assert isinstance(activations.get("PReLU"), PReLU)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(
        UnknownIdentifierError, match=r"Unknown activation function: 'rellu'. Did you mean 'relu'"
    ):
        activations.get("rellu")


def test_other_things_are_no_identifiers():
    with pytest.raises(UnknownIdentifierError, match="Could not interpret activation function identifier: 3"):
        activations.get(3)


def test_lambdas_have_no_config():
    with pytest.raises(SerializationError, match="A lambda cannot be written"):
        activations.serialize(lambda x: x)
