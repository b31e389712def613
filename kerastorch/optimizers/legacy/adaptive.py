"""Adadelta, Adagrad, Ftrl and RMSprop as Keras up to 2.10 had them."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers import adadelta, ftrl
from kerastorch.optimizers.legacy.optimizer import LegacyOptimizer
from kerastorch.optimizers.plan import Bucket


@registry.builtin("keras.optimizers.legacy", "adadelta")
class Adadelta(LegacyOptimizer, adadelta.Adadelta):
    """Adadelta: steps that follow the ratio of the running root mean squares of past steps and gradients.

    The formula is that of `optimizers.Adadelta`; the state is called `accum_grad` and `accum_var`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        rho: the share of the old mean squares in the new ones.
        epsilon: what is added to the mean squares; None takes `config.epsilon()`.
        name: a label.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adadelta(100.0).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.8586, 2.1414])

    Source: `tf_keras.optimizers.legacy.Adadelta`.
    """

    _slot_labels = {"accumulated_grad": "accum_grad", "accumulated_delta_var": "accum_var"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float | None = 1e-7,
        name: str = "Adadelta",
        **kwargs: Any,
    ) -> None:
        rule = {"learning_rate": learning_rate, "rho": rho, "epsilon": epsilon or config.epsilon()}
        self._begin(name, rule, **kwargs)

    def get_config(self) -> dict:
        return self._rule_config("rho", "epsilon")


@registry.builtin("keras.optimizers.legacy", "adagrad")
class Adagrad(LegacyOptimizer):
    """Adagrad: `a += g**2; w -= lr * g / (sqrt(a) + epsilon)`.

    `optimizers.Adagrad` has the epsilon inside of the root.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        initial_accumulator_value: the sum to start with.
        epsilon: what is added to the root of the sum; None takes `config.epsilon()`.
        name: a label.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adagrad(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9047, 2.0953])

    Source: `tf_keras.optimizers.legacy.Adagrad`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = 1e-7,
        name: str = "Adagrad",
        **kwargs: Any,
    ) -> None:
        if initial_accumulator_value < 0.0:
            raise InvalidArgumentError(
                "`initial_accumulator_value` must be non-negative. Received: "
                f"initial_accumulator_value={initial_accumulator_value}"
            )
        self._begin(name, {"learning_rate": learning_rate}, **kwargs)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon or config.epsilon()

    def _create_slots(self, variables: list[Any]) -> None:
        self.add_optimizer_variables(variables, "accumulator", float(self.initial_accumulator_value))

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        sums = bucket.slots["accumulator"]
        torch._foreach_addcmul_(sums, grads, grads)
        roots = torch._foreach_sqrt(sums)
        torch._foreach_add_(roots, self.epsilon)
        torch._foreach_addcdiv_(bucket.params, grads, roots, value=-lr)

    def get_config(self) -> dict:
        return self._rule_config("initial_accumulator_value", "epsilon")


@registry.builtin("keras.optimizers.legacy", "ftrl")
class Ftrl(LegacyOptimizer, ftrl.Ftrl):
    """FTRL: follow the regularized leader, for sparse weights by L1 regularization.

    The formula is that of `optimizers.Ftrl`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        learning_rate_power: how the rate falls with the sum of squares; not positive.
        initial_accumulator_value: the sum of squares to start with.
        l1_regularization_strength: the strength of the absolute values.
        l2_regularization_strength: the strength of the squares.
        name: a label.
        l2_shrinkage_regularization_strength: the strength of squares that only shrink weights.
        beta: the constant in the rate of each weight.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Ftrl(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.6031, 1.4923])

    Source: `tf_keras.optimizers.legacy.Ftrl`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        name: str = "Ftrl",
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **kwargs: Any,
    ) -> None:
        rule = {
            "learning_rate": learning_rate,
            "learning_rate_power": learning_rate_power,
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
            "beta": beta,
        }
        self._begin(name, rule, **kwargs)

    def _ordered_slots(self) -> list[Any]:
        return [slot for _, _, slot in self._slots]

    def get_config(self) -> dict:
        strengths = ("l1_regularization_strength", "l2_regularization_strength", "beta")
        return self._rule_config(
            "initial_accumulator_value",
            "learning_rate_power",
            *strengths,
            "l2_shrinkage_regularization_strength",
        )


@registry.builtin("keras.optimizers.legacy", "rmsprop")
class RMSprop(LegacyOptimizer):
    """RMSprop: `v = rho * v + (1 - rho) * g**2; w -= lr * g / (sqrt(v) + epsilon)`.

    With momentum the epsilon is inside of the root, as in `optimizers.RMSprop`. The state is called `rms`,
    `momentum` and `mg`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        rho: the share of the old mean square in the new one.
        momentum: the share of the last step in the next, between 0 and 1.
        epsilon: what keeps the divisor from zero; None takes `config.epsilon()`.
        centered: whether the mean square is taken around the running mean, which makes it a variance.
        name: a label.
        **kwargs: as in `legacy.Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords that it does not know.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> RMSprop(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.6838, 2.3162])

    Source: `tf_keras.optimizers.legacy.RMSprop`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float | None = 1e-7,
        centered: bool = False,
        name: str = "RMSprop",
        **kwargs: Any,
    ) -> None:
        if not 0 <= momentum <= 1:
            raise InvalidArgumentError(f"`momentum` must be between [0, 1]. Received: momentum={momentum}")
        self._begin(name, {"learning_rate": learning_rate}, **kwargs)
        self.rho, self.momentum, self.centered = rho, momentum, centered
        self.epsilon = epsilon or config.epsilon()

    def _create_slots(self, variables: list[Any]) -> None:
        names = ["rms", *(["momentum"] if self.momentum else []), *(["mg"] if self.centered else [])]
        self.add_optimizer_variables(variables, names)

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        squares = bucket.slots["rms"]
        torch._foreach_mul_(squares, self.rho)
        torch._foreach_addcmul_(squares, grads, grads, value=1.0 - self.rho)
        roots = torch._foreach_add(squares, self.epsilon if self.momentum else 0.0)
        if self.centered:
            means = bucket.slots["mg"]
            torch._foreach_lerp_(means, grads, 1.0 - self.rho)
            torch._foreach_addcmul_(roots, means, means, value=-1.0)
        torch._foreach_sqrt_(roots)
        if not self.momentum:
            torch._foreach_add_(roots, self.epsilon)
            torch._foreach_addcdiv_(bucket.params, grads, roots, value=-lr)
            return
        moments = bucket.slots["momentum"]
        torch._foreach_mul_(moments, self.momentum)
        torch._foreach_addcdiv_(moments, grads, roots, value=lr)
        torch._foreach_sub_(bucket.params, moments)

    def get_config(self) -> dict:
        return self._rule_config("rho", "momentum", "epsilon", "centered")
