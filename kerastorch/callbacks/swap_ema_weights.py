"""Evaluating a model with the moving average of its weights."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.callbacks.callback import Callback
from kerastorch.errors import InvalidArgumentError, NotBuiltError


class SwapEMAWeights(Callback):
    """Gives the model the moving average of its weights for evaluation and prediction, and its own back afterwards.

    The optimizer must keep the average: `SGD(use_ema=True)`. The weights that training goes on with are kept in a
    copy meanwhile, so the average in the optimizer stays what it is, whatever ends the run.

    Args:
        swap_on_epoch: whether the model also has the average from the end of an epoch to the beginning of the next,
            so that a `ModelCheckpoint` after this callback saves it. Default: False.

    Raises:
        InvalidArgumentError: at the first evaluation, when the optimizer keeps no average.
        NotBuiltError: at the first evaluation, when there has been no training step yet.

    Example:
        >>> import numpy as np
        >>> from kerastorch.optimizers.sgd import SGD
        >>> from types import SimpleNamespace
        >>> weight = torch.nn.Parameter(torch.ones(1))
        >>> optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5)
        >>> optimizer.build([weight])
        >>> for _ in range(2):
        ...     optimizer.apply([torch.ones(1)])
        >>> swapping = SwapEMAWeights()
        >>> swapping.set_model(SimpleNamespace(optimizer=optimizer))
        >>> swapping.on_test_begin()
        >>> weight.item()
        -0.5
        >>> swapping.on_test_end()
        >>> weight.item()
        -1.0

    Source: keras.callbacks.SwapEMAWeights
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._own: list[tuple[torch.Tensor, torch.Tensor]] | None = (
            None  # weights, and copies of their values
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._take_back()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._give_average()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self.swap_on_epoch:
            self._own = None  # `fit` has set the weights to their average for good

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._give_average()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._take_back()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._give_average()

    def on_predict_end(self, logs: dict[str, Any] | None = None) -> None:
        self._take_back()

    def _end_run(self) -> None:
        self._take_back()

    @torch.no_grad()
    def _give_average(self) -> None:
        if self._own is not None:
            return
        pairs = [pair for optimizer in _averaging(self.model.optimizer) for pair in _pairs(optimizer)]
        self._own = [(variable, variable.detach().clone()) for variable, _ in pairs]
        for variable, average in pairs:
            variable.copy_(average)

    @torch.no_grad()
    def _take_back(self) -> None:
        for variable, value in self._own or ():
            variable.copy_(value)
        self._own = None


def _averaging(optimizer: Any) -> list[Any]:
    """The optimizers that keep an average: the given one, one that it scales the loss for, or several inside."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    found = [o for o in getattr(optimizer, "optimizers", [optimizer]) if getattr(o, "use_ema", False)]
    if not found:
        raise InvalidArgumentError(
            "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. Received: "
            f"{type(optimizer).__name__} with use_ema={getattr(optimizer, 'use_ema', False)}."
        )
    return found


def _pairs(optimizer: Any) -> list[tuple[torch.Tensor, torch.Tensor]]:
    if not hasattr(optimizer, "_model_variables_moving_average"):
        raise NotBuiltError(
            f"SwapEMAWeights needs the average of the weights, but {type(optimizer).__name__} has taken no step yet. "
            "Train the model first."
        )
    return list(zip(optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True))
