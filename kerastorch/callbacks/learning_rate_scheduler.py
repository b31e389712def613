"""Setting the learning rate at the beginning of each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.callback import Callback
from kerastorch.callbacks.rates import log_rates, optimizers_of, read_rate, write_rate
from kerastorch.callbacks.screen import print_line
from kerastorch.errors import InvalidArgumentError


class LearningRateScheduler(Callback):
    """Asks a function for the learning rate of each epoch.

    Each epoch's learning rate is part of its logs as `learning_rate`.

    Args:
        schedule: takes the number of the epoch, from 0, and the present learning rate, or the number alone, and
            returns the learning rate as a float.
        verbose: 1 prints the learning rate of each epoch. Default: 0.

    Raises:
        InvalidArgumentError: at the beginning of an epoch, when the function returns no float, or the optimizer has
            no learning rate.
        ReadOnlyError: at the beginning of the first epoch, when the optimizer follows a schedule already.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.5))
        >>> halving = LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> halving.set_model(model)
        >>> halving.on_epoch_begin(0)
        >>> model.optimizer.learning_rate
        0.25

    Source: keras.callbacks.LearningRateScheduler
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for name, optimizer in optimizers_of(self.model):
            rate = self._ask(epoch, read_rate(optimizer))
            write_rate(optimizer, rate)
            if self.verbose > 0:
                label = f"{name} " if name else ""
                print_line(
                    f"\nEpoch {epoch + 1}: LearningRateScheduler setting {label}learning rate to {rate}."
                )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            log_rates(self.model, logs)

    def _ask(self, epoch: int, rate: float) -> float:
        new = self.schedule(epoch, rate) if _takes_two(self.schedule) else self.schedule(epoch)
        if isinstance(new, torch.Tensor) and new.numel() == 1 and new.is_floating_point():
            return new.item()
        if not isinstance(new, (float, np.float32, np.float64)):
            raise InvalidArgumentError(
                f"The output of the `schedule` function should be a float. Got: {new} (of type {type(new).__name__})"
            )
        return new


def _takes_two(schedule: Callable) -> bool:
    """Whether a function can be called with the number of the epoch and the learning rate."""
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a function of C that does not say what it takes
        return True
    return True
