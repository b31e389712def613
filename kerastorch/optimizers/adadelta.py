"""Adadelta: steps as large as the steps before, for gradients as large as those before."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket


@registry.builtin("keras.optimizers", "adadelta")
class Adadelta(Optimizer):
    """Adadelta: `d = g * sqrt(x + epsilon) / sqrt(v + epsilon); w -= lr * d`.

    `v` and `x` are running means of `g**2` and `d**2`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        rho: the share of the old means in the new ones.
        epsilon: what is added to the mean squares before their roots are taken; None takes `config.epsilon()`.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adadelta(100.0).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.8586, 2.1414])

    Source: Zeiler 2012, https://arxiv.org/abs/1212.5701; `keras.optimizers.Adadelta`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
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
        self.rho = rho
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    _in_blocks = True

    def _create_slots(self, variables: list[Any]) -> None:
        self._accumulated_grads, self._accumulated_delta_vars = self.add_optimizer_variables(
            variables, ["accumulated_grad", "accumulated_delta_var"]
        )

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        squares, moved = bucket.slots["accumulated_grad"], bucket.slots["accumulated_delta_var"]
        torch._foreach_mul_(squares, self.rho)
        torch._foreach_addcmul_(squares, grads, grads, value=1.0 - self.rho)
        deltas = torch._foreach_add(moved, self.epsilon)
        torch._foreach_div_(deltas, torch._foreach_add(squares, self.epsilon))
        torch._foreach_sqrt_(deltas)
        torch._foreach_mul_(deltas, grads)
        torch._foreach_mul_(moved, self.rho)
        torch._foreach_addcmul_(moved, deltas, deltas, value=1.0 - self.rho)
        torch._foreach_add_(bucket.params, deltas, alpha=-lr)

    def get_config(self) -> dict:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
