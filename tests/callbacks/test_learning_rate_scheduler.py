"""Learning rates set by a function, against Keras."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch.callbacks import LearningRateScheduler
from kerastorch.errors import InvalidArgumentError, ReadOnlyError
from tests.training.twins import dense, rows

X, Y = rows(16)


def fit(k, schedule, optimizer="sgd", verbose=0):
    model = dense(k)
    model.compile(optimizer(model) if callable(optimizer) else optimizer, "mse")
    callback = k.callbacks.LearningRateScheduler(schedule, verbose=verbose)
    return model, model.fit(X, Y, epochs=3, verbose=0, callbacks=[callback]).history


def with_rate(epoch, rate):
    return rate * 0.5


def without_rate(epoch):
    return 0.1 / (epoch + 1)


def with_default(epoch, rate=1.0):
    return rate * 0.9


def in_numpy(epoch, rate):
    return np.float64(rate) * np.exp(-0.1)


@pytest.mark.parametrize("schedule", [with_rate, without_rate, with_default, in_numpy])
def test_rates_and_messages_are_those_of_keras(schedule, capsys):
    found = []
    for k in (kerastorch, keras):
        model, history = fit(k, schedule, verbose=1)
        rate = float(model.optimizer.learning_rate)
        found.append((history["learning_rate"], rate, capsys.readouterr().out))
    assert found[0] == found[1]
    assert "Epoch 1: LearningRateScheduler setting learning rate to" in found[0][2]


def test_a_scalar_tensor_is_a_rate():
    model, _ = fit(kerastorch, lambda epoch, rate: torch.tensor(0.25))
    assert float(model.optimizer.learning_rate) == 0.25


def test_a_torch_optimizer_gets_the_rate():
    model, history = fit(kerastorch, with_rate, lambda model: torch.optim.SGD(model.parameters(), lr=0.5))
    assert history["learning_rate"] == [0.25, 0.125, 0.0625]
    assert model.optimizer.param_groups[0]["lr"] == 0.0625


@pytest.mark.parametrize("result", [1, "0.1", None])
def test_other_results_are_errors(result):
    with pytest.raises(
        InvalidArgumentError, match=r"output of the `schedule` function should be a float\. Got"
    ):
        fit(kerastorch, lambda epoch, rate: result)


def test_an_error_of_the_function_is_not_hidden():
    def broken(epoch, rate):
        return rate + "0.1"

    with pytest.raises(TypeError, match="unsupported operand"):
        fit(kerastorch, broken)


def test_a_function_of_c_is_called_with_both():
    _, history = fit(kerastorch, math.hypot)
    assert history["learning_rate"] == pytest.approx([0.01, math.hypot(1, 0.01), math.hypot(1, 2, 0.01)])


def test_an_optimizer_with_a_schedule_refuses():
    schedule = kerastorch.optimizers.schedules.ExponentialDecay(0.5, 10, 0.5)
    with pytest.raises(ReadOnlyError, match="created with a `LearningRateSchedule` object"):
        fit(kerastorch, with_rate, kerastorch.optimizers.SGD(schedule))


def test_an_optimizer_without_a_rate_is_an_error():
    callback = LearningRateScheduler(with_rate)
    callback.set_model(type("Model", (), {"optimizer": object()})())
    with pytest.raises(InvalidArgumentError, match='Optimizer must have a "learning_rate" attribute'):
        callback.on_epoch_begin(0)
