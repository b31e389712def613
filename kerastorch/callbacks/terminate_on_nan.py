"""Ending training when the loss is no number, and saying where that came from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch.optim.optimizer import register_optimizer_step_pre_hook

from kerastorch.callbacks.callback import Callback
from kerastorch.callbacks.non_finite import explain
from kerastorch.callbacks.screen import print_line
from kerastorch.errors import NonFiniteLossError


class TerminateOnNaN(Callback):
    """Stops `fit` at the first batch whose loss is NaN or infinite, and prints where that came from.

    What it names is the first of these that is not finite: the batch's own data, a weight, or the result of a layer,
    in the order in which the layers run. That is looked for before the step changes the weights. Where a model's own
    `train_step` has changed them, only the data are named.

    The loss is read after every step, so that the host waits for the device each time.

    Args:
        raise_error: whether to raise an error in place of a regular end with `on_train_end`. Default: False.

    Raises:
        NonFiniteLossError: at such a batch, with `raise_error=True`.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(stop_training=False)
        >>> stopping = TerminateOnNaN()
        >>> stopping.set_model(model)
        >>> stopping.on_batch_end(3, {"loss": float("inf")})
        Batch 3: Invalid loss, terminating training
        >>> model.stop_training
        True

    Source: keras.callbacks.TerminateOnNaN
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self._batch: Any = None
        self._is_checked = False  # whether the present step's loss has been found to be finite
        self._cause: str | None = None
        self._handle: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._end_run()
        if hasattr(self.model, "train_step") and not self.model._has_own_train_step():
            self._handle = register_optimizer_step_pre_hook(self._before_update)

    def on_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._is_checked:
            return
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self._cause is None and self._batch is not None:
            self._cause = explain(self.model, self._batch, is_updated=True)
        if self.raise_error:
            raise NonFiniteLossError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. Terminating training immediately."
                + (f" {self._cause}" if self._cause else "")
            )
        print_line(f"Batch {batch}: Invalid loss, terminating training")
        if self._cause:
            print_line(self._cause)
        self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._end_run()

    def _watched(self, step: Callable) -> Callable:
        def watched(batch: Any) -> Any:
            self._batch, self._is_checked = batch, False
            return step(batch)

        return watched

    def _before_update(self, optimizer: Any, *_: Any) -> None:
        """Looks at the loss while the weights are still those that it was computed with."""
        if optimizer is not self.model.optimizer or self._cause is not None:
            return
        self._is_checked = math.isfinite(self.model._loss_tracker.result())
        if not self._is_checked:
            self._cause = explain(self.model, self._batch)

    def _end_run(self) -> None:
        if self._handle is not None:
            self._handle.remove()
        self._batch = self._cause = self._handle = None
        self._is_checked = False
