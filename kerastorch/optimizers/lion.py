"""Lion: steps of one size, in the direction of the sign of a running mean."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket


@registry.builtin("keras.optimizers", "lion")
class Lion(Optimizer):
    """Lion: `w -= lr * sign(beta_1 * m + (1 - beta_1) * g); m = beta_2 * m + (1 - beta_2) * g`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: the share of the running mean in the direction, above 0 and at most 1.
        beta_2: the share of the old running mean in the new one.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Lion(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: Chen et al. 2023, https://arxiv.org/abs/2302.06675; `keras.optimizers.Lion`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        if not 0 < beta_1 <= 1:
            raise InvalidArgumentError(
                "Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer degenerates to SignSGD. "
                f"Received: beta_1={beta_1}."
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    _in_blocks = True

    def _create_slots(self, variables: list[Any]) -> None:
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        means = bucket.slots["momentum"]
        directions = torch._foreach_lerp(means, grads, 1.0 - self.beta_1)
        torch._foreach_sign_(directions)
        torch._foreach_add_(bucket.params, directions, alpha=-lr)
        torch._foreach_lerp_(means, grads, 1.0 - self.beta_2)

    def get_config(self) -> dict:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
