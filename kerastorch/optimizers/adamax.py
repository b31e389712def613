"""Adamax: Adam with the largest gradient in place of the mean square."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket


@registry.builtin("keras.optimizers", "adamax")
class Adamax(Optimizer):
    """Adamax: `w -= lr / (1 - beta_1**t) * m / (u + epsilon)` with `u = max(beta_2 * u, |g|)`.

    `m` is a running mean of the gradients.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the factor by which the largest gradient so far shrinks.
        epsilon: what is added to it; None takes `config.epsilon()`.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adamax(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: Kingma and Ba 2014, section 7, https://arxiv.org/abs/1412.6980; `keras.optimizers.Adamax`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
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
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = config.epsilon() if epsilon is None else epsilon

    _in_blocks = True

    def _create_slots(self, variables: list[Any]) -> None:
        self._m, self._u = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        means, norms = bucket.slots["momentum"], bucket.slots["norm"]
        rate = lr / (1.0 - self.beta_1 ** (self._updates_taken() + 1))
        torch._foreach_lerp_(means, grads, 1.0 - self.beta_1)
        torch._foreach_mul_(norms, self.beta_2)
        torch._foreach_maximum_(norms, torch._foreach_abs(grads))
        torch._foreach_addcdiv_(bucket.params, means, torch._foreach_add(norms, self.epsilon), value=-rate)

    def get_config(self) -> dict:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
