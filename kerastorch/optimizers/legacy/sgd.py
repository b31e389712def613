"""Gradient descent as Keras up to 2.10 had it."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.optimizers import sgd
from kerastorch.optimizers.legacy.optimizer import LegacyOptimizer


@registry.builtin("keras.optimizers.legacy", "sgd")
class SGD(LegacyOptimizer, sgd.SGD):
    """Gradient descent with momentum: `m = momentum * m - lr * g; w += m`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        momentum: the share of the last step in the next, between 0 and 1.
        nesterov: whether to look one step of the momentum ahead.
        name: a label.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> import torch
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> SGD(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: `tf_keras.optimizers.legacy.SGD`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        name: str = "SGD",
        **kwargs: Any,
    ) -> None:
        rule = {"learning_rate": learning_rate, "momentum": momentum, "nesterov": nesterov}
        self._begin(name, rule, **kwargs)

    def get_config(self) -> dict:
        return self._rule_config("momentum", "nesterov")
