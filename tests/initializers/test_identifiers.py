"""Initializers by name, config and value."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import initializers, random
from kerastorch.errors import InvalidArgumentError, ShapeError, UnknownIdentifierError, UnsafeModelError

NAMES = [
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "one",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "stft",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "zero",
    "zeros",
    "IdentityInitializer",
    "OrthogonalInitializer",
    "STFTInitializer",
    "GlorotUniform",
]
ARGUMENTS = [
    ("Constant", {"value": 2.0}),
    ("Constant", {"value": np.ones(2)}),
    ("Zeros", {}),
    ("Ones", {}),
    ("STFT", {"side": "imag", "window": "hamming", "scaling": None, "periodic": True}),
    ("RandomNormal", {"mean": 1.0, "stddev": 2.0, "seed": 3}),
    ("RandomUniform", {"minval": 1.0, "maxval": 2.0}),
    ("TruncatedNormal", {"seed": 5}),
    ("Orthogonal", {"gain": 2.0, "seed": 3}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "normal", "input_axes": [0]}),
    ("GlorotUniform", {"seed": 3}),
    ("GlorotNormal", {"input_axes": [0], "output_axes": [1]}),
    ("HeUniform", {}),
    ("HeNormal", {}),
    ("LecunUniform", {}),
    ("LecunNormal", {}),
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_means_what_it_means_in_keras(name):
    assert type(initializers.get(name)).__name__ == type(keras.initializers.get(name)).__name__


def test_the_name_of_a_constant_means_zeros_as_in_keras_2():
    # Keras 3.15.1 fails on this name.
    assert initializers.get("constant").value == 0.0


@pytest.mark.parametrize(
    "name", [n for n in NAMES if hasattr(initializers, n) and hasattr(keras.initializers, n)]
)
def test_every_alias_is_the_class_that_it_is_in_keras(name):
    assert getattr(initializers, name).__name__ == getattr(keras.initializers, name).__name__


@pytest.mark.parametrize(("name", "kwargs"), ARGUMENTS)
def test_configs_equal_keras(name, kwargs):
    ours = initializers.serialize(getattr(initializers, name)(**kwargs))
    theirs = keras.initializers.serialize(getattr(keras.initializers, name)(**kwargs))
    assert ours == theirs


@pytest.mark.parametrize(("name", "kwargs"), ARGUMENTS)
def test_configs_of_keras_are_read(name, kwargs):
    config = keras.initializers.serialize(getattr(keras.initializers, name)(**kwargs))
    assert initializers.serialize(initializers.deserialize(config)) == config


@pytest.mark.parametrize(("name", "kwargs"), ARGUMENTS)
def test_the_short_form_of_keras_2_is_written_and_read(name, kwargs):
    config = initializers.serialize(getattr(initializers, name)(**kwargs), use_legacy_format=True)
    assert set(config) == {"class_name", "config"}
    again = initializers.deserialize(config, use_legacy_format=True)
    assert initializers.serialize(again, use_legacy_format=True) == config


def test_a_data_type_in_a_config_of_keras_2_is_left_out():
    config = {"class_name": "RandomNormal", "config": {"stddev": 2.0, "seed": 1, "dtype": "float32"}}
    assert initializers.get(config).stddev == 2.0


def test_the_gain_of_an_identity_is_kept():
    # Keras leaves it out of the config, and so loses it.
    config = initializers.serialize(initializers.Identity(gain=2.0))
    assert initializers.deserialize(config).gain == 2.0
    assert keras.initializers.deserialize(config).gain == 2.0


def test_a_seed_generator_in_a_config_comes_back():
    config = initializers.serialize(initializers.HeNormal(seed=random.SeedGenerator(3, name="a")))
    theirs = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(3, name="a"))
    assert config == keras.initializers.serialize(theirs)
    assert initializers.deserialize(config).seed.get_config() == {"seed": 3, "name": "a"}


@pytest.mark.parametrize("values", [np.arange(4.0).reshape(2, 2), torch.arange(4.0).reshape(2, 2)])
def test_values_themselves_are_an_initializer(values):
    make = initializers.get(values)
    assert make((2, 2)).tolist() == [[0.0, 1.0], [2.0, 3.0]]
    with pytest.raises(ShapeError, match="Expected `shape` to be \\(2, 2\\) for direct tensor"):
        make((4,))


def test_classes_functions_and_none_are_identifiers():
    def sevens(shape, dtype=None):
        return torch.full(shape, 7.0)

    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    assert initializers.get(sevens) is sevens
    assert initializers.get(None) is None


def test_users_classes_are_found_in_custom_objects():
    class Sevens(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return torch.full(shape, 7.0)

    config = initializers.serialize(Sevens())
    assert isinstance(initializers.deserialize(config, custom_objects={"Sevens": Sevens}), Sevens)
    with pytest.raises(UnsafeModelError, match="Could not locate class 'Sevens'"):
        initializers.deserialize(config)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(UnknownIdentifierError, match=r"Unknown initializer: 'glorot'. Did you mean 'glorot_"):
        initializers.get("glorot")


def test_unknown_arguments_in_a_config_are_named():
    with pytest.raises(InvalidArgumentError, match=r"Ones could not be made from the config {'gain': 1}"):
        initializers.get({"class_name": "Ones", "config": {"gain": 1}})
