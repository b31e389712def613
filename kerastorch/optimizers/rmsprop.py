"""RMSprop: steps divided by a running root mean square of the gradients."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.kernels import fused_adam, move_means
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket, Plan
from kerastorch.optimizers.shifted import ShiftedMixin


@registry.builtin("keras.optimizers", "rmsprop")
class RMSprop(ShiftedMixin, Optimizer):
    """RMSprop: `v = rho * v + (1 - rho) * g**2; w -= lr * g / sqrt(v + epsilon)`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        rho: the share of the old mean square in the new one.
        momentum: the share of the last step in the next.
        epsilon: what is added to the mean square before its root is taken; None takes `config.epsilon()`.
        centered: whether the mean square is taken around the running mean, which makes it a variance.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> RMSprop(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.6838, 2.3162])

    Source: Tieleman and Hinton 2012, lecture 6.5; `keras.optimizers.RMSprop`; `torch._fused_adam_`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float | None = 1e-7,
        centered: bool = False,
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
        self.momentum = momentum
        self.epsilon = config.epsilon() if epsilon is None else epsilon
        self.centered = self._in_blocks = centered

    def _create_slots(self, variables: list[Any]) -> None:
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum else []
        self._average_gradients = (
            self.add_optimizer_variables(variables, "average_gradient") if self.centered else []
        )

    # torch has no fused RMSprop, but its fused Adam without the first moment and without bias correction computes
    # lr * g / sqrt(v). The shifted velocities lie in one piece of memory, so that one addition before each step makes
    # up for the decay of the epsilon in them.

    _reformed_slot = "velocity"

    def _shifts(self, bucket: Bucket) -> bool:
        return super()._shifts(bucket) and not self.centered and self.rho > 0

    def _prepare(self, plan: Plan) -> None:
        for bucket in plan.buckets:
            if self._shifts(bucket):
                places = range(len(plan.params)) if bucket.where is None else bucket.where
                bucket.flat = _flatten([self._velocities[i] for i in places])
                for i in places:
                    plan.slots["velocity"][i] = self._velocities[i].detach()
                bucket.slots["velocity"] = [plan.slots["velocity"][i] for i in places]

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        for velocity in self._velocities if self.built else []:
            velocity.data = velocity.detach().clone()  # a copy takes no other velocities along
        self.__dict__["_plan"] = None
        return state

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        if not self._shifts(bucket):
            self._before_reading()
            self._update_by_formula(bucket, grads, lr)
            return
        self._before_kernel(self.epsilon)
        velocities = bucket.slots["velocity"]
        decayed = self.epsilon * (1.0 - self.rho) / self.rho
        if bucket.flat is not None:
            bucket.flat.add_(decayed)
        else:
            torch._foreach_add_(velocities, decayed)
        targets, rate, shrink = bucket.params, lr, 0.0
        if self.momentum:
            targets, rate, shrink = bucket.slots["momentum"], -lr, 1.0 - self.momentum
            if not lr:
                torch._foreach_mul_(targets, self.momentum)
                shrink = 0.0
        fused_adam(
            bucket,
            targets,
            grads,
            grads,
            velocities,
            lr=rate,
            beta_1=0.0,
            beta_2=self.rho,
            epsilon=0.0,
            shrink=shrink,
        )
        if self.momentum:
            torch._foreach_sub_(bucket.params, targets)

    def _update_by_formula(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        velocities = bucket.slots["velocity"]
        if self.centered:
            means = bucket.slots["average_gradient"]
            move_means(bucket, grads, means, velocities, self.rho, self.rho)
            roots = torch._foreach_add(velocities, self.epsilon)
            torch._foreach_addcmul_(roots, means, means, value=-1.0)
        else:
            torch._foreach_mul_(velocities, self.rho)
            torch._foreach_addcmul_(velocities, grads, grads, value=1.0 - self.rho)
            roots = torch._foreach_add(velocities, self.epsilon)
        torch._foreach_sqrt_(roots)
        if not self.momentum:
            torch._foreach_addcdiv_(bucket.params, grads, roots, value=-lr)
            return
        moments = bucket.slots["momentum"]
        torch._foreach_mul_(moments, self.momentum)
        torch._foreach_addcdiv_(moments, grads, roots, value=lr)
        torch._foreach_sub_(bucket.params, moments)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }


def _flatten(velocities: list[torch.Tensor]) -> torch.Tensor:
    """Moves variables of one type and device into one tensor, and returns it."""
    starts, size = [], 0
    for velocity in velocities:
        starts.append(size)
        size += -(-velocity.numel() // 16) * 16  # keeps every view aligned for wide loads
    flat = torch.zeros(size, dtype=velocities[0].dtype, device=velocities[0].device)
    for velocity, start in zip(velocities, starts, strict=True):
        view = flat.as_strided(velocity.shape, velocity.stride(), start)
        velocity.data = view.copy_(velocity)
    return flat
