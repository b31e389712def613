"""The learning rate is one number, however it is reached."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from kerastorch.errors import InvalidArgumentError, ReadOnlyError
from kerastorch.optimizers import SGD, schedules


def moved_by(optimizer, weight) -> float:
    before = float(weight)
    optimizer.apply([torch.ones(1)], [weight])
    return before - float(weight)


def by_property(optimizer):
    optimizer.learning_rate = 0.5


def by_lr(optimizer):
    optimizer.lr = 0.5


def by_assign(optimizer):
    optimizer.learning_rate.assign(0.5)


def by_lr_assign(optimizer):
    optimizer.lr.assign(np.float32(0.5))


def by_group(optimizer):
    optimizer.param_groups[0]["lr"] = 0.5


def by_adding(optimizer):
    optimizer.learning_rate.assign_add(0.4)


def by_subtracting(optimizer):
    optimizer.learning_rate.assign_sub(-0.4)


def by_factor(optimizer):
    optimizer.learning_rate = optimizer.learning_rate * 5


def by_variables(optimizer):
    optimizer.variables[1].assign(torch.tensor(0.5))


def by_group_tensor(optimizer):
    optimizer.param_groups[0]["lr"] = torch.tensor(0.5)


WAYS = [v for k, v in list(globals().items()) if k.startswith("by_")]


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("change", WAYS)
def test_every_way_of_setting_it_is_seen_everywhere(change, built):
    optimizer, weight = SGD(0.1), torch.nn.Parameter(torch.zeros(1))
    if built:
        optimizer.build([weight])
    change(optimizer)
    assert float(optimizer.learning_rate) == pytest.approx(0.5)
    assert optimizer.lr.numpy() == pytest.approx(0.5)
    assert float(optimizer.param_groups[0]["lr"]) == pytest.approx(0.5)
    assert moved_by(optimizer, weight) == pytest.approx(0.5)
    assert optimizer.get_config()["learning_rate"] == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [1, np.float64(0.1), np.array(0.1), torch.tensor(0.1)], ids=repr)
def test_any_number_will_do(rate):
    assert float(SGD(rate).learning_rate) == pytest.approx(float(rate))


@pytest.mark.parametrize("rate", ["fast", None, [0.1, 0.2]], ids=repr)
def test_other_values_are_refused(rate):
    with pytest.raises(InvalidArgumentError, match="`learning_rate` should be a number"):
        SGD(rate)


def test_a_schedule_cannot_be_replaced_by_a_number():
    optimizer = SGD(schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(ReadOnlyError, match="its learning rate is not settable") as caught:
        optimizer.learning_rate = 0.1
    assert isinstance(caught.value, TypeError)


def test_a_schedule_can_be_replaced_by_another_and_a_number_by_a_schedule():
    optimizer, weight = SGD(0.1), torch.nn.Parameter(torch.zeros(1))
    for rate in (0.3, 0.7):
        optimizer.learning_rate = schedules.PiecewiseConstantDecay([100], [rate, 0.0])
        assert moved_by(optimizer, weight) == pytest.approx(rate)


def test_a_function_can_be_replaced_by_a_number():
    optimizer, weight = SGD(lambda: 0.1), torch.nn.Parameter(torch.zeros(1))
    optimizer.learning_rate = 0.3
    assert moved_by(optimizer, weight) == pytest.approx(0.3)


def test_only_a_rate_that_is_a_number_is_a_variable():
    assert [v.name for v in SGD(0.1).variables] == ["iteration", "learning_rate"]
    assert [v.name for v in SGD(schedules.CosineDecay(0.1, 10)).variables] == ["iteration"]


def test_the_variable_behaves_as_a_number():
    rate = SGD(0.25).learning_rate
    assert f"{rate:.3f}" == "0.250"
    assert float(rate * 2) == 0.5
    assert rate < 0.3
    assert rate.value is rate
    assert (rate.name, rate.path.split("/")[1]) == ("learning_rate", "learning_rate")


@pytest.mark.parametrize("rate", [0.1, 1e-3, 0.25, 3.3e-7])
def test_a_rate_written_in_single_precision_is_read_as_it_was_meant(rate):
    """So that training goes on with equal bits after the rate went through a variable, a file or a config."""
    optimizer = SGD.from_config(SGD(rate).get_config())
    assert optimizer.param_groups[0]["lr"] == rate
    optimizer.learning_rate.assign(np.float32(rate))
    assert optimizer.param_groups[0]["lr"] == rate


def test_a_copy_of_the_variable_is_a_number_of_its_own():
    optimizer = SGD(0.25)
    alone = copy.deepcopy(optimizer.learning_rate)
    alone.assign(0.75)
    assert (float(alone), float(optimizer.learning_rate)) == (0.75, 0.25)


SCHEDULERS = [
    (lambda o: torch.optim.lr_scheduler.StepLR(o, 2, 0.5), [0.1, 0.1, 0.05, 0.05]),
    (lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9), [0.1, 0.09, 0.081, 0.0729]),
    (lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda i: 1 / (i + 1)), [0.1, 0.05, 0.1 / 3, 0.025]),
]


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize(("make", "expected"), SCHEDULERS)
def test_schedulers_of_torch_work(make, expected, built):
    optimizer, weight = SGD(0.1), torch.nn.Parameter(torch.zeros(1))
    if built:
        optimizer.build([weight])
    scheduler = make(optimizer)
    optimizer.build([weight])
    for rate in expected:
        before = float(weight)
        weight.grad = torch.ones(1)
        optimizer.step()
        assert before - float(weight) == pytest.approx(rate)
        assert float(optimizer.learning_rate) == pytest.approx(rate)
        scheduler.step()


def test_reduce_on_plateau_of_torch_works():
    optimizer = SGD(0.1)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    for _ in range(3):
        scheduler.step(1.0)
    assert float(optimizer.lr) == pytest.approx(0.001)
