"""ScheduleFreeAdamW: the average of a path of Adam's steps, in place of a falling learning rate."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.kernels import fused_adam
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket
from kerastorch.optimizers.powers import one_minus_power


@registry.builtin("keras.optimizers", "schedulefreeadamw")
class ScheduleFreeAdamW(Optimizer):
    """Schedule-free AdamW: `z -= lr * g / (sqrt(v) + epsilon)`, and the variables are the average of all `z`.

    `v` is a running mean of squares without its bias; `z` is kept under the name `momentum`. In the paper the
    gradients are taken between that average and `z`. Keras means to follow it, but reads `z` after it has changed (on
    torch and on TensorFlow), which leaves the average whatever `beta_1` is. The numbers here are Keras's.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: has no effect, see above; kept for configs.
        beta_2: the share of the old mean of squares in the new one.
        epsilon: what is added to the root of the mean square; None takes `config.epsilon()`.
        warmup_steps: the number of steps over which the rate of `z` rises linearly to `learning_rate`.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> ScheduleFreeAdamW(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: Defazio et al. 2024, https://arxiv.org/abs/2405.15682; `keras.optimizers.ScheduleFreeAdamW`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-8,
        warmup_steps: int = 0,
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
        self.warmup_steps = warmup_steps

    _in_blocks = True

    def _create_slots(self, variables: list[Any]) -> None:
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        for path, variable in zip(self._momentums, variables, strict=True):
            self.assign(path, variable)

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        step = self._updates_taken() + 1
        dtype = bucket.params[0].dtype
        root = math.sqrt(one_minus_power(self.beta_2, step, dtype))
        rate = lr * root * (min(step / self.warmup_steps, 1.0) if self.warmup_steps > 0 else 1.0)
        params, path, squares = bucket.params, bucket.slots["momentum"], bucket.slots["velocity"]
        share = one_minus_power(self.beta_2, 1, dtype)
        epsilon = max(self.epsilon * root, torch.finfo(dtype).tiny)  # float16 has no 1e-8
        if bucket.fused:
            fused_adam(
                bucket, path, grads, grads, squares, lr=rate, beta_1=0.0, beta_2=1.0 - share, epsilon=epsilon
            )
        else:
            torch._foreach_mul_(squares, 1.0 - share)
            torch._foreach_addcmul_(squares, grads, grads, value=share)
            roots = torch._foreach_sqrt(squares)
            torch._foreach_add_(roots, epsilon)
            torch._foreach_addcdiv_(path, grads, roots, value=-rate)
        torch._foreach_lerp_(params, path, 1.0 / step)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "warmup_steps": self.warmup_steps,
        }
