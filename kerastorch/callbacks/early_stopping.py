"""Ending training when it no longer helps."""

from __future__ import annotations

from typing import Any

from kerastorch.callbacks.monitor import MonitorCallback
from kerastorch.callbacks.screen import print_line


class EarlyStopping(MonitorCallback):
    """Stops `fit` when a monitored quantity has stopped to get better.

    Args:
        monitor: the name in the logs. Default: `"val_loss"`.
        min_delta: least change that counts as better. Default: 0.
        patience: number of epochs without improvement after which training stops. Default: 0.
        verbose: 1 prints when training stops and when weights are restored. Default: 0.
        mode: `"min"` and `"max"` say what is better; `"auto"` asks the metric of that name, then the name
            itself. Default: `"auto"`.
        baseline: epochs count as improvements only when they are better than this too. Default: None.
        restore_best_weights: whether the model gets the weights of its best epoch back at the end of training,
            however it ended. Default: False.
        start_from_epoch: number of epochs at the beginning that are not looked at. Default: 0.

    Raises:
        InvalidArgumentError: at the first epoch's end, when `mode="auto"` cannot tell what is better.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(stop_training=False)
        >>> stopping = EarlyStopping(monitor="loss", patience=1)
        >>> stopping.set_model(model)
        >>> stopping.on_train_begin()
        >>> for epoch, loss in enumerate([0.5, 0.4, 0.6]):
        ...     stopping.on_epoch_end(epoch, {"loss": loss})
        >>> model.stop_training, stopping.stopped_epoch, stopping.best
        (True, 2, 0.4)

    Source: keras.callbacks.EarlyStopping
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best_weights: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        better = self._is_improvement(current, self.best)
        if better or (self.restore_best_weights and self.best_weights is None):
            self._remember(epoch)
        self.wait += 1
        if better:
            self.best = current
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_line(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is None:
            return
        if self.verbose > 0:
            print_line(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
        self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: dict[str, Any] | None) -> Any:
        """Returns the monitored value, or None after a warning that names what there is.

        Args:
            logs: the logs of an epoch.
        """
        return self._monitored(logs, "Early stopping")

    def _remember(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()
