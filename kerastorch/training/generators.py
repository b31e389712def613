"""`fit_generator`, `evaluate_generator` and `predict_generator` of Keras 1 and 2."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

from kerastorch.data.convert import batch_length
from kerastorch.data.parts import unpack
from kerastorch.errors import UnknownArgumentError

_OLDER = {"nb_epoch": "epochs", "nb_val_samples": "validation_samples", "val_samples": "steps"}
_WORKERS = {"max_q_size": "max_queue_size", "nb_worker": "workers", "pickle_safe": "use_multiprocessing"}


class GeneratorMethods:
    """The methods that Keras had for generators before `fit`, `evaluate` and `predict` took them. See `Model`."""

    def fit_generator(
        self: Any,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: int | str = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        class_weight: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        shuffle: bool = True,
        initial_epoch: int = 0,
        **kwargs: Any,
    ) -> Any:
        """Trains on batches of a generator or `Sequence`, as `fit` does.

        Args:
            generator: what gives batches `(x, y)` or `(x, y, sample_weight)`.
            steps_per_epoch: steps in an epoch; None goes through all the data.
            epochs: the number of the epoch at which to stop.
            verbose: see `fit`.
            callbacks: see `fit`.
            validation_data: see `fit`.
            validation_steps: steps of a validation.
            validation_freq: see `fit`.
            class_weight: see `fit`.
            max_queue_size: batches that are read ahead.
            workers: what reads ahead; 0 reads in this thread.
            use_multiprocessing: whether a `Sequence` is read by processes.
            shuffle: whether a `Sequence` has a new order of batches in each epoch.
            initial_epoch: the number of the epoch at which to begin.
            **kwargs: `samples_per_epoch`, `nb_epoch`, `nb_val_samples`, `max_q_size`, `nb_worker` and `pickle_safe` of
                Keras 1; a number of samples is divided by the size of the first batch.

        Returns:
            A `History`.

        Raises:
            UnknownArgumentError: for an unknown keyword.

        Source: `fit_generator` of Keras 2.
        """
        _warn("fit_generator", "fit")
        older = _older(kwargs, "fit_generator", ("samples_per_epoch", "nb_epoch", "nb_val_samples"))
        if "samples_per_epoch" in older:
            steps_per_epoch, generator = _in_batches(generator, older.pop("samples_per_epoch"))
        if "validation_samples" in older:
            validation_steps, validation_data = _in_batches(validation_data, older.pop("validation_samples"))
        options = {
            "epochs": epochs,
            "workers": workers,
            "max_queue_size": max_queue_size,
            "use_multiprocessing": use_multiprocessing,
            **older,
        }
        return self.fit(
            generator,
            steps_per_epoch=steps_per_epoch,
            verbose=verbose,
            callbacks=callbacks,
            validation_data=validation_data,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            class_weight=class_weight,
            shuffle=shuffle,
            initial_epoch=initial_epoch,
            **options,
        )

    def evaluate_generator(
        self: Any,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: int | str = 0,
        **kwargs: Any,
    ) -> Any:
        """Returns loss and metrics on batches of a generator or `Sequence`, as `evaluate` does.

        Args:
            generator: what gives batches.
            steps: the number of batches; None goes through all the data.
            callbacks: see `evaluate`.
            max_queue_size: batches that are read ahead.
            workers: what reads ahead; 0 reads in this thread.
            use_multiprocessing: whether a `Sequence` is read by processes.
            verbose: see `evaluate`.
            **kwargs: `val_samples`, `max_q_size`, `nb_worker` and `pickle_safe` of Keras 1.

        Raises:
            UnknownArgumentError: for an unknown keyword.

        Source: `evaluate_generator` of Keras 2.
        """
        return self._run_generator(
            "evaluate",
            generator,
            steps,
            callbacks,
            max_queue_size,
            workers,
            use_multiprocessing,
            verbose,
            kwargs,
        )

    def predict_generator(
        self: Any,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: int | str = 0,
        **kwargs: Any,
    ) -> Any:
        """Returns the outputs for batches of a generator or `Sequence`, as `predict` does.

        Args:
            generator: what gives batches.
            steps: the number of batches; None goes through all the data.
            callbacks: see `predict`.
            max_queue_size: batches that are read ahead.
            workers: what reads ahead; 0 reads in this thread.
            use_multiprocessing: whether a `Sequence` is read by processes.
            verbose: see `predict`.
            **kwargs: `val_samples`, `max_q_size`, `nb_worker` and `pickle_safe` of Keras 1.

        Raises:
            UnknownArgumentError: for an unknown keyword.

        Source: `predict_generator` of Keras 2.
        """
        return self._run_generator(
            "predict",
            generator,
            steps,
            callbacks,
            max_queue_size,
            workers,
            use_multiprocessing,
            verbose,
            kwargs,
        )

    def _run_generator(
        self: Any,
        method: str,
        generator: Any,
        steps: int | None,
        callbacks: Any,
        max_queue_size: int,
        workers: int,
        use_multiprocessing: bool,
        verbose: int | str,
        kwargs: dict,
    ) -> Any:
        _warn(f"{method}_generator", method)
        older = _older(kwargs, f"{method}_generator", ("val_samples",))
        if "steps" in older:
            steps, generator = _in_batches(generator, older.pop("steps"))
        options = {
            "workers": workers,
            "max_queue_size": max_queue_size,
            "use_multiprocessing": use_multiprocessing,
            **older,
        }
        return getattr(self, method)(generator, steps=steps, callbacks=callbacks, verbose=verbose, **options)


def _warn(old: str, new: str) -> None:
    warnings.warn(f"`{old}` is called `{new}` since Keras 2.1.", DeprecationWarning, stacklevel=4)


def _older(given: dict[str, Any], method: str, own: tuple[str, ...]) -> dict[str, Any]:
    """The arguments of Keras 1 under the names that this module uses."""
    unknown = [name for name in given if name not in own and name not in _WORKERS]
    if unknown:
        raise UnknownArgumentError(f"`{method}` got unexpected keyword arguments: {unknown}.")
    return {_WORKERS.get(name) or _OLDER.get(name, name): value for name, value in given.items()}


def _in_batches(data: Any, samples: int) -> tuple[int, Any]:
    """How many batches hold so many samples, going by the first one, and the data with that batch still in them."""
    if hasattr(data, "__getitem__"):
        first = data[0]
    else:
        batches: Iterator = iter(data)
        first = next(batches)
        data = itertools.chain([first], batches)
    size = batch_length(unpack(first)[0])
    size = len(unpack(first)[0]) if size is None else size
    return -(-samples // size), data
