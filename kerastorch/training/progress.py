"""Where a run of `fit` stands, so that another process can go on exactly there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from kerastorch.core.random_state import random_state, set_random_state
from kerastorch.data.parts import unpack
from kerastorch.errors import DataError, SerializationError
from kerastorch.training.epochs import Epochs, State


class Progress:
    """The epoch, the step and the position in the data of a running `fit`: `model.progress` within a callback.

    A snapshot holds what weights and optimizer do not: the states of the random generators, where the data stand, and
    the metrics of the epoch so far. Given the same model, data and arguments, a run that resumes there goes on as the
    other one would have.

    Args:
        model: the model that is trained.
        training: its data.
        initial_epoch: the number of the first epoch.

    Attributes:
        first_epoch: the number of the epoch at which the run begins; `resume` sets it.
        interrupted: whether Ctrl-C has ended the run.
    """

    def __init__(self, model: Any, training: Epochs, initial_epoch: int) -> None:
        self._model, self._training = model, training
        self.first_epoch = initial_epoch
        self.interrupted = False
        self._metrics: State = {}  # those of a snapshot in the middle of an epoch

    @property
    def first_step(self) -> int:
        """The number of the first step of the epoch that begins: 0, but where a run goes on within an epoch."""
        return self._training.first_step

    def remember(self) -> None:
        """Notes from now on what a snapshot needs; call it in `on_train_begin`."""
        self._training.remember()

    def snapshot(self, epoch: int, step: int = 0) -> State:
        """Returns the present position as arrays by name.

        Args:
            epoch: the number of the epoch to go on with.
            step: steps of that epoch that are done.
        """
        state = {"data/" + name: value for name, value in self._training.position(step).items()}
        state["place"] = np.array([epoch, step], "int64")
        for name, variable in self._metric_variables():
            state[name] = variable.detach().cpu().numpy()
        return state

    def resume(self, state: State) -> None:
        """Lets the run go on where a snapshot was taken; call it in `on_train_begin`.

        Args:
            state: what `snapshot` returned.

        Raises:
            SerializationError: when it is no snapshot.
        """
        if "place" not in state:
            raise SerializationError(
                f"This is no snapshot of a run: it has no 'place', only {sorted(state)[:5]}."
            )
        epoch, step = (int(number) for number in state["place"])
        data = {n.removeprefix("data/"): value for n, value in state.items() if n.startswith("data/")}
        self._training.resume(data, step)
        self.first_epoch = epoch
        self._metrics = {n: value for n, value in state.items() if n.startswith("metrics/") and step}
        self._set_metrics()

    @property
    def needs_batch(self) -> bool:
        """Whether the model lacks weights, or metrics that a snapshot has values of, until it has seen a batch."""
        return not self._model.built or not self._metrics.keys() <= dict(self._metric_variables()).keys()

    @contextmanager
    def made_from(self, batch: Any) -> Iterator[None]:
        """Makes weights and metrics by a look at a batch, for a block that restores the weights of a snapshot.

        The generators of random numbers do not move, and the metrics get the values of the snapshot.

        Args:
            batch: a batch, as a step receives it.
        """
        model, before = self._model, random_state()
        was_training = model.training
        model.train(False)
        with torch.no_grad():
            if model._has_own_train_step():
                model._forward(unpack(batch)[0])
            else:
                model._test_function(batch)
        model.train(was_training)
        yield
        set_random_state(before)
        model.reset_metrics()
        self._set_metrics()

    def first_batch(self) -> Any:
        """Returns a batch, for a run that has no step left; nobody may take one after that.

        Raises:
            DataError: when there is none.
        """
        for batch in self._training.batches:
            return batch
        raise DataError("The data gave no batch. Expected at least one.")

    @torch.no_grad()
    def _set_metrics(self) -> None:
        for name, variable in self._metric_variables():
            if name in self._metrics and tuple(variable.shape) == self._metrics[name].shape:
                variable.copy_(torch.from_numpy(np.array(self._metrics[name])))

    def _metric_variables(self) -> Iterator[tuple[str, torch.Tensor]]:
        for metric in self._model.metrics:
            for number, variable in enumerate(metric.variables):
                yield f"metrics/{metric.name}/{number}", variable
