"""Sixty steps with every optimizer and option end where Keras 3.15.1 ends, weights and state alike."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import optimizers
from kerastorch.optimizers import schedules
from tests.optimizers.training import keras_arrays, train, train_keras, weights

RULES = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5, "epsilon": 1e-3}),
    ("RMSprop", {"momentum": 0.8}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.8, "centered": True}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.3, "amsgrad": True}),
    ("Adagrad", {"learning_rate": 0.1}),
    ("Adagrad", {"initial_accumulator_value": 0.0}),
    ("Adadelta", {"learning_rate": 1.0}),
    ("Adadelta", {"rho": 0.5, "epsilon": 1e-3}),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}),
    ("Nadam", {}),
    ("Nadam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.9}),
    ("Ftrl", {"learning_rate": 0.1}),
    (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.7,
            "l1_regularization_strength": 0.05,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.2,
            "beta": 0.3,
        },
    ),
]
COMMON = [
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"clipvalue": 0.2},
    {"global_clipnorm": 1.0},
    {"use_ema": True, "ema_momentum": 0.9},
    {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 7},
    {"loss_scale_factor": 8.0},
    {"gradient_accumulation_steps": 4},
    {"gradient_accumulation_steps": 3, "use_ema": True, "ema_overwrite_frequency": 2, "weight_decay": 0.1},
    {"gradient_accumulation_steps": 2, "global_clipnorm": 0.5, "loss_scale_factor": 2.0},
]
CASES = RULES + [(name, options) for name in ("SGD", "RMSprop", "Adam") for options in COMMON]
CASES += [("Nadam", {"gradient_accumulation_steps": 3}), ("Adamax", {"gradient_accumulation_steps": 3})]


@pytest.mark.parametrize(("name", "options"), CASES, ids=lambda value: str(value))
def test_trajectory_equals_keras(name, options):
    ours, theirs = getattr(optimizers, name)(**options), getattr(keras.optimizers, name)(**options)
    expected = keras_arrays(train_keras(theirs))
    for mine, other in zip(train(ours), expected, strict=True):
        np.testing.assert_allclose(mine.numpy(), other, rtol=1e-5, atol=2e-6)
    assert [v.name for v in ours.variables][:-1] == [v.name for v in theirs.variables][:-1]
    for mine, other in zip(ours.variables, keras_arrays(theirs.variables), strict=True):
        np.testing.assert_allclose(mine.numpy(), other, rtol=2e-4, atol=2e-6)


SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.05, "decay_steps": 10, "decay_rate": 0.5}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": 40, "warmup_target": 0.05, "warmup_steps": 9},
    ),
    ("PiecewiseConstantDecay", {"boundaries": [5, 20], "values": [0.1, 0.05, 0.01]}),
]


@pytest.mark.parametrize(("schedule", "arguments"), SCHEDULES)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"momentum": 0.9}),
        ("SGD", {"momentum": 0.9, "nesterov": True}),
        ("AdamW", {"weight_decay": 0.2}),
        ("RMSprop", {"gradient_accumulation_steps": 3}),
    ],
)
def test_trajectory_with_a_schedule_equals_keras(name, options, schedule, arguments):
    """Keras takes 1 - beta_2**t in float32, which is off by 1e-5 at first; rates of 0.1 make that visible."""
    ours = getattr(optimizers, name)(getattr(schedules, schedule)(**arguments), **options)
    theirs = getattr(keras.optimizers, name)(
        getattr(keras.optimizers.schedules, schedule)(**arguments), **options
    )
    expected = keras_arrays(train_keras(theirs))
    for mine, other in zip(train(ours), expected, strict=True):
        np.testing.assert_allclose(mine.numpy(), other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["SGD", "Adam", "Lion"])
def test_excluded_variables_do_not_decay_as_in_keras(name):
    ours = getattr(optimizers, name)(weight_decay=0.5)
    theirs = getattr(keras.optimizers, name)(weight_decay=0.5)
    for optimizer in (ours, theirs):
        optimizer.exclude_from_weight_decay(var_names=["bias", "unit"])
    expected = keras_arrays(train_keras(theirs))
    for mine, other in zip(train(ours), expected, strict=True):
        np.testing.assert_allclose(mine.numpy(), other, rtol=1e-5, atol=2e-6)


def test_variables_given_as_list_do_not_decay():
    variables = weights()
    start = variables[0].numpy()
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[variables[0]])
    optimizer.apply([torch.zeros_like(v) for v in variables], variables)
    np.testing.assert_array_equal(variables[0].numpy(), start)
    np.testing.assert_allclose(variables[1].numpy(), weights()[1].numpy() * 0.95, rtol=1e-6)


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


@pytest.mark.parametrize(("name", "options"), RULES, ids=lambda value: str(value))
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
