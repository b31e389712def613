"""FTRL: follow the regularized leader, for large sparse linear models."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket


@registry.builtin("keras.optimizers", "ftrl")
class Ftrl(Optimizer):
    """FTRL ("follow the regularized leader"): each step minimises all linearised losses so far, with penalties.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        learning_rate_power: how the rate falls with the sum of squares, at most 0; 0 keeps it.
        initial_accumulator_value: the sum of squares to start with, at least 0.
        l1_regularization_strength: the weight of the absolute values in the objective, at least 0.
        l2_regularization_strength: the weight of the squares in the objective, at least 0.
        l2_shrinkage_regularization_strength: the weight of the squares in the loss, at least 0.
        beta: what is added to the root of the sum of squares in the rate.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Ftrl(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.6031, 1.4923])

    Source: McMahan et al. 2013, https://research.google.com/pubs/archive/41159.pdf; `keras.optimizers.Ftrl`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        _check_at_least_zero(
            initial_accumulator_value=initial_accumulator_value,
            l1_regularization_strength=l1_regularization_strength,
            l2_regularization_strength=l2_regularization_strength,
            l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
        )
        if learning_rate_power > 0.0:
            raise InvalidArgumentError(
                "`learning_rate_power` needs to be negative or zero. "
                f"Received: learning_rate_power={learning_rate_power}."
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    _in_blocks = True

    def _create_slots(self, variables: list[Any]) -> None:
        start = float(self.initial_accumulator_value)
        self._accumulators, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], [start, "zeros"]
        )

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        params, sums, linears = bucket.params, bucket.slots["accumulator"], bucket.slots["linear"]
        power = -self.learning_rate_power
        old = torch._foreach_pow(sums, power)
        torch._foreach_addcmul_(sums, grads, grads)
        new = torch._foreach_pow(sums, power)
        torch._foreach_add_(linears, grads)
        if self.l2_shrinkage_regularization_strength:
            torch._foreach_add_(linears, params, alpha=2.0 * self.l2_shrinkage_regularization_strength)
        torch._foreach_addcmul_(linears, torch._foreach_sub(new, old), params, value=-1.0 / lr)
        torch._foreach_div_(new, lr)
        torch._foreach_add_(new, 2.0 * (self.l2_regularization_strength + self.beta / (2.0 * lr)))
        limit = self.l1_regularization_strength
        clipped = torch._foreach_clamp_min(torch._foreach_clamp_max(linears, limit), -limit)
        torch._foreach_sub_(clipped, linears)
        torch._foreach_copy_(params, torch._foreach_div(clipped, new))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }


def _check_at_least_zero(**values: float) -> None:
    for name, value in values.items():
        if value < 0.0:
            raise InvalidArgumentError(f"`{name}` needs to be positive or zero. Received: {name}={value}.")
