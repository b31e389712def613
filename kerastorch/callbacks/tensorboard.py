"""The callback that shows a training in TensorBoard."""

from __future__ import annotations

import os
import warnings
from functools import partial
from numbers import Real
from time import perf_counter
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.callback import Callback, default
from kerastorch.callbacks.events import EventWriter
from kerastorch.callbacks.rates import optimizers_of, read_rate
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError, did_you_mean

Logs = dict[str, Any]
_IGNORED = ("batch_size", "embeddings_data", "embeddings_layer_names")
_KEYWORDS = ("write_grads", *_IGNORED)


class TensorBoard(Callback):
    """Writes loss, metrics and more of `fit` and `evaluate` to event files, which TensorBoard shows.

    Training goes to the folder `train` in `log_dir`, validation to `validation`; `tensorboard --logdir=logs` shows
    both. It needs the package `tensorboard`: `pip install kerastorch[tensorboard]`.

    Args:
        log_dir: the folder, made when it is absent. Default: `"logs"`.
        write_steps_per_second: whether to write how many training steps are done in a second. Default: False.
        update_freq: `"epoch"` writes loss and metrics after each epoch; a number n also writes those of every n-th
            training step, and `"batch"` those of every one. Each such step waits for the device, as its values are
            read from there: a large n trains faster. Default: `"epoch"`.
        **kwargs: for Keras 2: `batch_size`, `embeddings_layer_names` and `embeddings_data`, which have no effect and
            are named in a warning.

    Raises:
        InvalidArgumentError: when an argument has a value that means nothing.
        UnknownArgumentError: when a keyword is no argument.
        MissingDependencyError: when training begins and the package `tensorboard` is not installed.

    Example:
        >>> board = TensorBoard("logs", update_freq=100)
        >>> board.update_freq
        100

    Source: `keras.callbacks.TensorBoard`, `torch.utils.tensorboard`
    """

    def __init__(
        self,
        log_dir: str | os.PathLike = "logs",
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        **kwargs: Any,
    ) -> None:
        super().__init__()
        _check_keywords(kwargs)
        self.log_dir = os.fspath(log_dir)
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = _checked_frequency(update_freq)
        self._writers: dict[str, EventWriter] = {}
        self._steps = 0  # training steps of this model, from its first one on
        self._first_step = 0  # number within the epoch of the first step that is being executed
        self._speed = Speed()
        self._has_warned = False
        if self.update_freq != "epoch" or write_steps_per_second:
            self._listen("on_train_batch_begin", "on_train_batch_end")

    def _listen(self, *names: str) -> None:
        """Lets hooks of single steps be called, which would cost time where only epochs are written."""
        for name in names:
            if getattr(type(self), name) is getattr(TensorBoard, name):
                setattr(self, name, partial(getattr(self, name)))

    @property
    def _train_writer(self) -> EventWriter:
        return self._writer("train")

    @property
    def _val_writer(self) -> EventWriter:
        return self._writer("validation")

    def _writer(self, name: str) -> EventWriter:
        """The writer of a folder, opened when it is first needed, so that no folder is made in vain."""
        if name not in self._writers:
            self._writers[name] = EventWriter(os.path.join(self.log_dir, name))
        return self._writers[name]

    def set_model(self, model: Any) -> None:
        if model is not self._model:
            self._steps = 0
        super().set_model(model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._train_writer.flush()  # opens it, so that a missing package is known before the first step

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._end_run()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._steps = max(self._steps, self._iterations() or 0)
        self._speed.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._write_epoch(epoch, logs or {})
        for writer in self._writers.values():
            writer.flush()

    @default
    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a training step, unless only epochs are written."""
        self._first_step = batch
        self._speed.begin_step()

    @default
    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a training step, unless only epochs are written."""
        count = batch - self._first_step + 1  # with `steps_per_execution`, more than one
        self._steps += count
        self._speed.end_step(count)
        if self.update_freq == "epoch" or self._steps % self.update_freq >= count:  # type: ignore[operator]
            return
        if self.write_steps_per_second:
            self._train_writer.scalar("batch_steps_per_second", self._speed.of_step, self._steps)
        if isinstance(logs, dict):
            self._write_scalars(self._train_writer, "batch_{}", logs, self._steps)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._speed.end_training()

    def on_test_end(self, logs: Logs | None = None) -> None:
        iterations = self._iterations()
        if logs and iterations is not None:
            self._write_scalars(self._val_writer, "evaluation_{}_vs_iterations", logs, iterations)

    def _end_run(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _write_epoch(self, epoch: int, logs: Logs) -> None:
        train = {name: value for name, value in logs.items() if not name.startswith("val_")}
        validation = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        if self.model.optimizer is not None:
            for name, optimizer in optimizers_of(self.model):
                train[f"learning_rate_{name}" if name else "learning_rate"] = read_rate(optimizer)
        if self.write_steps_per_second:
            train["steps_per_second"] = self._speed.of_epoch()
        self._write_scalars(self._train_writer, "epoch_{}", train, epoch)
        if validation:
            self._write_scalars(self._val_writer, "epoch_{}", validation, epoch)

    def _write_scalars(self, writer: EventWriter, tag: str, values: Logs, step: int) -> None:
        for name, value in values.items():
            if _is_number(value):
                writer.scalar(tag.format(name), value, step)
            elif not self._has_warned:
                self._has_warned = True
                warnings.warn(
                    f"TensorBoard shows numbers over time, and {name!r} in the logs is none, so that it is left out. "
                    f"Received: {value!r}",
                    stacklevel=3,
                )

    def _iterations(self) -> int | None:
        """How many updates the optimizer has made; None where it does not count them."""
        iterations = getattr(self.model.optimizer, "iterations", None)
        return None if iterations is None else int(iterations)


class Speed:
    """Training steps per second, of an epoch and of a step.

    Example:
        >>> speed = Speed()
        >>> speed.begin_epoch()
        >>> speed.begin_step()
        >>> speed.end_step(count=1)
        >>> speed.of_step > 0, speed.of_epoch() > 0
        (True, True)
    """

    def __init__(self) -> None:
        self.begin_epoch()

    def begin_epoch(self) -> None:
        """Starts the clock of an epoch."""
        self._begin = self._begin_step = perf_counter()
        self._end: float | None = None
        self._steps = 0
        self.of_step = 0.0

    def end_training(self) -> None:
        """Stops the clock of the epoch: what follows is its validation."""
        if self._end is None:
            self._end = perf_counter()

    def begin_step(self) -> None:
        """Starts the clock of a step."""
        self._begin_step = perf_counter()

    def end_step(self, count: int) -> None:
        """Stops the clock of a step.

        Args:
            count: number of steps since it was started.
        """
        self._steps += count
        self.of_step = count / max(perf_counter() - self._begin_step, 1e-9)

    def of_epoch(self) -> float:
        """Returns the steps per second of the epoch, without its validation."""
        self.end_training()
        return self._steps / max((self._end or 0.0) - self._begin, 1e-9)


def _is_number(value: Any) -> bool:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.reshape(-1).shape[0] == 1
    return isinstance(value, (Real, np.bool_))


def _checked_frequency(update_freq: Any) -> str | int:
    if update_freq == "epoch":
        return "epoch"
    number = 1 if update_freq == "batch" else update_freq
    if isinstance(number, (bool, str)) or not isinstance(number, (int, np.integer)) or number < 1:
        raise InvalidArgumentError(
            f"`update_freq` must be 'epoch', 'batch' or a positive number of steps. Received: {update_freq!r}."
        )
    return int(number)


def _check_keywords(kwargs: dict[str, Any]) -> None:
    for name in kwargs:
        if name not in _KEYWORDS:
            raise UnknownArgumentError(
                f"TensorBoard does not take the argument {name!r}.{did_you_mean(name, _KEYWORDS)}"
            )
    for name in _IGNORED:
        if kwargs.get(name) is not None:
            warnings.warn(
                f"TensorBoard accepts {name!r} of Keras 2 and does not use it: nothing depends on it any more.",
                stacklevel=3,
            )
