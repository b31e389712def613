"""Training and inference modes, frozen layers, and what a run leaves behind."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import callbacks, layers
from tests.training.twins import assert_close, both, dense, rows, twins

X, Y = rows(24)


def noisy(k=kerastorch, cls=None):
    return (cls or k.Sequential)(
        [k.Input((3,)), k.layers.BatchNormalization(), k.layers.Dropout(0.5), k.layers.Dense(1)]
    )


def seen_modes(call):
    """The values of `training` in a layer while `call(model, k)` runs, for both libraries."""
    found = []
    for k in (kerastorch, keras):
        seen = []

        class Watch(k.layers.Layer):
            def call(self, x, training=None, seen=seen):
                seen.append(bool(training))
                return x

        model = k.Sequential([k.Input((3,)), Watch(), k.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.predict(X, verbose=0)
        seen.clear()
        call(model, k)
        found.append(seen[-1:])  # Keras also builds the rest of the model at the first step
    return found


CALLS = {
    "fit": lambda m, k: m.fit(X, Y, verbose=0),
    "evaluate": lambda m, k: m.evaluate(X, Y, verbose=0),
    "predict": lambda m, k: m.predict(X, verbose=0),
    "train_on_batch": lambda m, k: m.train_on_batch(X, Y),
    "test_on_batch": lambda m, k: m.test_on_batch(X, Y),
    "predict_on_batch": lambda m, k: m.predict_on_batch(X),
    "call": lambda m, k: m(X),
    "call training": lambda m, k: m(X, training=True),
    "call inference": lambda m, k: m(X, training=False),
    "after fit": lambda m, k: (m(X), None)[1],
}


@pytest.mark.parametrize("name", list(CALLS))
def test_layers_get_the_mode_that_they_get_in_keras(name):
    ours, theirs = seen_modes(CALLS[name])
    assert ours == theirs
    assert ours == [name in ("fit", "train_on_batch", "call training")]


def test_validation_runs_in_inference_mode_and_training_goes_on_in_training_mode():
    modes = []

    class Net(kerastorch.Sequential):
        def train_step(self, data):
            modes.append(("train", self.training, torch.is_grad_enabled()))
            return super().train_step(data)

        def test_step(self, data):
            modes.append(("test", self.training, torch.is_grad_enabled()))
            return super().test_step(data)

    model = noisy(cls=Net)
    model.compile("sgd", "mse")
    model.fit(X, Y, validation_data=(X, Y), epochs=2, verbose=0)
    assert modes == [("train", True, True), ("test", False, False)] * 2


def test_batch_normalization_learns_its_statistics_in_fit_alone():
    models = twins(noisy)
    for model in models:
        model.compile("sgd", "mse")
    statistics = [np.array(w) for w in models[0].layers[0].get_weights()[2:]]
    both(models, "evaluate", X, Y)
    both(models, "predict", X)
    assert_close(models[0].layers[0].get_weights()[2:], statistics)
    both(models, "fit", X, Y, shuffle=False, batch_size=8)
    assert_close(models[0].layers[0].get_weights()[2:], models[1].layers[0].get_weights()[2:])
    assert np.abs(models[0].layers[0].get_weights()[2] - statistics[0]).max() > 1e-4


def test_batch_normalization_frozen_after_compile_keeps_its_statistics():
    """It normalizes with them too, as in Keras 2 and 3."""
    model = noisy()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    norm = model.layers[0]
    norm.trainable = False
    before = [np.array(w) for w in norm.get_weights()]
    model.fit(X, Y, epochs=2, verbose=0)
    assert_close(norm.get_weights(), before, rtol=0, atol=0)


def test_dropout_acts_in_fit_alone():
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dropout(0.9)])
    model.compile(loss="mse")
    assert model.evaluate(X, X, verbose=0) == 0.0
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    zeros = (model(X, training=True) == 0).float().mean().item()
    assert zeros > 0.5


@pytest.mark.parametrize("mode", [True, False])
def test_mode_before_is_restored(mode):
    model = noisy()
    model.compile("sgd", "mse")
    model.train(mode)
    model.fit(X, Y, validation_split=0.5, verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    assert model.training is mode
    assert all(layer.training is mode for layer in model.layers)


@pytest.mark.parametrize(
    "hook", ["on_train_begin", "on_epoch_begin", "on_train_batch_end", "on_test_batch_end", "on_epoch_end"]
)
def test_exception_in_a_callback_leaves_the_model_usable(hook):
    def fail(self, *args, **kwargs):
        raise RuntimeError("disk full")

    model = noisy()
    model.compile("adam", "mse")
    broken = type("Broken", (callbacks.Callback,), {hook: fail})()
    with pytest.raises(RuntimeError, match="disk full"):
        model.fit(X, Y, batch_size=8, validation_split=0.25, callbacks=[broken], verbose=0)
    assert not model.training
    assert torch.is_grad_enabled()
    assert all(np.isfinite(w).all() for w in model.get_weights())
    assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2


def test_exception_in_a_layer_leaves_the_model_usable():
    class Fails(layers.Layer):
        broken = False

        def call(self, x):
            if self.broken:
                raise RuntimeError("no luck")
            return x

    fails = Fails()
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(2), fails, layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    fails.broken = True
    with pytest.raises(RuntimeError, match="no luck"):
        model.fit(X, Y, verbose=0)
    assert not model.training
    fails.broken = False
    model.fit(X, Y, verbose=0)


def test_frozen_layers():
    def build(k):
        model = dense(k)
        model.layers[0].trainable = False
        return model

    models = twins(build)
    before = [np.array(w) for w in models[0].get_weights()]
    for model in models:
        model.compile("adam", "mse")
    both(models, "fit", X, Y, shuffle=False)
    ours, theirs = (model.get_weights() for model in models)
    assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    assert [np.array_equal(a, b) for a, b in zip(before, ours, strict=True)] == [True, True, False, False]


def test_frozen_model_trains_nothing_and_says_so():
    model = dense(kerastorch)
    model.trainable = False
    model.compile("adam", "mse")
    before = [np.array(w) for w in model.get_weights()]
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        model.fit(X, Y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_gradients_are_left_like_a_torch_loop_leaves_them():
    """The gradients of the last step can be looked at; the next fit does not add to them."""
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    start = model.get_weights()
    model.fit(X, Y, shuffle=False, verbose=0)
    first = [p.grad.clone() for p in model.parameters()]
    model.set_weights(start)
    model.fit(X, Y, shuffle=False, verbose=0)
    assert all(torch.equal(a, p.grad) for a, p in zip(first, model.parameters(), strict=True))


def test_fit_inside_no_grad_says_what_is_wrong():
    model = dense(kerastorch)
    model.compile("sgd", "mse")
    with torch.no_grad(), pytest.raises(ValueError, match="no_grad"):
        model.fit(X, Y, verbose=0)
