"""A run that goes on from a snapshot ends where the uninterrupted one does, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import kerastorch
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.errors import SerializationError
from kerastorch.training.progress import Progress
from tests.training.sources import BATCH, Batches, Rows, batches
from tests.training.twins import rows

X, Y = rows(40)
EPOCHS = 3


def build():
    kerastorch.utils.set_random_seed(3)
    layers = kerastorch.layers
    model = kerastorch.Sequential(
        [kerastorch.Input((3,)), layers.Dense(8), layers.Dropout(0.5), layers.Dense(1)]
    )
    model.compile(kerastorch.optimizers.SGD(0.01), "mse", metrics=["mae"])
    return model


class Snapshot(kerastorch.callbacks.Callback):
    """Keeps weights and progress after a step, or after an epoch where `step` is None."""

    def __init__(self, epoch, step=None):
        self.at, self.epoch, self.state, self.weights = (epoch, step), 0, None, None

    def on_train_begin(self, logs=None):
        self.model.progress.remember()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def keep(self, *place):
        self.weights = [torch.clone(w.detach()) for w in self.model.state_dict().values()]
        self.state = {name: np.array(value) for name, value in self.model.progress.snapshot(*place).items()}

    def on_train_batch_end(self, batch, logs=None):
        if (self.epoch, batch + 1) == self.at:
            self.keep(self.epoch, batch + 1)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch, None) == self.at:
            self.keep(epoch + 1)


class GoOn(kerastorch.callbacks.Callback):
    def __init__(self, snapshot):
        self.snapshot = snapshot

    def on_train_begin(self, logs=None):
        with torch.no_grad():
            for weight, value in zip(self.model.state_dict().values(), self.snapshot.weights, strict=True):
                weight.copy_(value)
        self.model.progress.resume(self.snapshot.state)


def augmented():
    """Batches with noise from NumPy's global generator."""
    for x, y in batches(X, Y):
        yield x + np.random.normal(size=x.shape).astype("float32"), y


SOURCES = {
    "arrays": lambda: {"x": X, "y": Y, "batch_size": BATCH},
    "arrays in whole batches": lambda: {"x": X, "y": Y, "batch_size": BATCH, "shuffle": "batch"},
    "arrays with steps": lambda: {"x": X, "y": Y, "batch_size": BATCH, "steps_per_epoch": 4},
    "loader": lambda: {"x": DataLoader(Rows(X, Y), BATCH, shuffle=True)},
    "loader with a generator": lambda: {
        "x": DataLoader(Rows(X, Y), BATCH, shuffle=True, generator=torch.Generator().manual_seed(9))
    },
    "loader with steps": lambda: {"x": DataLoader(Rows(X, Y), BATCH, shuffle=True), "steps_per_epoch": 4},
    "samples": lambda: {"x": Rows(X, Y), "batch_size": BATCH},
    "pipeline": lambda: {"x": Dataset.from_tensor_slices((X, Y)).shuffle(16).batch(BATCH)},
    "pipeline with a seed": lambda: {
        "x": Dataset.from_tensor_slices((X, Y)).shuffle(16, seed=5).batch(BATCH)
    },
    "pipeline with a map": lambda: {
        "x": Dataset.from_tensor_slices((X, Y))
        .shuffle(16)
        .map(lambda x, y: (x * 2, y))
        .batch(BATCH)
        .prefetch(2)
    },
    "pipeline with steps": lambda: {
        "x": Dataset.from_tensor_slices((X, Y)).shuffle(16).repeat().batch(BATCH),
        "steps_per_epoch": 4,
    },
    "sequence": lambda: {"x": Batches(X, Y)},
    "sequence with steps": lambda: {"x": Batches(X, Y), "steps_per_epoch": 4},
    "sequence with steps that go round": lambda: {"x": Batches(X, Y), "steps_per_epoch": 5},
    "sequence of two processes": lambda: {"x": Batches(X, Y, workers=2, use_multiprocessing=True)},
    "noisy batches": lambda: {"x": augmented},
}
PLACES = {
    "a step": (1, 2),
    "the first step": (0, 1),
    "the last step of an epoch": (0, 6),
    "an epoch": (0, None),
}


def run(source, *callbacks):
    model = build()
    history = model.fit(**SOURCES[source](), epochs=EPOCHS, verbose=0, callbacks=list(callbacks))
    return model, history


def test_going_on_twice_in_an_epoch():
    first, second = Snapshot(1, 1), Snapshot(1, 4)
    whole, _ = run("arrays", first)
    run("arrays", GoOn(first), second)
    resumed, _ = run("arrays", GoOn(second))
    for ours, theirs in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("source", list(SOURCES))
def test_going_on(source, place):
    epoch, step = PLACES[place]
    if step == 6 and "steps" in source:
        step = 4
    snapshot = Snapshot(epoch, step)
    whole, expected = run(source, snapshot)
    resumed, history = run(source, GoOn(snapshot))
    for ours, theirs in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert history.history["loss"][-1] == expected.history["loss"][-1]


def test_metrics_of_an_epoch_that_is_gone_on_with():
    snapshot = Snapshot(2, 3)
    _, expected = run("arrays", snapshot)
    _, history = run("arrays", GoOn(snapshot))
    assert history.history["loss"] == expected.history["loss"][-1:]
    assert history.history["mae"] == expected.history["mae"][-1:]


def test_steps_are_numbered_on():
    seen = []
    snapshot = Snapshot(1, 2)
    run("arrays", snapshot)
    watch = kerastorch.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))
    run("arrays", GoOn(snapshot), watch)
    assert seen == [2, 3, 4, 5, 0, 1, 2, 3, 4, 5]


def test_something_else_is_no_snapshot():
    model = build()
    with pytest.raises(SerializationError, match="no snapshot of a run: it has no 'place'"):
        Progress(model, None, 0).resume({"weights": np.zeros(3)})
