"""The callback that shows a training in TensorBoard."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from numbers import Real
from time import perf_counter
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.callback import Callback, default
from kerastorch.callbacks.events import EventWriter, current
from kerastorch.callbacks.rates import optimizers_of, read_rate
from kerastorch.callbacks.tensorboard_graph import conceptual_config, graph_def, graph_of
from kerastorch.callbacks.tensorboard_profile import StepProfiler
from kerastorch.callbacks.tensorboard_weights import (
    embeddings_of,
    metadata_files,
    write_embeddings,
    write_weights,
)
from kerastorch.errors import InvalidArgumentError, SerializationError, UnknownArgumentError, did_you_mean

Logs = dict[str, Any]
_IGNORED = ("batch_size", "embeddings_data", "embeddings_layer_names")
_KEYWORDS = ("write_grads", *_IGNORED)


class TensorBoard(Callback):
    """Writes loss, metrics and more of `fit` and `evaluate` to event files, which TensorBoard shows.

    Training goes to the folder `train` in `log_dir`, validation to `validation`; `tensorboard --logdir=logs` shows
    both. It needs the package `tensorboard`: `pip install kerastorch[tensorboard]`.

    Args:
        log_dir: the folder, made when it is absent. Default: `"logs"`.
        histogram_freq: number of epochs between two histograms of all weights; 0 for none. Default: 0.
        write_graph: whether to write the graph of a functional or sequential model. Default: True.
        write_images: whether to draw the weights too, as often as their histograms, from black for the least value to
            white. Default: False.
        write_steps_per_second: whether to write how many training steps are done in a second. Default: False.
        update_freq: `"epoch"` writes loss and metrics after each epoch; a number n also writes those of every n-th
            training step, and `"batch"` those of every one. Each such step waits for the device, as its values are
            read from there: a large n trains faster. What a model writes by `tf.summary` in these steps goes to the
            same folders. Default: `"epoch"`.
        profile_batch: the number of a training step of the run, from 1, or the first and the last one of several, as
            a pair or a text such as `"10,20"`, which `torch.profiler` watches; 0 for none. The trace is a file
            `*.pt.trace.json` in `plugins/profile` below `log_dir`, for the plugin `torch-tb-profiler`, Perfetto and
            `chrome://tracing`. Default: 0.
        embeddings_freq: number of epochs between two writings of the vectors of all `Embedding` layers for
            TensorBoard's projector; 0 for none. The projector shows the last ones when TensorBoard is started on
            `log_dir` itself. Default: 0.
        embeddings_metadata: a file with a label for each vector, as a path from `log_dir`, or a dictionary of them by
            the names of layers. Default: None.
        **kwargs: for Keras 2: `write_grads`, whether to write histograms of the gradients of the last step too, as
            often as those of the weights; `batch_size`, `embeddings_layer_names` and `embeddings_data`, which have no
            effect and are named in a warning.

    Raises:
        InvalidArgumentError: when an argument has a value that means nothing.
        UnknownArgumentError: when a keyword is no argument.
        MissingDependencyError: when training begins and the package `tensorboard` is not installed.

    Example:
        >>> board = TensorBoard("logs", update_freq=100, profile_batch=(10, 20))
        >>> board.update_freq
        100

    Source: `keras.callbacks.TensorBoard`, `torch.utils.tensorboard`
    """

    def __init__(
        self,
        log_dir: str | os.PathLike = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int | str | Sequence[int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: str | Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        _check_keywords(kwargs)
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_grads = bool(kwargs.get("write_grads"))
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = _checked_frequency(update_freq)
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self._writers: dict[str, EventWriter] = {}
        self._steps = 0  # training steps of this model, from its first one on
        self._steps_before = 0  # those before this run
        self._test_steps = 0  # steps of all evaluations
        self._formers: list[tuple] = []  # where `tf.summary` wrote before this run, before an evaluation
        self._first_step = 0  # number within the epoch of the first step that is being executed
        self._speed = Speed()
        self._profiler = StepProfiler(profile_batch, os.path.join(self.log_dir, "plugins", "profile"))
        self._has_graph = False
        self._warnings: set[str] = set()  # those given
        self._warn_of_arguments_alone()
        if self.update_freq != "epoch" or write_steps_per_second or self._profiler.last:
            self._listen("on_train_batch_begin", "on_train_batch_end")
        if self.update_freq != "epoch":
            self._listen("on_test_batch_begin")

    def _warn_of_arguments_alone(self) -> None:
        """Warns of what has an effect only together with something else."""
        pairs = (
            ("write_images", "histogram_freq"),
            ("write_grads", "histogram_freq"),
            ("embeddings_metadata", "embeddings_freq"),
        )
        for name, frequency in pairs:
            if getattr(self, name) and not getattr(self, frequency):
                warnings.warn(
                    f"TensorBoard writes nothing for `{name}` without `{frequency}`, the number of epochs between two "
                    f"writings. Pass `{frequency}=1`.",
                    stacklevel=3,
                )

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
            self._steps, self._has_graph = 0, False
        super().set_model(model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._train_writer.flush()  # opens it, so that a missing package is known before the first step
        self._write_graph()
        if self.embeddings_freq:
            self._find_embeddings()
        self._count_updates()
        self._steps_before = self._steps
        self._lend("train")
        self._profiler.begin_run()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._profiler.end_run()
        self._end_run()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._count_updates()
        self._speed.begin_epoch()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._write_epoch(epoch, logs or {})
        self._write_graph()
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            write_weights(self._train_writer, self.model, epoch, self.write_images, self.write_grads)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        for writer in self._writers.values():
            writer.flush()

    @default
    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a training step, unless only epochs are written."""
        self._first_step = batch
        self._set_summary_step(self._steps + 1)
        self._profiler.begin_step(self._steps - self._steps_before + 1)
        self._speed.begin_step()

    @default
    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a training step, unless only epochs are written."""
        count = batch - self._first_step + 1  # with `steps_per_execution`, more than one
        self._steps += count
        self._speed.end_step(count)
        self._profiler.end_step(self._steps - self._steps_before)
        if self.update_freq == "epoch" or self._steps % self.update_freq >= count:  # type: ignore[operator]
            return
        if self.write_steps_per_second:
            self._train_writer.scalar("batch_steps_per_second", self._speed.of_step, self._steps)
        if isinstance(logs, dict):
            self._write_scalars(self._train_writer, "batch_{}", logs, self._steps)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._speed.end_training()
        self._lend("validation")

    @default
    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a step of an evaluation, unless only epochs are written."""
        self._test_steps += 1
        self._set_summary_step(self._test_steps)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if self._formers:
            current.replace(*self._formers.pop())
        iterations = self._iterations()
        if logs and iterations is not None:
            self._write_scalars(self._val_writer, "evaluation_{}_vs_iterations", logs, iterations)

    def _end_run(self) -> None:
        self._profiler.stop()
        if self._formers:
            current.replace(*self._formers[0])
            self._formers = []
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _lend(self, name: str) -> None:
        """Lets `tf.summary` write to a folder, such as in the `train_step` of a model, if steps are written."""
        if self.update_freq != "epoch":
            self._formers.append(current.replace(self._writer(name), 0, False))

    def _set_summary_step(self, step: int) -> None:
        if self.update_freq != "epoch":
            current.step, current.records = step, step % self.update_freq == 0  # type: ignore[operator]

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
            else:
                self._warn_once(
                    f"TensorBoard shows numbers over time, and {name!r} in the logs is none, so that it is left out."
                )

    def _write_graph(self) -> None:
        """Writes the graph, once it is there: a sequential model without an input makes it in the first step."""
        model = self.model
        if not self.write_graph or self._has_graph or graph_of(model) is None:
            return
        self._has_graph = True
        self._train_writer.graph(graph_def(model))
        try:
            self._train_writer.keras_model("keras", conceptual_config(model))
        except SerializationError as error:
            warnings.warn(
                f"TensorBoard does not show the layers of the model, only its graph: {error}", stacklevel=3
            )

    def _find_embeddings(self) -> tuple[dict[str, Any], dict[str, str]]:
        """The embeddings of the model and their files of labels, by the names of layers."""
        embeddings = embeddings_of(self.model)
        return embeddings, metadata_files(embeddings, self.embeddings_metadata)

    def _write_embeddings(self) -> None:
        embeddings, labels = self._find_embeddings()
        made = {name: vectors for name, vectors in embeddings.items() if vectors is not None}
        if made:
            write_embeddings(self.log_dir, made, labels)
        else:
            self._warn_once(
                "TensorBoard writes nothing for `embeddings_freq`: the model has no `Embedding` layer."
            )

    def _warn_once(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.add(text)
            warnings.warn(text, stacklevel=4)

    def _count_updates(self) -> None:
        """Goes on from the updates that the optimizer has made, in an earlier run or before it was saved."""
        self._steps = max(self._steps, self._iterations() or 0)

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
