"""`tf.random`: seeds, distributions and generators."""

from __future__ import annotations

import math

import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError

DRAWS = {
    "normal": lambda seed: tf.random.normal([50], seed=seed),
    "truncated_normal": lambda seed: tf.random.truncated_normal([50], seed=seed),
    "uniform": lambda seed: tf.random.uniform([50], seed=seed),
    "integers": lambda seed: tf.random.uniform([50], maxval=1000, dtype=tf.int32, seed=seed),
    "categorical": lambda seed: tf.random.categorical([[0.0] * 9], 50, seed=seed),
    "shuffle": lambda seed: tf.random.shuffle(torch.arange(50), seed=seed),
    "gamma": lambda seed: tf.random.gamma([50], 2.0, seed=seed),
    "poisson": lambda seed: tf.random.poisson([50], 9.0, seed=seed),
}
STATELESS = {
    "normal": lambda seed: tf.random.stateless_normal([50], seed),
    "truncated_normal": lambda seed: tf.random.stateless_truncated_normal([50], seed),
    "uniform": lambda seed: tf.random.stateless_uniform([50], seed),
    "categorical": lambda seed: tf.random.stateless_categorical([[0.0] * 9], 50, seed),
    "shuffle": lambda seed: tf.random.stateless_shuffle(torch.arange(50), seed),
    "split": lambda seed: tf.random.split(seed, 4),
    "fold_in": lambda seed: tf.random.fold_in(seed, 7),
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_fixes_the_numbers(name):
    draw = DRAWS[name]
    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))


@pytest.mark.parametrize("name", DRAWS)
def test_the_global_seed_fixes_the_numbers_that_follow(name):
    draw = DRAWS[name]
    tf.random.set_seed(5)
    first, second = draw(None), draw(None)
    tf.random.set_seed(5)
    assert torch.equal(draw(None), first)
    assert torch.equal(draw(None), second)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", STATELESS)
def test_stateless_numbers_follow_from_both_seeds(name):
    draw = STATELESS[name]
    assert torch.equal(draw([1, 2]), draw([1, 2]))
    assert not torch.equal(draw([1, 2]), draw([1, 3]))
    assert not torch.equal(draw([1, 2]), draw([2, 2]))


def test_distributions_have_their_moments():
    numbers = tf.random.normal([4000], mean=3.0, stddev=2.0, seed=1)
    assert math.isclose(numbers.mean(), 3.0, abs_tol=0.2)
    assert math.isclose(numbers.std(), 2.0, abs_tol=0.2)
    even = tf.random.uniform([4000], -1.0, 3.0, seed=1)
    assert -1.0 <= even.min() < even.max() < 3.0
    assert tf.random.gamma([3], [[1.0, 2.0]], beta=[[2.0], [4.0]]).shape == (3, 2, 2)
    assert math.isclose(tf.random.gamma([4000], 3.0, beta=6.0, seed=1).mean(), 0.5, abs_tol=0.05)


def test_integers_need_a_limit():
    with pytest.raises(InvalidArgumentError, match="maxval"):
        tf.random.uniform([2], dtype=tf.int32)
    full = tf.random.uniform([2], minval=None, dtype=tf.int64)
    assert full.dtype == torch.int64


def test_stateless_functions_take_two_seeds():
    with pytest.raises(InvalidArgumentError, match="two seeds"):
        tf.random.stateless_normal([2], [1, 2, 3])


def test_generators_have_states_of_their_own():
    one, other = tf.random.Generator.from_seed(1), tf.random.Generator.from_seed(1)
    state = one.state
    first = one.normal([4])
    assert torch.equal(first, other.normal([4]))
    one.reset(state)
    assert torch.equal(first, one.normal([4]))
    copy = tf.random.Generator(copy_from=one)
    assert torch.equal(copy.uniform([3]), one.uniform([3]))
    children = one.split(2)
    assert not torch.equal(children[0].normal([4]), children[1].normal([4]))
    free = tf.random.Generator.from_non_deterministic_state()
    assert free.make_seeds(3).shape == (2, 3)
    assert free.binomial([5], 4, 1.0).tolist() == [4] * 5


def test_the_global_generator_can_be_replaced():
    former = tf.random.get_global_generator()
    fresh = tf.random.Generator.from_seed(2)
    try:
        tf.random.set_global_generator(fresh)
        assert tf.random.get_global_generator() is fresh
    finally:
        tf.random.set_global_generator(former)
