"""Nadam: Adam with Nesterov's momentum."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.dtypes import torch_dtype
from kerastorch.optimizers.kernels import ALL, fused_adam, move_means
from kerastorch.optimizers.learning_rate import host_variable
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket, Plan
from kerastorch.optimizers.powers import one_minus_power


@registry.builtin("keras.optimizers", "nadam")
class Nadam(Optimizer):
    """Adam whose mean of gradients looks one step ahead, as Nesterov's momentum does.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the share of the old mean of squares in the new one.
        epsilon: what is added to the root of the mean square; None takes `config.epsilon()`.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Nadam(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.8937, 2.1063])

    Source: Dozat 2015, http://cs229.stanford.edu/proj2015/054_report.pdf; `keras.optimizers.Nadam`.
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
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        # The product of the momentum coefficients so far; it is read at every step, hence on the host.
        self._u_product = host_variable(1.0, torch_dtype(None), "u_product", self.name)

    def _coefficient(self, step: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * 0.96**step)

    def _update_buckets(self, plan: Plan, grads: Any, rate: float) -> None:
        self._u_product.mul_(self._coefficient(self._updates_taken() + 1))
        super()._update_buckets(plan, grads, rate)

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        step = self._updates_taken() + 1
        now, ahead = self._coefficient(step), self._coefficient(step + 1)
        product = float(self._u_product)
        means, squares = bucket.slots["momentum"], bucket.slots["velocity"]
        root = math.sqrt(one_minus_power(self.beta_2, step, squares[0].dtype))
        rate_of_mean = lr * ahead / (1.0 - product * ahead) * root
        rate_of_grad = lr * (1.0 - now) / (1.0 - product) * root
        params = bucket.params
        epsilon = max(self.epsilon * root, torch.finfo(params[0].dtype).tiny)  # float16 has no 1e-8
        if bucket.fused and params[0].device.type == "cpu":
            betas = {"beta_1": self.beta_1, "beta_2": self.beta_2}
            fused_adam(bucket, params, grads, means, squares, lr=rate_of_mean, epsilon=epsilon, **betas)
            betas = {"beta_1": 0.0, "beta_2": ALL}
            fused_adam(bucket, params, grads, grads, squares, lr=rate_of_grad, epsilon=epsilon, **betas)
            return
        move_means(bucket, grads, means, squares, self.beta_1, self.beta_2)
        roots = torch._foreach_sqrt(squares)
        torch._foreach_add_(roots, epsilon)
        torch._foreach_addcdiv_(params, means, roots, value=-rate_of_mean)
        torch._foreach_addcdiv_(params, grads, roots, value=-rate_of_grad)

    def get_config(self) -> dict:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
