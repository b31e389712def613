"""The methods for generators of Keras 1 and 2 do what `fit`, `evaluate` and `predict` do."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import kerastorch
from kerastorch.errors import UnknownArgumentError
from tests.training.sources import batches
from tests.training.twins import dense, rows

X, Y = rows(28)


def compiled():
    kerastorch.utils.set_random_seed(0)
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    return model


def endless():
    return itertools.chain.from_iterable(batches(X, Y) for _ in itertools.count())


EXPECTED = compiled().fit(X, Y, batch_size=7, epochs=2, shuffle=False, verbose=0).history

CALLS = {
    "Keras 2": {"steps_per_epoch": 4, "epochs": 2},
    "Keras 2 with workers": {"steps_per_epoch": 4, "epochs": 2, "workers": 1, "max_queue_size": 3},
    "Keras 1": {"samples_per_epoch": 28, "nb_epoch": 2, "max_q_size": 3, "nb_worker": 1},
}


@pytest.mark.parametrize("name", list(CALLS))
def test_fit_generator(name):
    with pytest.warns(DeprecationWarning, match="`fit_generator` is called `fit`"):
        history = compiled().fit_generator(endless(), verbose=0, **CALLS[name])
    assert history.history == EXPECTED


def test_evaluate_generator():
    model = compiled()
    with pytest.warns(DeprecationWarning, match="`evaluate_generator` is called `evaluate`"):
        found = model.evaluate_generator(endless(), steps=4)
    assert found == model.evaluate(X, Y, batch_size=7, verbose=0)


@pytest.mark.parametrize("size", [{"steps": 4}, {"val_samples": 28}], ids=["steps", "samples"])
def test_predict_generator(size):
    model = compiled()
    with pytest.warns(DeprecationWarning, match="`predict_generator` is called `predict`"):
        found = model.predict_generator(endless(), **size)
    np.testing.assert_array_equal(found, model.predict(X, batch_size=7, verbose=0))


def test_unknown_keyword():
    with pytest.raises(
        UnknownArgumentError, match=r"`fit_generator` got unexpected keyword arguments: \['step'\]"
    ):
        compiled().fit_generator(endless(), step=3)
