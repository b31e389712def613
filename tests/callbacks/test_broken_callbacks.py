"""An exception in a callback comes out as it is, and the model is usable afterwards."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import Callback, CSVLogger
from kerastorch.callbacks.callback import HOOKS
from tests.training.twins import rows

X, Y = rows(32)


class Broken(Exception):
    """Raised by the callbacks of these tests only."""


def breaking(hook):
    def fail(*args, **kwargs):
        raise Broken(hook)

    callback = Callback()
    setattr(callback, hook, fail)
    return callback


def network():
    kerastorch.utils.set_random_seed(0)
    model = kerastorch.Sequential(
        [kerastorch.Input((3,)), kerastorch.layers.BatchNormalization(), kerastorch.layers.Dense(1)]
    )
    model.compile(kerastorch.optimizers.Adam(0.05), "mse", metrics=["mae"])
    return model


def run(model, hook, callbacks):
    """Calls the method in which the hook comes."""
    if "predict" in hook:
        return model.predict(X, batch_size=8, verbose=0, callbacks=callbacks)
    return model.fit(X, Y, batch_size=8, verbose=0, validation_data=(X, Y), callbacks=callbacks)


@pytest.mark.parametrize("hook", HOOKS)
def test_the_exception_comes_out_and_the_model_trains_on(hook, tmp_path):
    model, logger = network(), CSVLogger(tmp_path / "log.csv")
    with pytest.raises(Broken, match=hook) as seen:
        run(model, hook, [logger, breaking(hook)])
    assert type(seen.value) is Broken
    assert logger.csv_file is None or logger.csv_file.closed
    assert not model.training
    history = model.fit(X, Y, epochs=10, batch_size=8, shuffle=False, verbose=0).history
    assert list(history) == ["loss", "mae"]
    assert history["loss"][-1] < history["loss"][0]
    loss, _ = model.evaluate(X, Y, verbose=0)
    np.testing.assert_allclose(loss, np.mean((model.predict(X, verbose=0) - Y) ** 2), rtol=1e-5)


@pytest.mark.parametrize("hook", ["on_test_begin", "on_test_batch_end", "on_test_end"])
def test_evaluate_too(hook):
    model = network()
    with pytest.raises(Broken, match=hook):
        model.evaluate(X, Y, verbose=0, callbacks=[breaking(hook)])
    first = model.evaluate(X, Y, verbose=0)
    np.testing.assert_array_equal(first, model.evaluate(X, Y, verbose=0))
