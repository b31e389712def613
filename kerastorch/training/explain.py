"""`explain_speed`: where the time of training goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from time import perf_counter
from typing import Any

import torch

from kerastorch.callbacks.screen import print_line
from kerastorch.data.convert import batch_length
from kerastorch.data.parts import unpack
from kerastorch.errors import DataError
from kerastorch.training.arguments import check_run_arguments, take_old_arguments
from kerastorch.training.epochs import Epochs
from kerastorch.training.rehearsal import rehearsal
from kerastorch.training.speed_advice import Setting, advice
from kerastorch.training.speed_report import Row, SpeedReport
from kerastorch.training.stopwatch import CopiesWatched, Stopwatch, watched

_WARM_UP = 3  # steps in which weights, state and buffers are made
_WARM_UP_OF_PROGRAMS = 5


class ExplainsSpeed:
    """The part of a trainer that says where its time goes. See `Model`."""

    def explain_speed(
        self: Any,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        steps: int = 20,
        sample_weight: Any = None,
        class_weight: Any = None,
        shuffle: bool | str = True,
        callbacks: Any = None,
        verbose: int = 1,
        **kwargs: Any,
    ) -> SpeedReport:
        """Trains a copy of the model for some steps and says what they spend their time on.

        The model, its optimizer and metrics, and the random generators stay as they are. Three steps before the
        measurement warm up. On a GPU each part is waited for, so that the sum is longer than the step of `fit`,
        whose time the report gives as well. A generator is gone through, as far as it is needed.

        Args:
            x: the inputs, or a source of batches, as in `fit`.
            y: the targets, as in `fit`.
            batch_size: samples in a batch; None is 32.
            steps: how many steps to measure.
            sample_weight: weights of the samples, as in `fit`.
            class_weight: weights of the classes, as in `fit`.
            shuffle: whether the samples are shuffled, as in `fit`.
            callbacks: callbacks whose time counts; they act on the copy.
            verbose: 1 prints the table, 0 does not.
            **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of Keras 2.

        Returns:
            A `SpeedReport`: `rows` with milliseconds, share and advice for data wait, copy, forward, backward,
            optimizer, metrics, callbacks and Python; `to_dict()`; its text is the table.

        Raises:
            NotCompiledError: before `compile`.
            DataError: when data and model do not fit, or there are not more than three batches of a generator.
            InvalidArgumentError: when the model cannot be copied.

        Example:
            >>> import numpy as np
            >>> from kerastorch.models.sequential import Sequential
            >>> from kerastorch.layers.core.dense import Dense
            >>> model = Sequential([Dense(1)])
            >>> model.compile("adam", "mse")
            >>> report = model.explain_speed(np.ones((64, 8)), np.ones((64, 1)), steps=2, verbose=0)
            >>> [row.name for row in report.rows][:4]
            ['data wait', 'copy', 'forward', 'backward']
            >>> model.built
            False
        """
        workers = take_old_arguments("explain_speed", kwargs)[1]
        self._assert_compiled("explain_speed")
        check_run_arguments(verbose, steps=steps or 0)
        with rehearsal(self) as twin:
            twin._check_optimizer()
            data = twin._epochs_of(
                x, y, sample_weight, batch_size, shuffle, class_weight, None, workers=workers, goes_round=True
            )
            called = twin._callback_list(callbacks, 0, data, history=False)
            with data.unmoved():
                report = _Measurement(twin, data, called).report(int(steps), x)
        if verbose:
            print_line(str(report))
        return report


class _Measurement:
    """Steps of a model that nobody else uses.

    Args:
        model: the model, whose weights the steps change.
        data: its batches.
        callbacks: a `CallbackList`.
    """

    def __init__(self, model: Any, data: Epochs, callbacks: Any) -> None:
        self._model, self._callbacks = model, callbacks
        self._batches = _endless(data)
        self._device = model._data_device()
        self._samples = 0

    def report(self, steps: int, data: Any) -> SpeedReport:
        """Runs the steps and returns what they took.

        Args:
            steps: how many to measure, with a stopwatch and without.
            data: what the user gave as inputs, for the advice.
        """
        model = self._model
        model.stop_training = False
        model._begin_training()
        model.train(True)
        model.reset_metrics()
        self._callbacks.on_train_begin()
        self._callbacks.on_epoch_begin(0)
        watch = Stopwatch(self._device)
        self._run(_WARM_UP, watch, model.train_step)
        with watched(model, watch):
            count, samples = self._run_watched(steps, watch)
        unwatched = self._unwatched(steps)
        self._callbacks.close()
        if not count:
            raise DataError(f"The data gave no batch after the {_WARM_UP} that warm up. Expected more.")
        hooks = self._callbacks.wants_train_batch
        called = [
            c for c in self._callbacks if any(getattr(h, "__self__", None) is c for h in hooks[0] + hooks[1])
        ]
        setting = Setting(model, data, called, self._device.type == "cuda")
        total = sum(watch.seconds.values())
        rows = tuple(
            Row(part, 1000 * seconds / count, seconds / total, advice(part, seconds / total, setting))
            for part, seconds in watch.seconds.items()
        )
        return SpeedReport(rows, count, samples / count, str(self._device), unwatched)

    def _run_watched(self, steps: int, watch: Stopwatch) -> tuple[int, int]:
        with watch.running():
            return self._run(steps, watch, self._model.train_step)

    def _run(self, steps: int, watch: Stopwatch, step: Any) -> tuple[int, int]:
        """Runs steps as `fit` does; returns how many there were, and how many samples they had."""
        copies = nullcontext() if self._device.type == "cpu" else CopiesWatched(watch)
        begin, end = self._callbacks.wants_train_batch
        samples = 0
        for number in range(steps):
            with watch("data wait"), copies:
                batch = next(self._batches, None)
            if batch is None:
                return number, samples
            with watch("callbacks"):
                for hook in begin:
                    hook(number, {})
            logs = step(batch)
            with watch("callbacks"):
                for hook in end:
                    hook(number, logs)
            samples += batch_length(unpack(batch)[0]) or 1
        return steps, samples

    def _unwatched(self, steps: int) -> float | None:
        """Milliseconds of a step without a stopwatch, None where there are no data any more."""
        idle, step = Stopwatch(), self._model._train_function
        if step != self._model.train_step:  # a program, which has to be made first
            self._run(_WARM_UP_OF_PROGRAMS, idle, step)
        self._wait()
        start = perf_counter()
        count, _ = self._run(steps, idle, step)
        self._wait()
        return 1000 * (perf_counter() - start) / count if count else None

    def _wait(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)


def _endless(data: Epochs) -> Iterator[Any]:
    """The batches of one epoch after the other, as long as there are any."""
    while True:
        yield from data.epoch()
        if data.ran_out or not data.count:
            return
