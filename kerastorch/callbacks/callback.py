"""The base class of callbacks: one empty method for each moment of training, evaluation and prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from torch.nn.parallel import DistributedDataParallel

Hook = TypeVar("Hook", bound=Callable)


def default(hook: Hook) -> Hook:
    """Marks a method that does nothing, so that a `CallbackList` need not call it."""
    hook._is_default = True  # type: ignore[attr-defined]
    return hook


class Callback:
    """What `fit`, `evaluate` and `predict` call at each step, epoch, begin and end. Override what you need.

    `logs` is a dictionary of Python floats. A subclass need not call `super().__init__()`.

    Attributes:
        model: the model, from the moment it is trained, evaluated or used to predict.
        params: a dictionary with `epochs`, `steps`, `verbose`, `batch_size`, `samples`, `do_validation` and
            `metrics`, each as far as it is known.
        validation_data: None, or what `fit` was given as `validation_data`.

    Example:
        >>> class Announce(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(epoch, logs["loss"])
        >>> Announce().on_epoch_end(0, {"loss": 0.5})
        0 0.5

    Source: keras.callbacks.Callback
    """

    params: dict[str, Any] | None = None
    validation_data: Any = None
    _model: Any = None

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Any:
        """The model, without the wrapper that `DistributedDataParallel` puts around it."""
        model = self._model
        return model.module if isinstance(model, DistributedDataParallel) else model

    @model.setter
    def model(self, model: Any) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any] | None) -> None:
        """Receives the parameters of the run before it begins.

        Args:
            params: see the class.
        """
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receives the model before the run begins.

        Args:
            model: the model that is trained or used.
        """
        self._model = model

    def _end_run(self) -> None:
        """Gives back what the callback holds; called when a run is over, also by an exception."""

    def _watched(self, step: Callable) -> Callable:
        """Returns what runs in place of a training step, a function of the batch; for callbacks that need the data."""
        return step

    @default
    def on_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras 2's name of `on_train_batch_begin`; called where that one is not overridden."""

    @default
    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras 2's name of `on_train_batch_end`; called where that one is not overridden."""

    @default
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called at the beginning of an epoch of `fit`.

        Args:
            epoch: number of the epoch, from 0.
            logs: empty.
        """

    @default
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Called at the end of an epoch of `fit`, after its validation.

        Args:
            epoch: number of the epoch, from 0.
            logs: loss and metrics of the epoch; those of the validation begin with `val_`.
        """

    @default
    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a training step; with `steps_per_execution=n`, before every n-th.

        Args:
            batch: number of the step within the epoch, from 0.
            logs: empty, or the size of the batch.
        """
        self.on_batch_begin(batch, logs)

    @default
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a training step; with `steps_per_execution=n`, after every n-th.

        Args:
            batch: number of the step within the epoch, from 0.
            logs: loss and metrics of the epoch so far.
        """
        self.on_batch_end(batch, logs)

    @default
    def on_test_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a step of `evaluate`, or of the validation of `fit`.

        Args:
            batch: number of the step, from 0.
            logs: empty, or the size of the batch.
        """

    @default
    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a step of `evaluate`, or of the validation of `fit`.

        Args:
            batch: number of the step, from 0.
            logs: loss and metrics so far.
        """

    @default
    def on_predict_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called before a step of `predict`.

        Args:
            batch: number of the step, from 0.
            logs: empty, or the size of the batch.
        """

    @default
    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Called after a step of `predict`.

        Args:
            batch: number of the step, from 0.
            logs: `{"outputs": outputs of the batch}`.
        """

    @default
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called at the beginning of `fit`.

        Args:
            logs: empty.
        """

    @default
    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called at the end of `fit`.

        Args:
            logs: what the last `on_epoch_end` received.
        """

    @default
    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called at the beginning of `evaluate`, and of each validation of `fit`.

        Args:
            logs: empty.
        """

    @default
    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called at the end of `evaluate`, and of each validation of `fit`.

        Args:
            logs: the loss and the metrics.
        """

    @default
    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Called at the beginning of `predict`.

        Args:
            logs: empty.
        """

    @default
    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        """Called at the end of `predict`.

        Args:
            logs: empty.
        """


HOOKS: tuple[str, ...] = tuple(name for name in vars(Callback) if name.startswith("on_"))
BATCH_HOOKS: tuple[str, ...] = tuple(name for name in HOOKS if "batch" in name)
