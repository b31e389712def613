"""A run that goes on from a backup ends where one without interruption does, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import BackupAndRestore, LambdaCallback
from tests.callbacks.runs import (
    DATA,
    MODELS,
    OPTIMIZERS,
    PowerCut,
    X,
    Y,
    compare,
    cut,
    cut_off,
    fit,
    sequential,
)

PLACES = {"an epoch": ({}, (1,)), "a step": ({"save_freq": 2}, (1, 4))}


@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("model", list(MODELS))
def test_a_run_goes_on(model, place, tmp_path):
    keep, where = PLACES[place]
    expected = fit(model=model)
    cut_off(tmp_path / "backup", *where, model=model, keep=keep)
    resumed = compare(tmp_path / "backup", expected, model=model, keep=keep)
    assert resumed.history.epoch == [1, 2]


@pytest.mark.parametrize("model", ["built", "not built"])
@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_with_every_optimizer(optimizer, model, tmp_path):
    keep, where = PLACES["a step"]
    arguments = {"optimizer": optimizer, "model": model}
    expected = fit(**arguments)
    cut_off(tmp_path / "backup", *where, keep=keep, **arguments)
    compare(tmp_path / "backup", expected, keep=keep, **arguments)


def rates():
    return kerastorch.callbacks.LearningRateScheduler(lambda epoch: 0.01 / (epoch + 1))


@pytest.mark.parametrize("model", ["built", "not built"])
def test_a_scheduler_of_rates_has_the_last_word(model, tmp_path):
    expected = fit(rates(), model=model)
    cut_off(tmp_path / "backup", 1, callbacks=[rates()], model=model)
    compare(tmp_path / "backup", expected, rates(), model=model)


@pytest.mark.parametrize("model", ["built", "not built"])
def test_a_rate_that_was_changed_stays_changed(model, tmp_path):
    def halve():
        return LambdaCallback(
            on_epoch_end=lambda epoch, logs: epoch or write_rate(callback.model.optimizer, 0.003)
        )

    def write_rate(optimizer, rate):
        optimizer.learning_rate = rate

    callback = halve()
    expected = fit(callback, BackupAndRestore(tmp_path / "whole"), model=model)
    callback = halve()
    with pytest.raises(PowerCut, match="power is gone"):
        fit(callback, BackupAndRestore(tmp_path / "backup"), cut(1), model=model)
    compare(tmp_path / "backup", expected, model=model)


@pytest.mark.parametrize("model", ["built", "not built"])
@pytest.mark.parametrize("data", list(DATA))
def test_with_other_data(data, model, tmp_path):
    expected = fit(data=DATA[data](), model=model)
    cut_off(tmp_path / "backup", 1, data=DATA[data](), model=model)
    compare(tmp_path / "backup", expected, data=DATA[data](), model=model)


def test_steps_per_execution(tmp_path):
    def train(*callbacks):
        kerastorch.utils.set_random_seed(5)
        model = sequential(kerastorch.Input((3,)))
        model.compile("adam", "mse", steps_per_execution=2)
        model.fit(X, Y, batch_size=7, epochs=2, verbose=0, callbacks=list(callbacks))
        return model

    expected = train()
    with pytest.raises(PowerCut, match="power is gone"):
        train(BackupAndRestore(tmp_path, save_freq=3), cut(1, 3))
    for ours, theirs in zip(
        train(BackupAndRestore(tmp_path, save_freq=3)).get_weights(), expected.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
