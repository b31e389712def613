"""Lamb: Adam whose steps are as long, layer by layer, as the weights themselves."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.optimizers.kernels import move_means
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket, Tensors


@registry.builtin("keras.optimizers", "lamb")
class Lamb(Optimizer):
    """Lamb, for large batches: `u = m / (sqrt(v) + epsilon); w -= lr * u * norm(w) / norm(u)`.

    `m` and `v` are running means of the gradients and of their squares, without their bias. A variable with a norm
    of zero, or a step `u` with one, moves by `lr * u`.

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
        >>> weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
        >>> Lamb(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([2.6464, 4.3536])

    Source: You et al. 2019, https://arxiv.org/abs/1904.00962; `keras.optimizers.Lamb`.
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

    def _create_slots(self, variables: list[Any]) -> None:
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        step = self._updates_taken() + 1
        root = math.sqrt(1.0 - self.beta_2**step)
        correction = root / (1.0 - self.beta_1**step)
        means, squares = bucket.slots["momentum"], bucket.slots["velocity"]
        move_means(bucket, grads, means, squares, self.beta_1, self.beta_2)
        roots = torch._foreach_sqrt(squares)
        least = torch.finfo(roots[0].dtype).tiny  # float16 has no 1e-8
        torch._foreach_add_(roots, max(self.epsilon * root, least))
        updates = torch._foreach_div(means, roots)
        factors = _trust(bucket.params, updates, correction)
        torch._foreach_addcmul_(bucket.params, updates, factors, value=-lr)

    def get_config(self) -> dict:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}


def _trust(params: Tensors, updates: Tensors, otherwise: float) -> list[torch.Tensor]:
    """What to multiply each update by so that it is as long as its variable; `otherwise` where one has no length."""
    lengths = torch.stack(torch._foreach_norm(params))
    steps = torch.stack(torch._foreach_norm(updates))
    factors = torch.where((lengths > 0) & (steps > 0), lengths / steps, otherwise)
    return list(factors.unbind())
