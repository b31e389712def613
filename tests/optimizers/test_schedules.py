from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import experimental
from kerastorch.errors import InvalidArgumentError, UnsafeModelError
from kerastorch.optimizers import SGD, schedules

TABLE = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ),
    ("PiecewiseConstantDecay", {"boundaries": [10, 30], "values": [1.0, 0.5, 0.1]}),
    ("PiecewiseConstantDecay", {"boundaries": [10], "values": [1.0, 0.5], "name": "two"}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20}),
    (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "end_learning_rate": 0.01, "power": 2.0},
    ),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "power": 0.5, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.2}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 20, "warmup_target": 0.1, "warmup_steps": 10},
    ),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.01, "decay_steps": 20, "alpha": 0.5, "warmup_target": 0.1},
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 8}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 8, "t_mul": 1.0}),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 8, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1},
    ),
]
IDS = [f"{name}-{i}" for i, (name, _) in enumerate(TABLE)]
STEPS = [0, 1, 2, 5, 7, 9, 10, 11, 13, 14, 19, 21, 25, 31, 39, 41, 63, 77]


def pair(name, arguments):
    return getattr(schedules, name)(**arguments), getattr(keras.optimizers.schedules, name)(**arguments)


@pytest.mark.parametrize(("name", "arguments"), TABLE, ids=IDS)
def test_values_equal_keras(name, arguments):
    ours, theirs = pair(name, arguments)
    expected = [float(theirs(step)) for step in STEPS]
    np.testing.assert_allclose([float(ours(step)) for step in STEPS], expected, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize(("name", "arguments"), TABLE, ids=IDS)
def test_config_equals_keras_and_reads_back(name, arguments):
    ours, theirs = pair(name, arguments)
    config = schedules.serialize(ours)
    assert config == keras.optimizers.schedules.serialize(theirs)
    again = schedules.deserialize(config)
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()


@pytest.mark.parametrize(("restarts", "t_mul"), [(n, t) for n in range(1, 9) for t in (1.5, 2.0, 3.0)])
def test_restart_begins_at_its_first_step(restarts, t_mul):
    """Keras divides float32 logarithms and starts some falls a step late; the formula says the full rate."""
    begin = (t_mul**restarts - 1) / (t_mul - 1)
    schedule = schedules.CosineDecayRestarts(1.0, first_decay_steps=2**10, t_mul=t_mul)
    assert float(schedule(begin * 2**10)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "steps", [[0, 3, 9], np.array([[0, 3], [9, 12]]), torch.tensor([1, 2]), torch.tensor(4)], ids=type
)
def test_many_steps_at_once(steps):
    schedule = schedules.CosineDecay(0.1, 10)
    rates = schedule(steps)
    assert rates.dtype == torch.float32
    flat = np.asarray(steps).reshape(-1)
    np.testing.assert_allclose(rates.flatten().numpy(), [float(schedule(int(s))) for s in flat])
    assert rates.shape == np.shape(steps)


def test_short_config_of_keras_2_is_read():
    config = schedules.serialize(schedules.ExponentialDecay(0.1, 10, 0.5), use_legacy_format=True)
    assert set(config) == {"class_name", "config"}
    assert schedules.deserialize(config).decay_rate == 0.5


def test_a_users_schedule_is_read_through_custom_objects():
    class Half(schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.5

        def get_config(self):
            return {}

    config = schedules.serialize(Half())
    with pytest.raises(UnsafeModelError, match="Could not locate class 'Half'"):
        schedules.deserialize(config)
    assert isinstance(schedules.deserialize(config, custom_objects={"Half": Half}), Half)


WRONG = [
    (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "`decay_steps` must be > 0"),
    (lambda: schedules.InverseTimeDecay(0.1, -1, 0.5), "`decay_steps` must be > 0"),
    (lambda: schedules.PolynomialDecay(0.1, 0), "`decay_steps` must be > 0"),
    (lambda: schedules.CosineDecay(0.1, 0), "`decay_steps` must be > 0"),
    (lambda: schedules.CosineDecayRestarts(0.1, 0), "`first_decay_steps` must be > 0"),
    (lambda: schedules.PiecewiseConstantDecay([1], [1.0]), "should be 1 less than the length of values"),
    (lambda: schedules.LearningRateSchedule()(1), "must override `__call__"),
    (lambda: schedules.LearningRateSchedule().get_config(), "must override `get_config"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_wrong_use_says_what_is_wrong(wrong, message):
    with pytest.raises(InvalidArgumentError, match=message):
        wrong()


class Twice(schedules.ExponentialDecay):
    """A schedule that changes a built-in one by its call."""

    def __call__(self, step):
        return 2 * super().__call__(step)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (schedules.ExponentialDecay(1.0, 1, 0.5), [1.0, 0.5, 0.25]),
        (Twice(1.0, 1, 0.5), [2.0, 1.0, 0.5]),
        (lambda: 0.25, [0.25, 0.25, 0.25]),
    ],
    ids=["built-in", "own call", "function"],
)
def test_optimizer_follows_the_schedule(rate, expected):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = SGD(rate)
    seen = []
    for _ in range(3):
        before = float(weight)
        seen.append(float(optimizer.learning_rate))
        optimizer.apply([torch.ones(1)], [weight])
        assert before - float(weight) == pytest.approx(seen[-1])
        assert optimizer.param_groups[0]["lr"] == pytest.approx(seen[-1])
    assert seen == pytest.approx(expected)


def test_a_users_schedule_gets_the_step_as_a_tensor():
    class Warmup(schedules.LearningRateSchedule):
        def __call__(self, step):
            return torch.minimum(step.to(torch.float32) / 4, torch.tensor(1.0))

    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = SGD(Warmup())
    for _ in range(3):
        optimizer.apply([torch.ones(1)], [weight])
    assert float(weight) == pytest.approx(-(0 + 0.25 + 0.5))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [0.1001, 0.06411651, 0.0251, 0.00376117, 0.0001, 0.0001]),
        (
            {"num_periods": 1.5, "alpha": 0.1, "beta": 0.01},
            [0.111, 0.01344796, 0.031, 0.03087437, 0.001, 0.001],
        ),
    ],
    ids=["usual", "own"],
)
def test_linear_cosine_decay_follows_tf_keras(arguments, expected):
    """Keras 3 has no such schedule; the values are those of tf_keras 2.21."""
    schedule = schedules.LinearCosineDecay(0.1, 20, **arguments)
    np.testing.assert_allclose(schedule([0, 5, 10, 15, 20, 25]), expected, atol=1e-8)
    assert schedules.deserialize(schedules.serialize(schedule)).get_config() == schedule.get_config()


def test_noise_around_the_line_falls_and_stays_what_it_is():
    line = schedules.LinearCosineDecay(1.0, 10_000)
    noisy = schedules.NoisyLinearCosineDecay(1.0, 10_000, seed=3)
    again = schedules.NoisyLinearCosineDecay.from_config(noisy.get_config())
    steps = np.arange(4000)
    np.testing.assert_array_equal(noisy(steps), again(steps))
    noise = (noisy(steps) - line(steps)).numpy()
    assert noise[:20].std() > 2 * noise[3000:].std() > 0
    unseeded = [float(schedules.NoisyLinearCosineDecay(1.0, 100)(5)) for _ in range(2)]
    assert unseeded[0] != unseeded[1]


def test_a_schedule_is_a_function_for_torchs_schedulers():
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedules.ExponentialDecay(1.0, 1, 0.5))
    for expected in (0.5, 0.25, 0.125):
        assert float(optimizer.param_groups[0]["lr"]) == pytest.approx(expected)
        optimizer.step()
        scheduler.step()


def test_keras_2_had_some_schedules_elsewhere():
    assert all(getattr(experimental, name) is getattr(schedules, name) for name in experimental.__all__)
