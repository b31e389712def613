"""Going on with a run of `fit` after the process was killed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from kerastorch.callbacks.backup import Backup, State, progress_of
from kerastorch.callbacks.callback import Callback
from kerastorch.callbacks.preemption import Preemption
from kerastorch.callbacks.rates import optimizers_of
from kerastorch.callbacks.steps import StepCounter
from kerastorch.errors import InvalidArgumentError


class BackupAndRestore(Callback):
    """Backs up the whole run, so that the same script, started again, goes on as if it had never been interrupted.

    A backup holds the weights, the optimizer, the states of all generators of random numbers (Python's, NumPy's,
    torch's), the position in the data and the metrics of the epoch so far. It is replaced in one step, so that a
    process that is killed at any moment leaves the last one or the new one. With the same data and the same arguments
    of `fit`, the run ends with the weights of one without interruption, bit by bit where the computations themselves
    can be repeated.

    What other callbacks remember is not part of it: `EarlyStopping` and `ReduceLROnPlateau` count anew, and the
    `History` begins where the run goes on. A callback that changes the model or draws random numbers at the end of an
    epoch belongs before this one in the list. A generator is gone through again up to the position; a function or a
    dataset that makes its batches from the global generators of random numbers makes the same ones again.

    Args:
        backup_dir: the folder for the backup, for this run alone.
        save_freq: `"epoch"`, a number of training steps, or False with `save_before_preemption`. Default: `"epoch"`.
        double_checkpoint: whether to keep the backup before the last one too, and to go on from it when the last one
            cannot be read. Default: False.
        delete_checkpoint: whether the backup is deleted when the run is complete. Default: True.
        save_before_preemption: whether SIGTERM, by which clusters announce that they take the machine away, is
            answered with a backup at the end of the present step (or validation), before the process ends.
            Default: False.

    Raises:
        InvalidArgumentError: when `backup_dir` is empty, `save_freq` is something else, or nothing asks for backups.
        CorruptModelError: at the beginning of `fit`, when the backup cannot be read or is something else.
        ShapeError: likewise, when it is that of another model.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> model = Sequential([Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> backup = BackupAndRestore(tempfile.mkdtemp(), delete_checkpoint=False)
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[backup])
        >>> later = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=3, verbose=0, callbacks=[backup])
        >>> later.epoch
        [2]

    Source: keras.callbacks.BackupAndRestore
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
        save_before_preemption: bool = False,
    ) -> None:
        super().__init__()
        if not os.fspath(backup_dir):
            raise InvalidArgumentError("Empty `backup_dir` argument passed")
        if save_freq is False and not save_before_preemption:
            raise InvalidArgumentError(
                "Nothing asks for backups. Received: save_freq=False, save_before_preemption=False. Set one of them."
            )
        self.backup_dir = backup_dir
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self.save_before_preemption = save_before_preemption
        self._backup = Backup(backup_dir, keeps_previous=double_checkpoint)
        self._preemption = Preemption()
        self._steps = StepCounter(save_freq)
        self._epoch = 0
        self._waiting: State | None = None  # a backup of weights or metrics that the first batch will make

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if getattr(self.model, "progress", None) is None:
            raise InvalidArgumentError(
                "BackupAndRestore backs up runs of `fit`, which know where they stand in the data. In a loop of your "
                "own, save the model and the place in the loop yourself."
            )
        self._steps = StepCounter(self.save_freq)
        self.model.progress.remember()
        state = self._backup.read()
        if state is not None:
            self._restore(state)
        if self.save_before_preemption:
            self._preemption.listen()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._steps.begin_epoch(self.model.progress.first_step)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._steps.is_due(batch) or self._preemption.is_asked:
            self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.save_freq == "epoch" or self._preemption.is_asked:
            self._save(epoch + 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.delete_checkpoint and not self.model.progress.interrupted:
            self._backup.delete()

    def _end_run(self) -> None:
        self._preemption.leave_off()
        self._waiting = None

    def _save(self, epoch: int, step: int = 0) -> None:
        """Backs up a run that is to go on with this step of this epoch."""
        progress = self.model.progress.snapshot(epoch, step)
        progress["rates"] = np.array([float(group["lr"]) for group in _groups(self.model)])
        self._backup.write(self.model, progress)
        if self._preemption.is_asked:
            self._preemption.follow()

    def _restore(self, state: State) -> None:
        """Lets the run go on where a backup was made, now or as far as possible."""
        progress = self.model.progress
        if self.model.built:
            self._backup.restore(self.model, state)
        progress.resume(progress_of(state))
        if not progress.needs_batch:
            return
        if not self.model.built:
            _set_rates(self.model, progress_of(state)["rates"])
        self._waiting = state
        if progress.first_epoch >= (self.params or {}).get("epochs", 0):  # there is no step left to wait for
            self._complete(progress.first_batch())

    def _watched(self, step: Callable) -> Callable:
        if self._waiting is None:
            return step

        def complete_first(batch: Any) -> Any:
            if self._waiting is not None:
                self._complete(batch)
            return step(batch)

        return complete_first

    def _complete(self, batch: Any) -> None:
        """Restores what did not exist before the first batch. Callbacks may have set the learning rate meanwhile."""
        state, self._waiting = self._waiting, None
        rates = [group["lr"] for group in _groups(self.model)]
        with self.model.progress.made_from(batch):
            self._backup.restore(self.model, state)  # type: ignore[arg-type]
        _set_rates(self.model, rates)


def _groups(model: Any) -> list[dict[str, Any]]:
    """The parameter groups of the optimizers; there are none while an optimizer of torch is but a class."""
    return [
        group for _, optimizer in optimizers_of(model) for group in getattr(optimizer, "param_groups", ())
    ]


def _set_rates(model: Any, rates: Any) -> None:
    for group, rate in zip(_groups(model), rates, strict=False):
        group["lr"] = float(rate)
