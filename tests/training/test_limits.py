"""The configuration limits how long `fit`, `evaluate` and `predict` run."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch import config

X, Y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


@pytest.fixture(autouse=True)
def no_limits():
    yield
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)


@pytest.fixture
def model():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_fit_stops_at_the_largest_number_of_epochs(model):
    config.set_max_epochs(2)
    with pytest.warns(UserWarning, match="Limiting epochs to 2"):
        history = model.fit(X, Y, epochs=5, verbose=0)
    assert history.epoch == [0, 1]
    assert model.fit(X, Y, epochs=1, verbose=0).epoch == [0]


def test_runs_take_the_largest_number_of_steps(model):
    config.set_max_steps_per_epoch(2)
    with pytest.warns(UserWarning, match="Limiting steps_per_epoch to 2"):
        model.fit(X, Y, batch_size=2, verbose=0)
    assert model.optimizer.iterations == 2
    with pytest.warns(UserWarning, match="Limiting steps_per_epoch to 2"):
        assert model.predict(X, batch_size=2, verbose=0).shape == (4, 1)


def test_fewer_steps_than_the_limit_are_left_alone(model):
    config.set_max_steps_per_epoch(5)
    assert model.predict(X, batch_size=2, verbose=0).shape == (8, 1)
    assert config.max_steps_per_epoch() == 5
    assert config.max_epochs() is None


def test_there_is_one_backend():
    config.set_backend(config.backend())
    with pytest.raises(ValueError, match="The only backend is 'torch'"):
        config.set_backend("jax")


def test_filtering_of_tracebacks_is_remembered():
    config.disable_traceback_filtering()
    assert not config.is_traceback_filtering_enabled()
    config.enable_traceback_filtering()
    assert config.is_traceback_filtering_enabled()
