"""Adam and its relatives as Keras up to 2.10 had them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch import config, registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers import adam, adamax, nadam
from kerastorch.optimizers.legacy.optimizer import LegacyOptimizer
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule


@registry.builtin("keras.optimizers.legacy", "adam")
class Adam(LegacyOptimizer, adam.Adam):
    """Adam: `w -= alpha * m / (sqrt(v) + epsilon)` with `alpha = lr * sqrt(1 - beta_2**t) / (1 - beta_1**t)`.

    The formula is that of `optimizers.Adam`; the state is called `m`, `v` and, with `amsgrad`, `vhat`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the share of the old mean of squares in the new one.
        epsilon: what is added to the root of the mean square; None takes `config.epsilon()`.
        amsgrad: whether the largest mean square so far takes the place of the present one.
        name: a label.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> import torch
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> optimizer = Adam(0.1, decay=0.5)
        >>> optimizer.apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])
        >>> optimizer.get_slot_names()
        ['m', 'v']

    Source: `tf_keras.optimizers.legacy.Adam`.
    """

    _slot_labels = {"momentum": "m", "velocity": "v", "velocity_hat": "vhat"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
        name: str = "Adam",
        **kwargs: Any,
    ) -> None:
        rule = {"learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2}
        rule.update(epsilon=epsilon or config.epsilon(), amsgrad=amsgrad)
        self._begin(name, rule, **kwargs)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `variables`.

        Args:
            weights: arrays in the order of `variables`; old files end with unused ones for `amsgrad`.

        Raises:
            NotBuiltError: before `build`.
            ShapeError: when there are more or fewer than variables, or a shape differs; nothing is set then.
        """
        weights = list(weights)
        if self.built and len(weights) == 3 * len(self._params) + 1:
            weights = weights[: len(self.variables)]
        super().set_weights(weights)

    def get_config(self) -> dict:
        return self._rule_config("beta_1", "beta_2", "epsilon", "amsgrad")


@registry.builtin("keras.optimizers.legacy", "adamax")
class Adamax(LegacyOptimizer, adamax.Adamax):
    """Adamax: `u = max(beta_2 * u, |g|); w -= lr / (1 - beta_1**t) * m / (u + epsilon)`.

    The formula is that of `optimizers.Adamax`; the state is called `m` and `v`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the factor by which the norm falls.
        epsilon: what is added to the norm; None takes `config.epsilon()`.
        name: a label.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> import torch
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adamax(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: `tf_keras.optimizers.legacy.Adamax`.
    """

    _slot_labels = {"momentum": "m", "norm": "v"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        name: str = "Adamax",
        **kwargs: Any,
    ) -> None:
        rule = {"learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2}
        self._begin(name, {**rule, "epsilon": epsilon or config.epsilon()}, **kwargs)

    def get_config(self) -> dict:
        return self._rule_config("beta_1", "beta_2", "epsilon")


@registry.builtin("keras.optimizers.legacy", "nadam")
class Nadam(LegacyOptimizer, nadam.Nadam):
    """Nadam: Adam with Nesterov's momentum, whose coefficient is `beta_1 * (1 - 0.96**(decay * t) / 2)`.

    The coefficient of `optimizers.Nadam` has no `decay` and grows 250 times as fast. The state is called `m` and
    `v`, after the product of the coefficients.

    Args:
        learning_rate: a number, or a function without arguments.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the share of the old mean of squares in the new one.
        epsilon: what is added to the root of the mean square; None takes `config.epsilon()`.
        name: a label.
        **kwargs: `schedule_decay`, or `decay`, for the formula above, by default 0.004; the rest as in
            `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when the learning rate is a schedule, or an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> import torch
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Nadam(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.8944, 2.1056])

    Source: `tf_keras.optimizers.legacy.Nadam`.
    """

    _slot_labels = {"momentum": "m", "velocity": "v"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        name: str = "Nadam",
        **kwargs: Any,
    ) -> None:
        if isinstance(kwargs.get("lr", learning_rate), LearningRateSchedule):
            raise InvalidArgumentError(
                "The Nadam optimizer does not support a LearningRateSchedule as the learning rate."
            )
        given = kwargs.pop("decay", 0.004)
        self._schedule_decay = kwargs.pop("schedule_decay", given)
        rule = {"learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2}
        self._begin(name, {**rule, "epsilon": epsilon or config.epsilon()}, **kwargs)

    @property
    def _initial_decay(self) -> float:
        return self._schedule_decay

    def _coefficient(self, step: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * 0.96 ** (self._schedule_decay * step))

    def get_config(self) -> dict:
        return self._rule_config("beta_1", "beta_2", "epsilon")
