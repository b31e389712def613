"""Where progress and messages go when nobody watches."""

from __future__ import annotations

import logging

import keras
import pytest

import kerastorch
from kerastorch import config
from kerastorch.callbacks import EarlyStopping
from tests.training.twins import dense, rows


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.INFO, logger="kerastorch")
    config.disable_interactive_logging()
    yield
    config.enable_interactive_logging()


def fit(verbose):
    x, y = rows(16)
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    model.fit(
        x,
        y,
        epochs=2,
        verbose=verbose,
        callbacks=[EarlyStopping("loss", min_delta=1e9, patience=1, verbose=1)],
    )


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("verbose", ["auto", 1, 2])
def test_the_log_gets_what_the_screen_would(verbose, caplog, capsys):
    fit(verbose)
    lines = [record.getMessage() for record in caplog.records]
    assert capsys.readouterr().out == ""
    assert [line[:3] for line in lines] == ["Epo", "1/1", "Epo", "1/1", "Epo"]
    assert lines[-1] == "Epoch 2: early stopping"
    assert {(record.name, record.levelname) for record in caplog.records} == {("kerastorch", "INFO")}


def test_the_screen_is_back_afterwards(capsys, caplog):
    config.disable_interactive_logging()
    config.enable_interactive_logging()
    fit(2)
    assert "Epoch 1/2" in capsys.readouterr().out
    assert not caplog.records


def test_the_functions_are_those_of_keras():
    found = []
    for home in (config, keras.config):
        first = home.is_interactive_logging_enabled()
        home.disable_interactive_logging()
        found.append((first, home.is_interactive_logging_enabled()))
        home.enable_interactive_logging()
    assert found[0] == found[1] == (True, False)
