"""Keras on torch and kerastorch, driven by one and the same code."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.workloads import Workload

TITLES = {"loop": "hand-written loop", "keras": "Keras on torch", "kerastorch": "kerastorch"}


class Framework:
    """A compiled model of a workload in Keras or kerastorch.

    Args:
        package: `"keras"` or `"kerastorch"`.
        workload: the network and its data.
        logits: whether the loss gets logits; else the model ends in a softmax.
    """

    def __init__(self, package: str, workload: Workload, logits: bool) -> None:
        keras = importlib.import_module(package)
        keras.utils.set_random_seed(0)
        self.workload = workload
        self.x, self.y = workload.data()
        self.model = workload.build(keras, logits)

    def train(self, epochs: int) -> tuple[float, float]:
        """Trains and gives the loss and the accuracy of the last epoch."""
        history = self.model.fit(
            self.x, self.y, batch_size=self.workload.batch_size, epochs=epochs, verbose=0
        ).history
        return history["loss"][-1], history["accuracy"][-1]

    def train_steps(self, steps: int, rows: int) -> None:
        """A whole `fit` that takes a few small steps."""
        count = steps * rows
        self.model.fit(self.x[:count], self.y[:count], batch_size=rows, epochs=1, verbose=0)

    def train_from(self, source: Any) -> None:
        """A whole `fit` of one epoch on what a source gives."""
        self.model.fit(source, epochs=1, verbose=0)

    def evaluate(self) -> tuple[float, float]:
        """The loss and the accuracy over all data, in batches."""
        loss, accuracy = self.model.evaluate(self.x, self.y, batch_size=self.workload.batch_size, verbose=0)
        return loss, accuracy

    def predict(self, rows: int) -> Any:
        """A whole `predict` of the first rows."""
        return self.model.predict(self.x[:rows], verbose=0)
