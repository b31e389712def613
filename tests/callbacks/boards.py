"""A small training, and a reader of the event files that it leaves."""

from __future__ import annotations

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

import kerastorch as keras

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
Y = np.arange(16) % 2


def small_model(optimizer="sgd", **kwargs):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, name="hidden"), keras.layers.Dense(2, name="out")],
        name="net",
    )
    return compiled(model, optimizer, **kwargs)


def compiled(model, optimizer="sgd", **kwargs):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], **kwargs)
    return model


def fit(model, *callbacks, **kwargs):
    return model.fit(X, Y, batch_size=4, verbose=0, callbacks=list(callbacks), **kwargs)


class Reader:
    """One folder of event files."""

    def __init__(self, folder):
        self.events = EventAccumulator(str(folder)).Reload()
        self.tags = self.events.Tags()["tensors"]

    def values(self, tag):
        return [tensor_util.make_ndarray(event.tensor_proto) for event in self.events.Tensors(tag)]

    def numbers(self, tag):
        return [value.item() for value in self.values(tag)]

    def steps(self, tag):
        return [event.step for event in self.events.Tensors(tag)]
