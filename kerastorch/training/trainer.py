"""`fit`, `evaluate` and `predict`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import torch

from kerastorch import tree
from kerastorch.data.arrays import train_validation_split
from kerastorch.data.convert import holds_arrays
from kerastorch.errors import ArgumentTypeError, DataError
from kerastorch.training.arguments import (
    check_fit_arguments,
    check_run_arguments,
    limited_epochs,
    take_old_arguments,
)
from kerastorch.training.compiling import Compiling
from kerastorch.training.epochs import Epochs
from kerastorch.training.explain import ExplainsSpeed
from kerastorch.training.generators import GeneratorMethods
from kerastorch.training.logs import LazyLogs, to_floats
from kerastorch.training.loop import run_steps
from kerastorch.training.memory_estimate import EstimatesMemory
from kerastorch.training.micro_batches import MicroBatches
from kerastorch.training.on_batch import OnBatch
from kerastorch.training.preparation import Preparation
from kerastorch.training.progress import Progress
from kerastorch.training.results import to_numpy
from kerastorch.training.steps import Steps
from kerastorch.training.streaming import expected_rows, outlet_for
from kerastorch.training.undo import Undo


class Trainer(OnBatch, GeneratorMethods, ExplainsSpeed, EstimatesMemory, Preparation, Steps, Compiling):
    """The half of `Model` that trains. See `Model`."""

    def fit(
        self: Any,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> Any:
        """Trains the model and returns its `History`.

        Args:
            x: the inputs: an array, tensor, data frame or list of numbers, or a list or dictionary of them.
            y: the targets, likewise; a dictionary is keyed by output name.
            batch_size: samples in a batch; None is 32.
            epochs: the number of the epoch at which to stop.
            verbose: 0 prints nothing, 1 a bar, 2 a line an epoch; `"auto"` is 1.
            callbacks: callbacks, or a `CallbackList`.
            validation_split: the fraction of the samples, taken from the end before any shuffling, to validate on.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to validate on.
            shuffle: whether each epoch has a new order; `"batch"` shuffles whole batches.
            class_weight: a dictionary of class number and weight; for several outputs one for each name.
            sample_weight: a weight for each sample, or for each sample and step; for several outputs as `y`.
            initial_epoch: the number of the epoch at which to begin.
            steps_per_epoch: steps in an epoch; None goes through all the data.
            validation_steps: steps of a validation; None goes through all the data.
            validation_batch_size: samples in a batch of a validation; None is `batch_size`.
            validation_freq: epochs between validations, or a list of the epochs (from 1) that have one.
            **kwargs: `nb_epoch`, `workers`, `use_multiprocessing` and `max_queue_size` of Keras 1 and 2.

        Returns:
            A `History`; its `history` holds a list of numbers for each name, the loss first.

        Raises:
            NotCompiledError: before `compile`.
            DataError: when data and model do not fit.
            UnknownArgumentError: for an unknown keyword.

        Example:
            >>> import numpy as np
            >>> from kerastorch.models.sequential import Sequential
            >>> from kerastorch.layers.core.dense import Dense
            >>> model = Sequential([Dense(1)])
            >>> model.compile("sgd", "mse")
            >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0)
            >>> len(history.history["loss"])
            2

        Source: `keras.Model.fit`.
        """
        older, workers = take_old_arguments("fit", kwargs)
        epochs = older.get("epochs", epochs)
        self._assert_compiled("fit")
        if self._has_usual_steps():
            self._check_optimizer()
        check_fit_arguments(
            epochs, initial_epoch, steps_per_epoch, validation_steps, validation_freq, verbose
        )
        epochs = limited_epochs(epochs)
        if validation_split and validation_data is None:
            if not holds_arrays(x, y, sample_weight):
                raise DataError(
                    "`validation_split` is only supported for arrays, tensors, data frames and lists of numbers. "
                    f"Received: x of type {type(x).__name__}. Pass `validation_data` instead."
                )
            parts = train_validation_split((x, y, sample_weight), validation_split)
            (x, y, sample_weight), validation_data = parts
        training = self._epochs_of(
            x,
            y,
            sample_weight,
            batch_size,
            shuffle,
            class_weight,
            steps_per_epoch,
            workers=workers,
            goes_round=True,
        )
        validation = self._validation(
            validation_data, validation_batch_size, batch_size, validation_steps, workers
        )
        with Undo(self, f"epoch {initial_epoch + 1}, step 1"):
            callbacks = self._callback_list(
                callbacks, verbose, training, epochs=epochs, validation=validation is not None
            )
            self._fit_epochs(training, validation, callbacks, range(initial_epoch, epochs), validation_freq)
        return self.history

    def _fit_epochs(
        self: Any,
        training: Epochs,
        validation: Epochs | None,
        callbacks: Any,
        epochs: range,
        validation_freq: Any,
    ) -> None:
        self.stop_training = False
        self._begin_training()
        was_training = self.training
        logs: Any = {}
        epoch = epochs.start
        self.__dict__["progress"] = progress = Progress(self, training, epoch)
        in_parts = MicroBatches(self, lambda: training.count == 1)
        try:
            callbacks.on_train_begin()
            for epoch in range(progress.first_epoch, epochs.stop):
                logs = (
                    self._fit_epoch(training, validation, callbacks, epoch, validation_freq, in_parts) or logs
                )
                if self.stop_training or self._lacks_data(training, epoch, epochs):
                    break
            if getattr(self.optimizer, "use_ema", False):
                self.optimizer.finalize_variable_values(self.trainable_weights)
            callbacks.on_train_end(logs=logs)
        except KeyboardInterrupt:
            self._end_interrupted(callbacks, epoch)
        finally:
            self.__dict__["progress"] = None
            self.train(was_training)
            if hasattr(callbacks, "close"):
                callbacks.close()

    def _fit_epoch(
        self: Any,
        training: Epochs,
        validation: Epochs | None,
        callbacks: Any,
        epoch: int,
        validation_freq: Any,
        in_parts: MicroBatches,
    ) -> dict:
        if not training.first_step:  # an epoch that is gone on with keeps its metrics so far
            self.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        self.train(True)
        hooks = callbacks.wants_train_batch
        may_stop = hooks[0] or hooks[1] or self._has_own_train_step()
        stopping = (lambda: self.stop_training) if may_stop else None
        result = run_steps(
            training.epoch(),
            callbacks.watched(in_parts.around(self._train_function)),
            hooks,
            stopping,
            self.steps_per_execution,
            place=(f"epoch {epoch + 1}, ", self.name),
            first=training.first_step,
        )
        if training.count == 0:
            return {}
        logs = self._epoch_logs(result)
        if validation is not None and _is_due(validation_freq, epoch):
            validation.restart()
            values = self._evaluate(validation, callbacks, "validation, ")
            logs.update({f"val_{name}": value for name, value in values.items()})
        callbacks.on_epoch_end(epoch, logs)
        return logs

    def _lacks_data(self: Any, training: Epochs, epoch: int, epochs: range) -> bool:
        """Whether `fit` must end here, as the data have ended and cannot start again."""
        if training.count == 0 and epoch == self.progress.first_epoch:
            raise DataError("The data gave no batch. Expected at least one.")
        if epoch + 1 == epochs.stop and training.count:
            return False
        if training.ran_out:
            warnings.warn(
                f"Your input ran out of data; interrupting training in epoch {epoch + 1} of {epochs.stop}. A generator "
                "goes through its data once: pass a function that returns a new one, or a dataset.",
                stacklevel=4,
            )
        return training.ran_out

    def _end_interrupted(self: Any, callbacks: Any, epoch: int) -> None:
        """Ends `fit` after Ctrl-C: the history gets what the epoch had reached, callbacks their last hook."""
        print(
            f"\nTraining was interrupted in epoch {epoch + 1}. The model keeps the weights it has now.",
            flush=True,
        )
        self.stop_training = self.progress.interrupted = True
        logs = self._epoch_logs(None)
        if self.history is not None and epoch not in self.history.epoch:
            self.history.on_epoch_end(epoch, logs)
        callbacks.on_train_end(logs=logs)

    def _epoch_logs(self: Any, result: Any) -> dict:
        """The logs of an epoch: all metrics, or what an overridden step returned, if that is something else."""
        if result is None or (isinstance(result, LazyLogs) and not result.is_read):
            return to_floats(self._metric_results())
        if not isinstance(result, Mapping):
            raise ArgumentTypeError(
                f"A `train_step` or `test_step` of model {self.name!r} must return a dictionary of names and values. "
                f"Received: {result!r} (of type {type(result).__name__})."
            )
        values = dict(result)
        compiled = self._metric_results()
        if set(values) == set(compiled):
            values = compiled
        return to_floats(values)

    def evaluate(
        self: Any,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Returns the loss and the metrics on data, in inference mode.

        Args:
            x: the inputs, as in `fit`.
            y: the targets, as in `fit`.
            batch_size: samples in a batch; None is 32.
            verbose: 0 prints nothing, 1 a bar, 2 a line; `"auto"` is 1.
            sample_weight: weights of the samples.
            steps: the number of batches; None goes through all the data.
            callbacks: callbacks, or a `CallbackList`.
            return_dict: whether to return a dictionary.
            **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of Keras 2.

        Returns:
            The values in the order of `metrics_names`, a single number if there is one, or a dictionary by name.

        Raises:
            NotCompiledError: before `compile`.
            DataError: when data and model do not fit.

        Source: `keras.Model.evaluate`.
        """
        workers = take_old_arguments("evaluate", kwargs)[1]
        self._assert_compiled("evaluate")
        check_run_arguments(verbose, steps=steps)
        batches = self._epochs_of(x, y, sample_weight, batch_size, False, None, steps, workers=workers)
        callbacks = self._callback_list(callbacks, verbose, batches, history=False)
        self._begin_training(optimizer=False)
        with closing(callbacks), Undo(self):
            logs = self._evaluate(batches, callbacks)
        if return_dict:
            return logs
        values = list(logs.values())
        return values[0] if len(values) == 1 else values

    def _evaluate(self: Any, batches: Epochs, callbacks: Any, place: str = "") -> dict:
        self.reset_metrics()
        was_training = self.training
        self.train(False)
        try:
            callbacks.on_test_begin()
            with torch.no_grad():
                result = run_steps(
                    batches.epoch(),
                    self._test_function,
                    callbacks.wants_test_batch,
                    None,
                    self.steps_per_execution,
                    place=(place, self.name),
                )
            if batches.count == 0:
                raise DataError("`evaluate` received no batch of data.")
            logs = self._epoch_logs(result)
            callbacks.on_test_end(logs)
        finally:
            self.train(was_training)
        return logs

    def predict(
        self: Any,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        *,
        out: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Returns the outputs for data as NumPy arrays, computed batch by batch in inference mode.

        Args:
            x: the inputs, as in `fit`.
            batch_size: samples in a batch; None is 32.
            verbose: 0 prints nothing, 1 a bar, 2 a line; `"auto"` is 1.
            steps: the number of batches; None goes through all the data.
            callbacks: callbacks, or a `CallbackList`.
            out: where the outputs go, batch by batch, if they are too large to be held at once: an array to fill, such
                as a `numpy.memmap`, a structure of arrays like the outputs, or a function `out(start, outputs)`.
            **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of Keras 2.

        Returns:
            An array, or a nested structure of arrays like the outputs of the model; the filled `out`, or None where
            it is a function.

        Raises:
            DataError: when data and model, or outputs and `out`, do not fit.
            ArgumentTypeError: when `out` is no array and no function.

        Example:
            >>> import numpy as np
            >>> from kerastorch.models.sequential import Sequential
            >>> from kerastorch.layers.core.dense import Dense
            >>> model = Sequential([Dense(2)])
            >>> out = np.zeros((5, 2), "float32")
            >>> model.predict(np.ones((5, 3)), verbose=0, out=out) is out
            True
            >>> def show(start, outputs):
            ...     print(start, outputs.shape)
            >>> model.predict(np.ones((5, 3)), batch_size=4, verbose=0, out=show)
            0 (4, 2)
            4 (1, 2)

        Source: `keras.Model.predict`.
        """
        workers = take_old_arguments("predict", kwargs)[1]
        check_run_arguments(verbose, steps=steps)
        batches = self._epochs_of(
            x, None, None, batch_size, False, None, steps, targets=False, workers=workers
        )
        outlet = outlet_for(out, expected_rows(batches.batches, batches.steps))
        callbacks = self._callback_list(callbacks, verbose, batches, history=False, metrics=False)
        was_training = self.training
        if was_training or not self._has_mode:
            self.train(False)
        try:
            callbacks.on_predict_begin()
            with torch.no_grad():
                run_steps(
                    batches.epoch(),
                    lambda batch: outlet.add(self._predict_function(batch)),
                    callbacks.wants_predict_batch,
                    None,
                    self.steps_per_execution,
                    lambda _: {"outputs": tree.map_structure(to_numpy, outlet.last)},
                    ("", self.name),
                )
            result = outlet.result() if outlet.batches else None
            callbacks.on_predict_end()
        finally:
            if was_training:
                self.train(True)
            callbacks.close()
        if not outlet.batches:
            raise DataError("`predict` received no batch of data.")
        return result

    def reset_metrics(self: Any) -> None:
        """Sets all metrics to their first state."""
        for metric in self.metrics:
            metric.reset_state()


def _is_due(validation_freq: Any, epoch: int) -> bool:
    if isinstance(validation_freq, int):
        return (epoch + 1) % validation_freq == 0
    return (epoch + 1) in validation_freq
