"""Which weights a model has at which moment, against Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import kerastorch
from kerastorch.callbacks import Callback, SwapEMAWeights
from kerastorch.errors import InvalidArgumentError, NotBuiltError
from tests.training.twins import assert_close, dense, rows, twins

X, Y = rows(32)


def watcher(k):
    """A callback that keeps the first weight at every hook."""

    class Watcher(k.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

        def keep(self, *args, **kwargs):
            self.seen.append(np.array(self.model.get_weights()[0]))

        on_epoch_begin = on_epoch_end = on_train_end = on_test_begin = on_test_end = keep

    return Watcher()


def pair(**settings):
    models = twins(dense)
    for model, k in zip(models, (kerastorch, keras), strict=True):
        model.compile(k.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5, **settings), "mse")
    return models


@pytest.mark.parametrize("overwrite", [None, 3])
@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_weights_are_those_of_keras_at_every_hook(swap_on_epoch, overwrite):
    found = []
    for model, k in zip(pair(ema_overwrite_frequency=overwrite), (kerastorch, keras), strict=True):
        after = watcher(k)
        callbacks = [k.callbacks.SwapEMAWeights(swap_on_epoch), after]
        history = model.fit(
            X,
            Y,
            epochs=3,
            batch_size=8,
            shuffle=False,
            verbose=0,
            validation_data=(X, Y),
            callbacks=callbacks,
        )
        found.append((after.seen, history.history, model.get_weights()))
    assert_close(*found)


def test_evaluate_uses_the_average_and_gives_the_weights_back():
    values = []
    for model, k in zip(pair(), (kerastorch, keras), strict=True):
        model.fit(X, Y, epochs=1, batch_size=8, shuffle=False, verbose=0)
        model.set_weights([w * 2 for w in model.get_weights()])
        before = model.get_weights()
        values.append(model.evaluate(X, Y, verbose=0, callbacks=[k.callbacks.SwapEMAWeights()]))
        assert_close(model.get_weights(), before, rtol=0, atol=0)
    assert_close(*values)


def test_predict_gives_the_weights_back():  # Keras 3.15.1 leaves the average in the model
    model, _ = pair()
    model.fit(X, Y, verbose=0)
    expected = model.predict(X, verbose=0)
    model.set_weights([w * 2 for w in model.get_weights()])
    before = model.get_weights()
    found = model.predict(X, verbose=0, callbacks=[SwapEMAWeights()])
    assert_close(found, expected)
    assert_close(model.get_weights(), before, rtol=0, atol=0)


def test_stopping_early_ends_with_the_average():  # Keras 3.15.1 ends with the weights of the last step
    class Stop(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    weights = []
    for callbacks, epochs in (([SwapEMAWeights(True), Stop()], 5), ([], 1)):
        model, _ = pair()
        model.fit(X, Y, epochs=epochs, batch_size=8, shuffle=False, verbose=0, callbacks=callbacks)
        weights.append(model.get_weights())
    assert_close(*weights)


@pytest.mark.parametrize("hook", ["on_test_batch_end", "on_epoch_end"])
def test_an_exception_gives_the_weights_back(hook):
    seen = watcher(kerastorch)

    def fail(*args, **kwargs):
        raise RuntimeError("broken")

    broken = Callback()
    setattr(broken, hook, fail)
    model, _ = pair()
    with pytest.raises(RuntimeError, match="broken"):
        model.fit(
            X,
            Y,
            batch_size=8,
            verbose=0,
            validation_data=(X, Y),
            callbacks=[seen, SwapEMAWeights(True), broken],
        )
    assert_close(model.get_weights()[0], seen.seen[1])  # as when the validation began


def test_an_optimizer_without_averages_is_an_error():
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    with pytest.raises(InvalidArgumentError, match="must be used when `use_ema=True` is set"):
        model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])


def test_before_the_first_step_there_is_no_average():
    model, _ = pair()
    with pytest.raises(NotBuiltError, match="has taken no step yet"):
        model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
