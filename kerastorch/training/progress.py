"""Where a run of `fit` stands, so that another process can go on exactly there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from kerastorch.errors import SerializationError
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
    """

    def __init__(self, model: Any, training: Epochs, initial_epoch: int) -> None:
        self._model, self._training = model, training
        self.first_epoch = initial_epoch

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
        with torch.no_grad():
            for name, variable in self._metric_variables():
                if step and name in state and tuple(variable.shape) == state[name].shape:
                    variable.copy_(torch.from_numpy(np.array(state[name])))

    def _metric_variables(self) -> Iterator[tuple[str, torch.Tensor]]:
        for metric in self._model.metrics:
            for number, variable in enumerate(metric.variables):
                yield f"metrics/{metric.name}/{number}", variable
