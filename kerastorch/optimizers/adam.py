"""Adam: steps from running means of the gradients and of their squares."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.kernels import fused_adam, move_means
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket
from kerastorch.optimizers.powers import one_minus_power


@registry.builtin("keras.optimizers", "adam")
class Adam(Optimizer):
    """Adam: `w -= alpha * m / (sqrt(v) + epsilon)` with `alpha = lr * sqrt(1 - beta_2**t) / (1 - beta_1**t)`.

    `m` and `v` are running means of the gradients and of their squares.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the share of the old mean of squares in the new one.
        epsilon: what is added to the root of the mean square; None takes `config.epsilon()`.
        amsgrad: whether the largest mean square so far takes the place of the present one.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Adam(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: Kingma and Ba 2014, https://arxiv.org/abs/1412.6980; `keras.optimizers.Adam`; `torch._fused_adam_`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    _fuses_weight_decay = True

    def _create_slots(self, variables: list[Any]) -> None:
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        update_adam(
            bucket,
            grads,
            bias_corrected(lr, self.beta_1, self.beta_2, self._updates_taken() + 1, bucket.params[0].dtype),
            (self.beta_1, self.beta_2),
            self.epsilon,
            shrink=self.weight_decay * lr if bucket.decays else 0.0,
            amsgrad=self.amsgrad,
        )

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


def bias_corrected(lr: float, beta_1: float, beta_2: float, step: int, dtype: torch.dtype) -> float:
    """Adam's rate at a step, which makes up for means that began at zero."""
    root = math.sqrt(one_minus_power(beta_2, step, dtype))
    return lr * root / one_minus_power(beta_1, step, dtype)


def update_adam(
    bucket: Bucket,
    grads: list[torch.Tensor],
    alpha: float,
    betas: tuple[float, float],
    epsilon: float,
    shrink: float = 0.0,
    amsgrad: bool = False,
) -> None:
    """Takes a step of Adam for variables with slots "momentum" and "velocity".

    Args:
        bucket: the variables.
        grads: their gradients.
        alpha: the rate after its bias correction.
        betas: the shares of the old means in the new ones.
        epsilon: what is added to the root of the mean square.
        shrink: the fraction that the variables lose first.
        amsgrad: whether the largest mean square so far counts, in the slot "velocity_hat".
    """
    slots = bucket.slots
    hats = slots["velocity_hat"] if amsgrad else []
    if not bucket.fused or not alpha > 0:
        _update_unfused(bucket, grads, alpha, betas, epsilon, shrink, hats)
        return
    fused_adam(
        bucket,
        bucket.params,
        grads,
        slots["momentum"],
        slots["velocity"],
        lr=alpha,
        beta_1=betas[0],
        beta_2=betas[1],
        epsilon=epsilon,
        shrink=shrink,
        hats=hats,
    )


def _update_unfused(
    bucket: Bucket,
    grads: list[torch.Tensor],
    alpha: float,
    betas: tuple[float, float],
    epsilon: float,
    shrink: float,
    hats: list[torch.Tensor],
) -> None:
    means, squares = bucket.slots["momentum"], bucket.slots["velocity"]
    if shrink:
        torch._foreach_mul_(bucket.params, 1.0 - shrink)
    move_means(bucket, grads, means, squares, *betas)
    if hats:
        torch._foreach_maximum_(hats, squares)
    roots = torch._foreach_sqrt(hats or squares)
    torch._foreach_add_(roots, epsilon)
    torch._foreach_addcdiv_(bucket.params, means, roots, value=-alpha)
