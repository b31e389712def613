"""A script that trains, what cuts it off, and what compares its end with that of a run without interruption."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch.callbacks import BackupAndRestore, LambdaCallback
from tests.training.sources import Batches, Rows, batches

layers = kerastorch.layers
X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)
EPOCHS = 3


class PowerCut(Exception):
    """What ends a run here."""


def cut(epoch, step=None):
    """A callback that ends the run at the beginning of an epoch or after a step."""
    now = {}

    def begin(number, logs):
        now["epoch"] = number
        if (number, None) == (epoch, step):
            raise PowerCut("the power is gone")

    def end_step(number, logs):
        if (now["epoch"], number) == (epoch, step):
            raise PowerCut("the power is gone")

    return LambdaCallback(on_epoch_begin=begin, on_train_batch_end=end_step)


class Own(kerastorch.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.dropout, self.out = layers.Dense(6, "relu"), layers.Dropout(0.4), layers.Dense(1)

    def call(self, x):
        return self.out(self.dropout(self.hidden(x)))


class OwnStep(Own):
    def __init__(self):
        super().__init__()
        self.tracker = kerastorch.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.tracker]

    def train_step(self, data):
        x, y = data
        loss = torch.mean((self(x, training=True) - y) ** 2)
        self.zero_grad()
        loss.backward()
        self.optimizer.apply([w.grad for w in self.trainable_weights], self.trainable_weights)
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


def sequential(*first):
    return kerastorch.Sequential(
        [
            *first,
            layers.Dense(6, "relu"),
            layers.Dropout(0.4),
            layers.BatchNormalization(),
            layers.Dense(1),
        ]
    )


class Drawing(layers.Layer):
    """A layer that draws from the global generator when it is built."""

    def build(self, input_shape):
        self.shift = self.add_weight(shape=(input_shape[-1],), name="shift")
        self.shift.assign(torch.rand(input_shape[-1]))

    def call(self, x):
        return x + self.shift


def called():
    model = Own()
    model(X[:2])
    return model


MODELS = {
    "built": lambda: sequential(kerastorch.Input((3,))),
    "not built": sequential,
    "subclass": Own,
    "subclass that was called": called,
    "own step": OwnStep,
    "own layer that draws": lambda: kerastorch.Sequential([Drawing(), layers.Dense(1)]),
}
OPTIMIZERS = {
    "adam": lambda: kerastorch.optimizers.Adam(0.01),
    "rmsprop": lambda: kerastorch.optimizers.RMSprop(0.01),
    "averages": lambda: kerastorch.optimizers.SGD(0.01, momentum=0.9, use_ema=True, ema_momentum=0.9),
    "schedule": lambda: kerastorch.optimizers.Adam(
        kerastorch.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)
    ),
    "of torch": lambda: functools.partial(torch.optim.AdamW, lr=0.01),
}


def fit(*callbacks, model="built", optimizer="adam", data=None, **arguments):
    """A script that trains; started again it does the same."""
    kerastorch.utils.set_random_seed(5)
    network = MODELS[model]()
    metrics = None if model == "own step" else ["mae", kerastorch.metrics.RootMeanSquaredError()]
    network.compile(OPTIMIZERS[optimizer](), "mse", metrics=metrics)
    data = data or {"x": X, "y": Y, "batch_size": 7}
    arguments = {"epochs": EPOCHS, "verbose": 0, **data, **arguments}
    network.fit(callbacks=list(callbacks), **arguments)
    return network


def cut_off(folder, *place, callbacks=(), keep=None, **arguments):
    """Runs a script up to a power cut."""
    backup = BackupAndRestore(folder, **(keep or {}))
    with pytest.raises(PowerCut, match="power is gone"):
        fit(backup, *callbacks, cut(*place), **arguments)


def compare(folder, expected, *callbacks, keep=None, **arguments):
    """Runs the script once more; its end must be that of the run without interruption."""
    resumed = fit(BackupAndRestore(folder, **(keep or {})), *callbacks, **arguments)
    for ours, theirs in zip(resumed.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for name, values in resumed.history.history.items():
        assert values == expected.history.history[name][-len(values) :], name
    return resumed


DATA = {
    "sequence": lambda: {"x": Batches(X, Y)},
    "loader": lambda: {"x": torch.utils.data.DataLoader(Rows(X, Y), 7, shuffle=True)},
    "a generator": lambda: {"x": (b for _ in range(EPOCHS) for b in batches(X, Y)), "steps_per_epoch": 6},
    "validated": lambda: {"x": X, "y": Y, "batch_size": 7, "validation_split": 0.25},
    "weighted": lambda: {"x": X, "y": Y, "batch_size": 7, "sample_weight": np.arange(40.0)},
}
