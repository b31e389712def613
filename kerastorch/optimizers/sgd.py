"""Gradient descent, with or without momentum."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket
from kerastorch.optimizers.reformed import ReformedMixin

Rates = tuple[tuple[int, float], ...]  # the learning rate of each group of variables
_LEAST = 1e-20  # of the learning rates that momentums can be divided by


@registry.builtin("keras.optimizers", "sgd")
class SGD(ReformedMixin, Optimizer):
    """Gradient descent with momentum: `m = momentum * m - lr * g; w += m`.

    With `nesterov` the variable moves by `momentum * m - lr * g`; without momentum by `-lr * g`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        momentum: the share of the last step in the next, between 0 and 1.
        nesterov: whether to look one step of the momentum ahead.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> SGD(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 2.1000])

    Source: `keras.optimizers.SGD`; `torch._fused_sgd_`, where its signs are turned to give the formula above.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        if not 0 <= momentum <= 1:
            raise InvalidArgumentError(
                f"`momentum` must be a float between [0, 1]. Received: momentum={momentum}"
            )
        self.momentum = momentum
        self.nesterov = nesterov

    _reformed_slot = "momentum"

    def _create_slots(self, variables: list[Any]) -> None:
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum else []

    @property
    def momentums(self) -> list[Any]:
        """The momentum `m` of each variable, an empty list without momentum."""
        self._before_reading()
        return self._momentums

    def _fits_kernel(self, bucket: Bucket) -> bool:
        # torch 2.13 computes wrong values for 16-bit types in the kernel for CPUs.
        return bucket.fused and bucket.params[0].element_size() >= 4

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        params, mu = bucket.params, self.momentum
        moments = bucket.slots["momentum"] if mu else []
        if not self._fits_kernel(bucket):
            self._update_unfused(params, grads, moments, lr)
            return
        if mu and self.nesterov:
            self._look_ahead(bucket, grads, lr)
            return
        # With a rate of -1 and a dampening of 1 + lr, the kernel's buffer is Keras's `m`.
        torch._fused_sgd_(
            params,
            bucket.as_in_memory(grads),
            moments,
            weight_decay=0.0,
            momentum=mu,
            lr=-1.0 if mu else lr,
            dampening=1.0 + lr if mu else 0.0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
        )

    def _look_ahead(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        """Nesterov's update by the kernel, whose buffer is `-m / lr`."""
        if not lr > _LEAST:
            self._before_reading()
            self._update_unfused(bucket.params, grads, bucket.slots["momentum"], lr)
            return
        rates = dict(self._form or ())
        if rates.get(bucket.group) != lr:
            self._before_kernel(tuple(sorted({**rates, bucket.group: lr}.items())))
        torch._fused_sgd_(
            bucket.params,
            bucket.as_in_memory(grads),
            bucket.slots["momentum"],
            weight_decay=0.0,
            momentum=self.momentum,
            lr=lr,
            dampening=0.0,
            nesterov=True,
            maximize=False,
            is_first_step=False,
        )

    def _reform(self, old: Rates | None, new: Rates | None) -> None:
        """Multiplies the momentums of each group of variables, which are divided by their rates."""
        before, after = dict(old or ()), dict(new or ())
        for bucket in self._whole_plan().buckets:
            factor = -before.get(bucket.group, -1.0) / -after.get(bucket.group, -1.0)
            if factor != 1.0 and self._fits_kernel(bucket):
                torch._foreach_mul_(bucket.slots["momentum"], factor)

    def _update_unfused(self, params: list, grads: list, moments: list, lr: float) -> None:
        if not self.momentum:
            torch._foreach_add_(params, grads, alpha=-lr)
            return
        torch._foreach_mul_(moments, self.momentum)
        torch._foreach_add_(moments, grads, alpha=-lr)
        if self.nesterov:
            torch._foreach_add_(params, grads, alpha=-lr)
        torch._foreach_add_(params, moments, alpha=self.momentum if self.nesterov else 1.0)

    def get_config(self) -> dict:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
