"""When the learning rate falls, and what is said of it, against Keras."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import config
from kerastorch.callbacks import ReduceLROnPlateau
from kerastorch.errors import InvalidArgumentError, ReadOnlyError, UnknownArgumentError
from tests.training.twins import dense, rows

CURVES = [
    [8, 7, 6, 5, 4],
    [8] * 12,
    [8, 4, 6, 3, 7, 7, 7, 7, 7, 7],
    *np.random.default_rng(0).integers(0, 16, (6, 14)).tolist(),
]
SETTINGS = [
    dict(zip(("patience", "cooldown", "mode", "min_delta", "min_lr"), values, strict=True))
    for values in itertools.product((0, 1, 3), (0, 2), ("min", "max"), (0, 0.125), (0, 0.004))
]


def outcome(k, curve, **settings):
    """The learning rate after each epoch and what the callback counts."""
    callback = k.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, **settings)
    callback.set_model(SimpleNamespace(optimizer=k.optimizers.SGD(0.02), metrics=()))
    callback.on_train_begin()
    trace = []
    for epoch, value in enumerate(curve):
        logs = {"loss": value / 16}
        callback.on_epoch_end(epoch, logs)
        rate = float(callback.model.optimizer.learning_rate)
        trace.append((rate, callback.wait, callback.cooldown_counter, callback.in_cooldown(), logs))
    return trace


@pytest.mark.parametrize("curve", range(len(CURVES)))
def test_decisions_and_logs_are_those_of_keras(curve):
    for settings in SETTINGS:
        ours, theirs = (outcome(k, CURVES[curve], **settings) for k in (kerastorch, keras))
        assert ours == theirs, settings


def test_what_is_printed_is_what_keras_prints(capsys):
    said = []
    for k in (kerastorch, keras):
        outcome(k, [8] * 6, patience=2, verbose=1)
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != ""


def compiled(optimizer, **settings):
    model = dense(kerastorch, **settings)
    model.compile(optimizer(model) if callable(optimizer) else optimizer, "mse")
    return model


def flat(model, epochs=3, **settings):
    """Trains with a callback that never sees an improvement."""
    x, y = rows(16)
    callback = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9, **settings)
    return model.fit(x, y, epochs=epochs, verbose=0, callbacks=[callback]).history


def test_the_rate_of_each_epoch_is_in_the_history():
    history = flat(compiled(kerastorch.optimizers.SGD(0.5)))
    assert history["learning_rate"] == [0.5, 0.5, 0.25]


def test_the_dialect_of_keras_2_calls_the_rate_lr():
    config.set_dialect("tf_keras")
    try:
        history = flat(compiled(kerastorch.optimizers.SGD(0.5)))
    finally:
        config.set_dialect("keras")
    assert (history["lr"], "learning_rate" in history) == ([0.5, 0.5, 0.25], False)


def test_groups_of_a_torch_optimizer_keep_their_ratio():
    def optimizer(model):
        first, *rest = model.parameters()
        return torch.optim.SGD([{"params": [first], "lr": 0.5}, {"params": rest, "lr": 0.25}], lr=0.1)

    model = compiled(optimizer)
    assert flat(model)["learning_rate"] == [0.5, 0.5, 0.25]
    assert [group["lr"] for group in model.optimizer.param_groups] == [0.125, 0.0625]


def test_optimizers_inside_of_one_are_reduced_each():
    parts = [SimpleNamespace(name="a", learning_rate=0.5), SimpleNamespace(name="b", learning_rate=0.25)]
    callback = ReduceLROnPlateau("loss", factor=0.5, patience=1)
    callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(optimizers=parts)))
    callback.on_train_begin()
    for epoch in range(2):
        logs = {"loss": 1.0}
        callback.on_epoch_end(epoch, logs)
    assert [part.learning_rate for part in parts] == [0.25, 0.125]
    assert logs == {"loss": 1.0, "learning_rate_a": 0.5, "learning_rate_b": 0.25}


def test_a_schedule_refuses_as_the_optimizer_does():
    schedule = kerastorch.optimizers.schedules.ExponentialDecay(0.5, 10, 0.5)
    with pytest.raises(ReadOnlyError, match="created with a `LearningRateSchedule` object"):
        flat(compiled(kerastorch.optimizers.SGD(schedule)))


def test_epsilon_is_the_least_change():
    with pytest.warns(DeprecationWarning, match="`epsilon` of ReduceLROnPlateau is called `min_delta`"):
        assert ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5


def test_an_unknown_argument_is_an_error():
    with pytest.raises(UnknownArgumentError, match="does not take the argument 'patiance'"):
        ReduceLROnPlateau(patiance=3)


def test_a_factor_must_reduce():
    with pytest.raises(InvalidArgumentError, match=r"does not support a factor >= 1.0. Received factor=1.5"):
        ReduceLROnPlateau(factor=1.5)


def test_a_missing_quantity_is_a_warning_that_names_what_there_is():
    callback = ReduceLROnPlateau()
    callback.set_model(SimpleNamespace(optimizer=kerastorch.optimizers.SGD(0.5), metrics=()))
    with pytest.warns(UserWarning, match="reduction is conditioned on metric `val_loss` which is not avail"):
        callback.on_epoch_end(0, {"loss": 1.0})
