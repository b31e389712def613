"""Keras on torch and kerastorch, driven by one and the same code."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.workloads import Workload, each

TITLES = {"loop": "hand-written loop", "keras": "Keras on torch", "kerastorch": "kerastorch"}


class Framework:
    """A compiled model of a workload in Keras or kerastorch.

    Args:
        package: `"keras"` or `"kerastorch"`.
        workload: the network and its data.
        ending: how the model ends, see `Task`; None takes what the plain module gives.
        **compiling: more arguments of `compile`.
    """

    def __init__(self, package: str, workload: Workload, ending: str | None = None, **compiling: Any) -> None:
        keras = importlib.import_module(package)
        keras.utils.set_random_seed(0)
        self.workload = workload
        self.x, self.y = workload.data()
        self.model = workload.build(keras, ending or workload.plain, **compiling)

    def train(self, epochs: int) -> tuple[float, float]:
        """Trains and gives the loss and the metric of the last epoch."""
        history = self.model.fit(
            self.x, self.y, batch_size=self.workload.batch_size, epochs=epochs, verbose=0
        ).history
        return history["loss"][-1], history[self.workload.task.metric][-1]

    def train_steps(self, steps: int, rows: int) -> None:
        """A whole `fit` that takes a few small steps."""
        count = steps * rows
        self.model.fit(self.first(count), self.y[:count], batch_size=rows, epochs=1, verbose=0)

    def train_from(self, source: Any) -> None:
        """A whole `fit` of one epoch on what a source gives."""
        self.model.fit(source, epochs=1, verbose=0)

    def evaluate(self) -> tuple[float, float]:
        """The loss and the metric over all data, in batches."""
        loss, metric = self.model.evaluate(self.x, self.y, batch_size=self.workload.batch_size, verbose=0)
        return loss, metric

    def predict(self, rows: int) -> Any:
        """A whole `predict` of the first rows."""
        return self.model.predict(self.first(rows), verbose=0)

    def first(self, rows: int) -> Any:
        """The first samples."""
        return each(lambda x: x[:rows], self.x)
