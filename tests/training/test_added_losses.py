"""Losses added by layers, penalties of weights and of activities, in training and evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import optimizers
from tests.training.twins import assert_close, assert_same_training, both, rows, twins

X, Y = rows(24)


def added(k, when="always"):
    """A layer that adds the mean square of its input to the loss."""

    class Adds(k.layers.Layer):
        def call(self, x, training=None):
            if when == "always" or training:
                self.add_loss(0.1 * k_mean(k, x))
            return x

    return Adds()


def k_mean(k, x):
    return torch.mean(x**2) if k is kerastorch else k.ops.mean(k.ops.square(x))


def chain(*middle):
    """A builder of a model with these layers, each made from the library, between two dense layers."""

    def build(k):
        return k.Sequential(
            [
                k.Input((3,)),
                k.layers.Dense(4, activation="tanh"),
                *(make(k) for make in middle),
                k.layers.Dense(1),
            ]
        )

    return build


def penalized(k):
    return k.layers.Dense(3, kernel_regularizer=k.regularizers.L1L2(0.01, 0.02), activity_regularizer="l1")


def nested(k):
    inner = k.Sequential([k.Input((3,)), k.layers.Dense(4, kernel_regularizer="l2"), added(k)])
    return k.Sequential([k.Input((3,)), inner, k.layers.Dense(1)])


def shared(k):
    """A layer used twice adds its loss twice, and the penalty of its weights once."""
    x = k.Input((3,))
    layer, adds = k.layers.Dense(3, kernel_regularizer="l2"), added(k)
    return k.Model(x, k.layers.Dense(1)(adds(layer(adds(layer(x))))))


def subclassed(k):
    class Net(k.Model):
        def __init__(self):
            super().__init__()
            self.hidden = k.layers.Dense(4, kernel_regularizer="l1")
            self.out = k.layers.Dense(1)

        def call(self, x):
            x = self.hidden(x)
            self.add_loss(0.1 * k_mean(k, x))
            return self.out(x)

    model = Net()
    model(X[:2])
    return model


MODELS = {
    "added": chain(added),
    "two": chain(added, added),
    "in training only": chain(lambda k: added(k, "training")),
    "penalty": chain(lambda k: k.layers.Dense(3, kernel_regularizer="l2", bias_regularizer="l1")),
    "activity": chain(lambda k: k.layers.Dense(3, activity_regularizer="l2")),
    "activity layer": chain(lambda k: k.layers.ActivityRegularization(l2=0.1)),
    "all": chain(added, lambda k: penalized(k)),
    "nested": nested,
    "shared": shared,
    "subclassed": subclassed,
}


@pytest.mark.parametrize("name", list(MODELS))
def test_agreement_with_keras(name):
    models = twins(MODELS[name])
    for model in models:
        model.compile("adam", "mse", metrics=["mse"])
    ours, _ = assert_same_training(models, X, Y, epochs=2, batch_size=8, validation_data=(X, Y))
    assert_close(*both(models, "evaluate", X, Y))
    assert all(loss > plain for loss, plain in zip(ours["loss"], ours["mse"], strict=True))


def test_conditional_loss_counts_in_training_only():
    model = chain(lambda k: added(k, "training"))(kerastorch)
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mse"])
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert history["loss"][0] > history["mse"][0]
    assert history["val_loss"][0] == pytest.approx(history["val_mse"][0], rel=1e-6)


def test_no_loss_but_an_added_one():
    models = twins(chain(added))
    for model in models:
        model.compile("sgd")
    ours, theirs = both(models, "fit", X, shuffle=False, epochs=2)
    assert_close(dict(ours.history), theirs.history)
    assert list(ours.history) == ["loss"]


def test_losses_do_not_pile_up():
    model = chain(added, lambda k: k.layers.Dense(3, kernel_regularizer="l2"))(kerastorch)
    model.compile("sgd", "mse")
    for _ in range(2):
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        model.predict(X, verbose=0)
        assert len(model.losses) == 2


def test_penalty_of_a_frozen_layer_does_not_count():
    """As in Keras: `losses` holds the penalties of trainable weights."""

    def build(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(4, kernel_regularizer="l2"), k.layers.Dense(1)])
        model.layers[0].trainable = False
        return model

    models = twins(build)
    for model in models:
        model.compile("sgd", "mse", metrics=["mse"])
    assert_close(*both(models, "evaluate", X, Y))


def test_penalty_set_between_two_fits_counts():
    model = chain()(kerastorch)
    model.compile(optimizers.SGD(0.0), "mse", metrics=["mse"])
    plain = model.fit(X, Y, verbose=0).history
    assert plain["loss"] == pytest.approx(plain["mse"], rel=1e-6)
    model.layers[0].kernel.regularizer = kerastorch.regularizers.L2(0.5)
    history = model.fit(X, Y, verbose=0).history
    penalty = 0.5 * (np.square(model.layers[0].get_weights()[0])).sum()
    assert history["loss"][0] - history["mse"][0] == pytest.approx(penalty, rel=1e-4)
