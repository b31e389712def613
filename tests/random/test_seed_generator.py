"""SeedGenerator: its state, its sequence and its config."""

from __future__ import annotations

import copy
import pickle

import keras
import numpy as np
import pytest
import torch

from kerastorch import random
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.core.variable import Variable
from kerastorch.errors import InvalidArgumentError


@pytest.mark.parametrize("ordered", [True, False])
def test_the_sequence_equals_keras(ordered):
    ours, theirs = random.SeedGenerator(7), keras.random.SeedGenerator(7)
    for _ in range(3):
        expected = theirs.next(ordered=ordered)
        np.testing.assert_array_equal(ours.next(ordered=ordered).numpy(), expected.detach().numpy())


def test_the_state_is_a_variable_that_is_not_trained():
    seeds = random.SeedGenerator(7, name="mine")
    assert isinstance(seeds.state, Variable)
    assert not seeds.state.trainable
    assert seeds.state.shape == (2,)
    assert seeds.state.path == keras.random.SeedGenerator(7, name="mine").state.path


def test_setting_the_state_repeats_the_sequence():
    seeds = random.SeedGenerator(7)
    start = seeds.state.numpy()
    first = random.normal((3,), seed=seeds)
    seeds.state.assign(start)
    assert torch.equal(random.normal((3,), seed=seeds), first)


def test_without_seed_the_global_seed_decides():
    def start():
        random.set_random_seed(3)
        return random.SeedGenerator().state.tolist(), random.SeedGenerator().state.tolist()

    first = start()
    assert start() == first
    assert first[0] != first[1]


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_copies_go_on_where_the_original_is_and_are_independent(clone):
    seeds = random.SeedGenerator(7)
    seeds.next()
    other = clone(seeds)
    assert other.next().tolist() == [7, 1]
    assert seeds.next().tolist() == [7, 1]


@pytest.mark.parametrize("kwargs", [{"seed": 3, "name": "a"}, {"name": "b"}])
def test_configs_equal_keras(kwargs):
    ours = serialize_keras_object(random.SeedGenerator(**kwargs))
    assert ours == keras.saving.serialize_keras_object(keras.random.SeedGenerator(**kwargs))
    assert deserialize_keras_object(ours).get_config() == ours["config"]


def test_the_name_is_made_when_none_is_given():
    assert random.SeedGenerator(1).name.startswith("seed_generator")


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"seed": "x"}, "`seed` must be an integer"),
        ({"seed": 1.5}, "`seed` must be an integer"),
        ({"sed": 1}, "Unrecognized keyword arguments: \\['sed'\\]"),
    ],
)
def test_wrong_arguments_say_what_is_wrong(kwargs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        random.SeedGenerator(**kwargs)


def test_the_backend_keyword_of_keras_is_taken():
    assert random.SeedGenerator(1, backend=None).next().tolist() == [1, 0]
