"""Random functions: distributions, seeds, shapes and types."""

from __future__ import annotations

import random as python_random

import keras
import numpy as np
import pytest
import torch

from kerastorch import random
from kerastorch.core.devices import device
from kerastorch.core.shapes import inferring
from kerastorch.core.spec import KerasTensor
from kerastorch.core.tracing import any_symbolic
from kerastorch.errors import AxisError, InvalidArgumentError, ShapeError

X = torch.arange(24.0).reshape(6, 4)
DRAWS = {
    "normal": lambda seed: random.normal((4, 5), 1.0, 2.0, seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((4, 5), seed=seed),
    "uniform": lambda seed: random.uniform((4, 5), -1.0, 2.0, seed=seed),
    "randint": lambda seed: random.randint((4, 5), 0, 1000, seed=seed),
    "categorical": lambda seed: random.categorical(torch.zeros(4, 50), 5, seed=seed),
    "dropout": lambda seed: random.dropout(torch.ones(40), 0.5, seed=seed),
    "shuffle": lambda seed: random.shuffle(torch.arange(40), seed=seed),
    "gamma": lambda seed: random.gamma((4, 5), 2.0, seed=seed),
    "binomial": lambda seed: random.binomial((4, 5), 100, 0.5, seed=seed),
    "beta": lambda seed: random.beta((4, 5), 2.0, 3.0, seed=seed),
}
BIG = (200_000,)


@pytest.mark.parametrize("name", DRAWS)
def test_an_integer_seed_repeats(name):
    assert torch.equal(DRAWS[name](3), DRAWS[name](3))
    assert not torch.equal(DRAWS[name](3), DRAWS[name](4))


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_generator_goes_on_and_can_be_repeated(name):
    def two():
        seeds = random.SeedGenerator(3)
        return DRAWS[name](seeds), DRAWS[name](seeds)

    first, second = two(), two()
    assert not torch.equal(first[0], first[1])
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])


@pytest.mark.parametrize("fix", [torch.manual_seed, random.set_random_seed])
@pytest.mark.parametrize("name", DRAWS)
def test_without_seed_the_global_generator_is_used(name, fix):
    fix(5)
    first, other = DRAWS[name](None), DRAWS[name](None)
    fix(5)
    assert torch.equal(DRAWS[name](None), first)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_leaves_the_global_generator_alone(name):
    before = torch.get_rng_state()
    DRAWS[name](3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", ["x", 1.5, torch.zeros(2)])
@pytest.mark.parametrize("name", DRAWS)
def test_other_seeds_are_refused(name, seed):
    with pytest.raises(InvalidArgumentError, match="`seed` must be either an integer or an instance of"):
        DRAWS[name](seed)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("normal", ((3, 4), 1.0, 2.0)),
        ("uniform", ((3, 4), -1.0, 2.0)),
        ("randint", ((3, 4), 0, 100)),
        ("categorical", (np.log([[0.2, 0.8], [0.5, 0.5]]), 7)),
    ],
)
def test_an_integer_seed_gives_the_numbers_of_keras_on_torch(name, args):
    ours = getattr(random, name)(*args, seed=42)
    theirs = getattr(keras.random, name)(*args, seed=42)
    np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-6)
    assert ours.dtype == theirs.dtype


@pytest.mark.parametrize(
    ("draw", "mean", "variance"),
    [
        (lambda: random.normal(BIG, 1.0, 2.0, seed=1), 1.0, 4.0),
        (lambda: random.truncated_normal(BIG, 1.0, 2.0, seed=1), 1.0, 4.0 * 0.7737),
        (lambda: random.uniform(BIG, -1.0, 3.0, seed=1), 1.0, 16 / 12),
        (lambda: random.randint(BIG, 0, 11, seed=1), 5.0, 10.0),
        (lambda: random.gamma(BIG, 3.0, seed=1), 3.0, 3.0),
        (lambda: random.binomial(BIG, 10, 0.3, seed=1), 3.0, 2.1),
        (lambda: random.beta(BIG, 2.0, 3.0, seed=1), 0.4, 0.04),
        (lambda: random.dropout(torch.ones(BIG), 0.2, seed=1), 1.0, 0.25),
        (lambda: random.dropout(torch.ones(BIG), 0.2), 1.0, 0.25),
    ],
    ids=[
        "normal",
        "truncated_normal",
        "uniform",
        "randint",
        "gamma",
        "binomial",
        "beta",
        "dropout",
        "dropout_unseeded",
    ],
)
def test_means_and_variances(draw, mean, variance):
    values = draw().double()
    assert values.mean().item() == pytest.approx(mean, abs=0.02)
    assert values.var().item() == pytest.approx(variance, rel=0.03)


def test_neighbouring_seed_generators_do_not_share_their_sequences():
    # Keras adds seed and counter, so that generator 1 is generator 2 one step later.
    first, second = random.SeedGenerator(1), random.SeedGenerator(2)
    drawn = [random.normal((3,), seed=seeds) for seeds in (first, second) for _ in range(20)]
    assert len({tuple(x.tolist()) for x in drawn}) == 40


def test_categorical_follows_the_logits():
    logits = torch.log(torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.5, 1e-9]]))
    drawn = random.categorical(logits, 50_000, seed=1)
    shares = torch.stack([torch.bincount(row, minlength=3) / 50_000 for row in drawn])
    torch.testing.assert_close(shares, logits.exp(), atol=0.01, rtol=0)
    assert drawn.dtype == torch.int32


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_shuffle_keeps_slices_together(axis):
    # As TensorFlow does; Keras on torch shuffles each slice on its own for axes other than 0.
    shuffled = random.shuffle(X, axis=axis, seed=2)
    slices = {tuple(s.tolist()) for s in shuffled.unbind(axis)}
    assert slices == {tuple(s.tolist()) for s in X.unbind(axis)}
    assert not torch.equal(shuffled, X)


@pytest.mark.parametrize("seed", [1, None])
def test_dropout_takes_a_noise_shape(seed):
    dropped = random.dropout(torch.ones(50, 4), 0.5, noise_shape=(None, 1), seed=seed)
    assert {tuple(row) for row in dropped.tolist()} == {(0.0,) * 4, (2.0,) * 4}


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("seed", [1, None])
def test_dropout_of_nothing_and_everything(rate, expected, seed):
    assert random.dropout(torch.ones(4), rate, seed=seed).tolist() == [expected] * 4


def test_gradients_flow_through_dropout_and_parameters():
    x = torch.ones(100, requires_grad=True)
    y = random.dropout(x, 0.5, seed=1)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())
    mean = torch.zeros(3, requires_grad=True)
    random.normal((2, 3), mean=mean, stddev=2.0).sum().backward()
    assert mean.grad.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", ["normal", "truncated_normal", "uniform"])
def test_the_data_type_is_the_one_asked_for(name, dtype):
    assert getattr(random, name)((3,), dtype=dtype).dtype == getattr(torch, dtype)


@pytest.mark.parametrize("shape", [(), (0, 3), [2, 3], torch.Size([4]), 5])
@pytest.mark.parametrize("name", ["normal", "truncated_normal", "uniform"])
def test_shapes_of_every_kind(name, shape):
    assert getattr(random, name)(shape, seed=1).shape == torch.zeros(shape).shape


@pytest.mark.parametrize(
    "draw",
    [
        lambda: random.gamma((2, 3), [1.0, 2.0, 3.0], seed=1),
        lambda: random.beta((2, 3), np.array([[1.0], [2.0]]), torch.tensor([1.0, 2.0, 3.0]), seed=1),
        lambda: random.binomial((2, 3), [1, 2, 3], np.array(0.5), seed=1),
        lambda: random.normal((2, 3), np.array([1.0, 2.0, 3.0], "float32"), torch.ones(2, 1), seed=1),
        lambda: random.uniform((2, 3), [0.0, 1.0, 2.0], torch.tensor([1.0, 2.0, 3.0]), seed=1),
    ],
)
def test_parameters_broadcast(draw):
    assert draw().shape == (2, 3)
    assert draw().dtype == torch.float32


def test_results_are_on_the_current_device():
    with device("meta"):
        for draw in (random.normal, random.uniform, random.truncated_normal):
            assert draw((2, 3), seed=1).device.type == "meta"


@pytest.mark.parametrize(
    "make",
    [
        lambda x: random.dropout(x, 0.5),
        lambda x: random.dropout(x, 0.5, seed=1),
        lambda x: random.dropout(x, 0.5, noise_shape=(None, 1)),
        lambda x: random.shuffle(x, seed=random.SeedGenerator(1)),
    ],
)
def test_symbolic_tensors_pass_through(make):
    y = make(KerasTensor((None, 4)))
    assert any_symbolic([y])
    assert y.shape == (None, 4)


def test_categorical_of_a_symbolic_tensor():
    assert random.categorical(KerasTensor((None, 4)), 3, seed=1).shape == (None, 3)


def test_inferring_shapes_draws_no_seed():
    seeds = random.SeedGenerator(3)
    with inferring():
        random.dropout(torch.ones(4, 4, device="meta"), 0.5, seed=seeds)
        random.normal((100, 100), seed=seeds)
    assert seeds.state.tolist() == [3, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random.normal((2, None)), ShapeError, "need a shape without None"),
        (
            lambda: random.normal((2,), dtype="int32"),
            InvalidArgumentError,
            "requires a floating point `dtype`",
        ),
        (
            lambda: random.uniform((2,), dtype="bool"),
            InvalidArgumentError,
            "requires a floating point `dtype`",
        ),
        (
            lambda: random.randint((2,), 0, 3, dtype="float32"),
            InvalidArgumentError,
            "requires an integer `dtype`",
        ),
        (lambda: random.randint((2,), 3, 3), InvalidArgumentError, "`minval` must be below `maxval`"),
        (lambda: random.categorical([0.5, 0.5], 3), ShapeError, "`logits` should be a 2-D tensor"),
        (lambda: random.dropout(X, 1.5), InvalidArgumentError, "`rate` must be a number from 0 to 1"),
        (
            lambda: random.dropout(X, 0.5, noise_shape=(1,)),
            ShapeError,
            "must have as many axes as the inputs",
        ),
        (lambda: random.gamma((2,), [1.0, 2.0, 3.0]), ShapeError, "cannot be broadcast to shape=\\(2,\\)"),
        (
            lambda: random.set_random_seed("x"),
            InvalidArgumentError,
            "Expected `seed` argument to be an integer",
        ),
        (lambda: random.normal("ab"), ShapeError, "must be a tuple of integers"),
        (lambda: random.shuffle(X, axis=5), AxisError, r"axis=5 for a tensor of shape \("),
        (lambda: random.set_random_seed(-1), InvalidArgumentError, "from 0 to 2\\*\\*32 - 1"),
    ],
)
def test_wrong_arguments_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_one_call_seeds_python_numpy_and_torch():
    def draw():
        random.set_random_seed(9)
        return python_random.random(), np.random.rand(), torch.rand(()).item()

    first = draw()
    assert draw() == first
    keras.utils.set_random_seed(9)
    assert (python_random.random(), np.random.rand(), torch.rand(()).item()) == first
