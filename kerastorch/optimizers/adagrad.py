"""Adagrad: steps divided by the root of the sum of all squared gradients."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket
from kerastorch.optimizers.shifted import ShiftedMixin


@registry.builtin("keras.optimizers", "adagrad")
class Adagrad(ShiftedMixin, Optimizer):
    """Adagrad: `a += g**2; w -= lr * g / sqrt(a + epsilon)`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        initial_accumulator_value: the sum to start with.
        epsilon: what is added to the sum before its root is taken; None takes `config.epsilon()`.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adagrad(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9047, 2.0953])

    Source: Duchi, Hazan and Singer 2011, JMLR 12; `keras.optimizers.Adagrad`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float | None = 1e-7,
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
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    _in_blocks = True
    _reformed_slot = "accumulator"

    def _create_slots(self, variables: list[Any]) -> None:
        start = float(self.initial_accumulator_value)
        self._accumulators = self.add_optimizer_variables(variables, "accumulator", start)

    def _shifts(self, bucket: Bucket) -> bool:
        return super()._shifts(bucket) and bucket.params[0].device.type == "cpu"

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        sums = bucket.slots["accumulator"]
        if self._shifts(bucket):
            self._before_kernel(self.epsilon)
            torch._fused_adagrad_(
                bucket.params,
                bucket.as_in_memory(grads),
                sums,
                bucket.steps,
                lr=lr,
                lr_decay=0.0,
                weight_decay=0.0,
                eps=0.0,
                maximize=False,
            )
            return
        self._before_reading()
        torch._foreach_addcmul_(sums, grads, grads)
        roots = torch._foreach_add(sums, self.epsilon)
        torch._foreach_sqrt_(roots)
        torch._foreach_addcdiv_(bucket.params, grads, roots, value=-lr)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
