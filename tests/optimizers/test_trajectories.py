"""Two hundred steps of every optimizer and option end where Keras 3.15.1 ends, weights and state alike.

Keras rounds a few constants to float32 that its formulas mean to be exact, such as `1 - beta_2**t`. Where that shows,
ours are rounded in the same way: see `kerastorch/optimizers/powers.py`.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import torch

from kerastorch import optimizers
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.powers import one_minus_power
from tests.optimizers.training import weights
from tests.optimizers.trajectories.problems import SHAPES, WATCHED, keras_arrays, train, train_keras
from tests.optimizers.trajectories.table import (
    ALONE,
    RULES,
    Options,
    common_rows,
    label,
    make,
    own_rows,
)


def assert_follows(name: str, options: Options) -> None:
    """Trains with Keras's optimizer and with ours, and compares weights on the way and the state at the end."""
    ours, theirs = make(optimizers, name, options), make(keras.optimizers, name, options)
    mine, expected = train(ours), train_keras(theirs)
    for step in WATCHED:
        for variable, a, b in zip(SHAPES, mine[step], expected[step], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=3e-6, err_msg=f"{variable}, step {step}")
    state = zip(ours.variables, keras_arrays(theirs.variables), strict=True)
    for slot, b in state:
        scale = max(float(np.abs(b).max()), 1e-30)
        np.testing.assert_allclose(slot.numpy() / scale, b / scale, atol=2e-5, rtol=0, err_msg=slot.path)


def first_rows() -> list[Any]:
    return [pytest.param(name, own[0], id=name) for name, own in RULES.items()]


@pytest.mark.parametrize(("name", "options"), first_rows())
def test_optimizer_follows_keras(name, options):
    assert_follows(name, options)


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "options"), [pytest.param(*row, id=label(*row)) for row in own_rows()])
def test_optimizer_with_options_of_its_own_follows_keras(name, options):
    assert_follows(name, options)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "options"),
    [pytest.param(name, options, id=f"{name}-{option}") for name, option, options in common_rows()],
)
def test_optimizer_with_a_shared_option_follows_keras(name, options):
    assert_follows(name, options)


def test_every_optimizer_is_followed():
    public = {name for name in dir(optimizers) if isinstance(getattr(optimizers, name), type)}
    assert set(RULES) == public - {"Optimizer", "OptimizerMap"}


@pytest.mark.parametrize(("name", "options"), first_rows())
def test_sparse_gradients_of_an_embedding_train_as_dense_ones(name, options):
    """torch's `sparse=True`: the gradient holds only the rows that were looked up, some of them twice."""
    sparse = train(make(optimizers, name, options), steps=10, sparse=True)
    dense = train(make(optimizers, name, options), steps=10)
    for a, b in zip(sparse[10], dense[10], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("base", [0.9, 0.95, 0.98, 0.999])
def test_powers_are_rounded_as_kerass_scalars_are(base):
    for step in range(1, 300):
        expected = 1 - torch.pow(torch.tensor(base), torch.tensor(float(step)))
        assert one_minus_power(base, step, torch.float32) == pytest.approx(expected.item(), rel=1e-6)


def test_powers_are_exact_for_doubles():
    assert one_minus_power(0.999, 1, torch.float64) == 1.0 - 0.999


def test_variables_given_as_list_do_not_decay():
    variables = weights()
    start = variables[0].numpy()
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[0]])
    optimizer.apply([torch.zeros_like(v) for v in variables], variables)
    np.testing.assert_array_equal(variables[0].numpy(), start)
    np.testing.assert_allclose(variables[1].numpy(), weights()[1].numpy() * 0.95, rtol=1e-6)


@pytest.mark.parametrize("name", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_a_negative_limit_would_turn_gradients_around(name):
    with pytest.raises(InvalidArgumentError, match=f"`{name}` must not be negative. Received: {name}=-1.0"):
        optimizers.SGD(**{name: -1.0})


@pytest.mark.parametrize("pattern", ["^kernel$", "kernel", "^body/", "body/kernel"])
def test_a_variable_is_excluded_by_its_name_or_its_path(pattern):
    variable = weights()[0]
    variable.name, variable.path = "kernel", "body/kernel"
    start = variable.numpy()
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=[pattern])
    optimizer.apply([torch.zeros_like(variable)], [variable])
    np.testing.assert_array_equal(variable.numpy(), start)


def test_rmsprop_agrees_with_its_formula_after_many_steps():
    gradient = torch.linspace(-2.0, 2.0, 100)
    ours, plain = torch.nn.Parameter(torch.ones(100)), torch.ones(100, dtype=torch.float64)
    velocity, optimizer = torch.zeros(100, dtype=torch.float64), optimizers.RMSprop(0.01)
    for step in range(200):
        g = gradient * (1e-4 if step % 3 else 1.0)
        optimizer.apply([g], [ours])
        velocity = 0.9 * velocity + 0.1 * g.double() ** 2
        plain -= 0.01 * g.double() / (velocity + 1e-7).sqrt()
    np.testing.assert_allclose(ours.detach().numpy(), plain.numpy(), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(optimizer.variables[2].numpy(), velocity.numpy(), rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"), [pytest.param(*row, id=label(*row)) for row in own_rows() if row[0] not in ALONE]
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_other_types_follow_the_same_path(name, options, dtype):
    """bfloat16 has eight bits, so that only the first steps can be compared."""
    results = {}
    for kind in (torch.float64, dtype):
        torch.manual_seed(0)
        p = torch.nn.Parameter(torch.randn(70).to(kind))
        optimizer = getattr(optimizers, name)(**{"learning_rate": 0.1, **options})
        optimizer.build([p])
        for step in range(3):
            p.grad = torch.linspace(-1.0, 2.0, 70, dtype=torch.float64).roll(step).to(kind)
            optimizer.step()
        results[kind] = p.detach().double()
    tolerance = 1e-12 if dtype is torch.float64 else 0.15
    assert torch.isfinite(results[dtype]).all()
    assert (results[dtype] - results[torch.float64]).abs().max() <= tolerance
