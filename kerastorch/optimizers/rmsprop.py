"""RMSprop: steps divided by a running root mean square of the gradients."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket, Plan


@registry.builtin("keras.optimizers", "rmsprop")
class RMSprop(Optimizer):
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
        self.centered = centered

    @property
    def _in_blocks(self) -> bool:
        return bool(self.momentum or self.centered)

    def _create_slots(self, variables: list[Any]) -> None:
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum else []
        self._average_gradients = (
            self.add_optimizer_variables(variables, "average_gradient") if self.centered else []
        )

    # torch has no fused RMSprop, but its fused Adam without the first moment and without bias correction computes
    # lr * g / sqrt(v). The velocities are therefore kept as `v + epsilon` while training, and lie in one piece of
    # memory, so that one addition before each step makes up for the decay of the epsilon in them. Whoever reads them
    # gets `v`, which is rounded; the shifted values are kept beside it and come back unless somebody has set others,
    # so that reading changes nothing.

    _shift = 0.0  # what the velocities hold beyond Keras's values at the moment: 0, or epsilon
    _exact: list[tuple[torch.Tensor, torch.Tensor]] | None = None  # each velocity shifted, and as it was read

    def _prepare(self, plan: Plan) -> None:
        for bucket in plan.buckets:
            if bucket.fused and bucket.params[0].element_size() >= 4:
                places = range(len(plan.params)) if bucket.where is None else bucket.where
                bucket.flat = _flatten([self._velocities[i] for i in places])
                for i in places:
                    plan.slots["velocity"][i] = self._velocities[i].detach()
                bucket.slots["velocity"] = [plan.slots["velocity"][i] for i in places]

    def _set_shift(self, shift: float) -> None:
        for bucket in self._whole_plan().buckets:
            if bucket.flat is not None:
                bucket.flat.add_(shift - self._shift).clamp_min_(shift)
        self._shift = shift

    def _before_training(self) -> None:
        """Shifts the velocities; those that nobody has set since they were read get back what they held."""
        pairs = zip(self._velocities, self._exact or (), strict=self._exact is not None)
        kept = [(velocity, exact) for velocity, (exact, read) in pairs if torch.equal(velocity, read)]
        self._set_shift(self.epsilon)
        for velocity, exact in kept:
            velocity.detach().copy_(exact)
        self._exact = None

    def _before_reading(self) -> None:
        if self._shift:
            shifted = [velocity.detach().clone() for velocity in self._velocities]
            self._set_shift(0.0)
            read = [velocity.detach().clone() for velocity in self._velocities]
            self._exact = list(zip(shifted, read, strict=True))

    def _exact_state(self) -> dict[str, torch.Tensor]:
        self._before_reading()
        return {f"velocity/{i}": shifted for i, (shifted, _) in enumerate(self._exact or ())}

    def _set_exact_state(self, state: dict[str, torch.Tensor]) -> None:
        shifted = [state.get(f"velocity/{i}") for i in range(len(self._velocities))]
        pairs = zip(shifted, self._velocities, strict=True)
        if all(exact is not None and exact.shape == velocity.shape for exact, velocity in pairs):
            self._before_reading()
            read = [velocity.detach().clone() for velocity in self._velocities]
            self._exact = [(exact.to(r), r) for exact, r in zip(shifted, read, strict=True)]  # type: ignore[union-attr]

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        for velocity in self._velocities if self.built else []:
            velocity.data = velocity.detach().clone()  # a copy takes no other velocities along
        self.__dict__["_plan"] = None
        return state

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        velocities = bucket.slots["velocity"]
        wide = bucket.fused and bucket.params[0].element_size() >= 4
        if self.momentum or self.centered or not wide or self.rho <= 0:
            self._before_reading()
            self._update_unfused(bucket, grads, lr)
            return
        if self._shift != self.epsilon:
            self._before_training()
        decayed = self.epsilon * (1.0 - self.rho) / self.rho
        if bucket.flat is not None:
            bucket.flat.add_(decayed)
        else:
            torch._foreach_add_(velocities, decayed)
        torch._fused_adam_(
            bucket.params,
            grads,
            grads,  # with beta1 = 0 the first moment is the gradient, which is written over itself
            velocities,
            [],
            bucket.steps,
            lr=lr,
            beta1=0.0,
            beta2=self.rho,
            weight_decay=0.0,
            eps=0.0,
            amsgrad=False,
            maximize=False,
        )

    def _update_unfused(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        velocities = bucket.slots["velocity"]
        torch._foreach_mul_(velocities, self.rho)
        torch._foreach_addcmul_(velocities, grads, grads, value=1.0 - self.rho)
        roots = torch._foreach_add(velocities, self.epsilon)
        if self.centered:
            means = bucket.slots["average_gradient"]
            torch._foreach_lerp_(means, grads, 1.0 - self.rho)
            torch._foreach_addcmul_(roots, means, means, value=-1.0)
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
