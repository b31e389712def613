"""Lowering the learning rate when training no longer gets better."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from kerastorch.callbacks.monitor import MonitorCallback
from kerastorch.callbacks.rates import log_rates, optimizers_of, read_rate, write_rate
from kerastorch.callbacks.screen import print_line
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by a factor when a monitored quantity has stopped to get better.

    Each epoch's learning rate is part of its logs as `learning_rate`.

    Args:
        monitor: the name in the logs. Default: `"val_loss"`.
        factor: what the learning rate is multiplied by, below 1. Default: 0.1.
        patience: number of epochs without improvement after which that happens. Default: 10.
        verbose: 1 prints when it happens. Default: 0.
        mode: `"min"` and `"max"` say what is better; `"auto"` asks the metric of that name, then the name
            itself. Default: `"auto"`.
        min_delta: least change that counts as better. Default: 1e-4.
        cooldown: number of epochs after a reduction that do not count as lost. Default: 0.
        min_lr: the learning rate does not fall below this. Default: 0.
        **kwargs: `epsilon`, which Keras 2 called `min_delta` once.

    Raises:
        InvalidArgumentError: when `factor` is 1 or more.
        UnknownArgumentError: for an unknown keyword.
        ReadOnlyError: at the first reduction, when the optimizer follows a schedule.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.5))
        >>> reducing = ReduceLROnPlateau(monitor="loss", factor=0.5, patience=2)
        >>> reducing.set_model(model)
        >>> reducing.on_train_begin()
        >>> for epoch, loss in enumerate([0.8, 0.8, 0.8]):
        ...     reducing.on_epoch_end(epoch, {"loss": loss})
        >>> model.optimizer.learning_rate
        0.25

    Source: keras.callbacks.ReduceLROnPlateau
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=_take_epsilon(kwargs, min_delta))
        if factor >= 1.0:
            raise InvalidArgumentError(
                f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}"
            )
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.monitor_op is None:
            self._set_monitor_op()
        logs = {} if logs is None else logs
        log_rates(self.model, logs)
        current = self._monitored(logs, "Learning rate reduction is")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def in_cooldown(self) -> bool:
        """Returns whether the last reduction is so recent that epochs do not count as lost."""
        return self.cooldown_counter > 0

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def _reduce(self, epoch: int) -> bool:
        """Reduces the learning rates that are above the least one, and says whether there were any."""
        reduced = False
        for name, optimizer in optimizers_of(self.model):
            old = read_rate(optimizer)
            if old <= np.float32(self.min_lr):
                continue
            new = max(old * self.factor, self.min_lr)
            write_rate(optimizer, new)
            reduced = True
            if self.verbose > 0:
                label = f"{name} " if name else ""
                print_line(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {label}learning rate to {new}.")
        return reduced


def _take_epsilon(kwargs: dict[str, Any], min_delta: float) -> float:
    """The least change, also where it is given under its name of Keras 2."""
    unknown = sorted(set(kwargs) - {"epsilon"})
    if unknown:
        raise UnknownArgumentError(
            f"ReduceLROnPlateau does not take the argument {unknown[0]!r}. Expected `monitor`, `factor`, `patience`, "
            "`verbose`, `mode`, `min_delta`, `cooldown` or `min_lr`."
        )
    if "epsilon" not in kwargs:
        return min_delta
    warnings.warn(
        "The argument `epsilon` of ReduceLROnPlateau is called `min_delta` now.",
        DeprecationWarning,
        stacklevel=3,
    )
    return kwargs["epsilon"]
