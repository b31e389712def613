"""Saving the model, or its weights, while it trains."""

from __future__ import annotations

import os
import re
import warnings
from typing import Any

import numpy as np

from kerastorch.callbacks.history import stored_name
from kerastorch.callbacks.monitor import MonitorCallback
from kerastorch.callbacks.screen import print_line
from kerastorch.callbacks.steps import StepCounter
from kerastorch.errors import FileInTheWayError, UnknownArgumentError, UnknownNameError, did_you_mean
from kerastorch.saving.formats import H5_ENDINGS, WEIGHTS_ENDING
from kerastorch.saving.remote import files_in

_KERAS2 = ("period", "options", "load_weights_on_restart")


class ModelCheckpoint(MonitorCallback):
    """Saves the model after each epoch or every few steps, or whenever it is the best one so far.

    Each file is written whole or not at all, and missing folders are made. What the path ends in says what is written:
    `.keras` an archive, `.h5` or `.hdf5` one file as of Keras 2, nothing of these a folder (or, for weights alone, a
    file of that name with `.weights.h5`). `load_model` and `load_weights` take the same path.

    Args:
        filepath: where to, on the disk or a system that fsspec knows. `{epoch}` stands for the number of the epoch,
            from 1, `{batch}` for that of the step, from 1 (when `save_freq` counts steps), and any name in the logs for
            its value, as in `"{epoch:02d}-{loss:.2f}"`.
        monitor: the name in the logs that says which model is the best. Default: `"val_loss"`.
        verbose: 1 prints when something is saved, or not. Default: 0.
        save_best_only: whether to save only when the monitored value is better than ever before. Default: False.
        save_weights_only: whether to save weights with `model.save_weights`, not the whole model. Default: False.
        mode: `"min"` and `"max"` say what is better; `"auto"` asks the metric of that name, then the name
            itself. Default: `"auto"`.
        save_freq: `"epoch"`, or a number of training steps, which are counted across epochs. Default: `"epoch"`.
        initial_value_threshold: the monitored value must be better than this from the beginning. Default: None.
        **kwargs: of Keras 2: `period` (epochs between two looks), `load_weights_on_restart` (whether `fit` begins with
            the newest weights saved under this path) and `options`, which has no meaning here.

    Raises:
        InvalidArgumentError: when `save_freq` is something else, or at the first look, when `mode="auto"` cannot tell
            what is better.
        UnknownArgumentError: for any other keyword.
        UnknownNameError: while training, when the path asks for a name that is not in the logs.
        FileInTheWayError: while training, when a folder stands where a file is to be written.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from kerastorch.layers.core.dense import Dense
        >>> from kerastorch.models.sequential import Sequential
        >>> folder = Path(tempfile.mkdtemp())
        >>> model = Sequential([Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> saving = ModelCheckpoint(folder / "after_{epoch}.keras")
        >>> _ = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0, callbacks=[saving])
        >>> sorted(file.name for file in folder.iterdir())
        ['after_1.keras', 'after_2.keras']

    Source: keras.callbacks.ModelCheckpoint
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fsdecode(os.fspath(filepath))
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._steps = StepCounter(save_freq)
        self._take_keras2_arguments(kwargs)
        self._epochs = 0  # since the last look
        self._epoch = 0

    def _take_keras2_arguments(self, kwargs: dict[str, Any]) -> None:
        unknown = sorted(set(kwargs) - set(_KERAS2))
        if unknown:
            raise UnknownArgumentError(
                f"ModelCheckpoint got unexpected keyword arguments: {unknown}.{did_you_mean(unknown[0], _KERAS2)}"
            )
        self.period = kwargs.get("period", 1)
        self.load_weights_on_restart = kwargs.get("load_weights_on_restart", False)
        if kwargs.get("options") is not None:
            warnings.warn(
                "ModelCheckpoint ignores `options`: they only have a meaning for TensorFlow's files.",
                stacklevel=3,
            )

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        newest = self._newest() if self.load_weights_on_restart else None
        if newest is not None:
            self.model.load_weights(newest)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch
        self._steps.begin_epoch()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._steps.is_due(batch):
            self._look(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epochs += 1
        if self.save_freq == "epoch" and self._epochs >= self.period:
            self._epochs = 0
            self._look(epoch, None, logs or {})

    def _look(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> None:
        """Saves the model, unless it is not good enough."""
        path = self._path(epoch, batch, logs)
        if self.save_best_only:
            if not self._is_best(epoch, logs, path):
                return
        else:
            self._say(epoch, f"saving model to {path}")
        self._save(path)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        values = _Values({} if batch is None else {"batch": batch + 1})
        values.update({**logs, "epoch": epoch + 1})
        try:
            return self.filepath.format_map(values)
        except KeyError as error:
            names = ", ".join(f"{{{name}}}" for name in values)
            raise UnknownNameError(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}. There are {names}.'
            ) from error

    def _is_best(self, epoch: int, logs: dict[str, Any], path: str) -> bool:
        """Whether the monitored value is the best so far, or cannot tell, so that saving is the safe thing to do."""
        value = logs.get(stored_name(self.monitor, logs))
        if value is None or np.ndim(value):
            what = f"with {self.monitor} available" if value is None else "when `monitor` is a scalar value"
            warnings.warn(
                f"Can save best model only {what}. The model is saved whatever it is. Available metrics are: "
                f"{','.join(logs)}",
                stacklevel=2,
            )
            return True
        if self.monitor_op is None:
            self._set_monitor_op()
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(value, self.best):
            self._say(epoch, f"{self.monitor} did not improve from {best}")
            return False
        self._say(epoch, f"{self.monitor} improved from {best} to {value:.5f}, saving model to {path}")
        self.best = value
        return True

    def _save(self, path: str) -> None:
        if path.endswith((".keras", *H5_ENDINGS)) and os.path.isdir(path):
            raise FileInTheWayError(
                "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an existing directory: "
                f"{path}"
            )
        save = self.model.save_weights if self.save_weights_only else self.model.save
        try:
            save(path, overwrite=True)
        except OSError as error:
            text = f"The checkpoint cannot be saved ({error.strerror or error})"
            raise OSError(error.errno, text, path) from error

    def _say(self, epoch: int, text: str) -> None:
        if self.verbose > 0:
            print_line(f"\nEpoch {epoch + 1}: {text}")

    def _newest(self) -> str | None:
        """What was saved last under this path, whatever its placeholders stood for."""
        folder, name = os.path.split(os.path.expanduser(self.filepath))
        places = re.split(r"\{[^{}]*\}", name)
        pattern = re.compile(".*".join(map(re.escape, places)) + f"({re.escape(WEIGHTS_ENDING)})?")
        found = {file: when for file, when in files_in(folder).items() if pattern.fullmatch(file)}
        newest = max(found, key=lambda file: (found[file], file), default=None)
        return newest and (f"{folder}/{newest}" if folder else newest)


class _Values(dict):
    """What the names in a path stand for; `val_acc` and `val_accuracy` find each other."""

    def __missing__(self, name: str) -> Any:
        stored = stored_name(name, self)
        if stored == name:
            raise KeyError(name)
        return self[stored]
