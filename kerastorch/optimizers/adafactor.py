"""Adafactor: adaptive steps from the row and column means of the squared gradients."""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import registry
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket, Tensors


@registry.builtin("keras.optimizers", "adafactor")
class Adafactor(Optimizer):
    """Adafactor: steps relative to the size of the variable, `w -= max(epsilon_2, rms(w)) * rate * u`.

    `rate` is the smaller one of the learning rate and `1 / sqrt(step)`. `u` is `g / sqrt(v)`, scaled down to a root
    mean square of at most `clip_threshold`. For matrices, and for all that has more axes, `v` is the product of two
    running means of `g**2 + epsilon_1`, over the last axis and over the one before it.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        beta_2_decay: the power of the step that is the weight of the newest squares in their mean, below 0.
        epsilon_1: what is added to the squares of the gradients.
        epsilon_2: the least size that a variable counts with.
        clip_threshold: the largest root mean square of `u`.
        relative_step: whether a constant learning rate falls with the step; `rate` does so in any case, as in Keras.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency,
            loss_scale_factor, gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 1.0]))
        >>> Adafactor(0.1).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 1.1000])

    Source: Shazeer and Stern 2018, https://arxiv.org/abs/1804.04235; `keras.optimizers.Adafactor`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def _create_slots(self, variables: list[Any]) -> None:
        self._r, self._c, self._v = [], [], []
        for i, variable in enumerate(variables):
            rows, columns = _means_of(variable)
            name = getattr(variable, "name", None) or f"variable_{i}"
            self._r.append(self._add_slot("row", variable, rows, name))
            self._c.append(self._add_slot("column", variable, columns, name))
            self._v.append(self.add_variable_from_reference(variable, "velocity"))

    def _kind(self, variable: Any) -> bool:
        return variable.ndim >= 2

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        step = self._updates_taken() + 1
        rate = min(lr, 1.0 / math.sqrt(step))
        params, squares = bucket.params, bucket.slots["velocity"]
        epsilon = max(self.epsilon_1, torch.finfo(params[0].dtype).tiny)
        newest = float(step) ** self.beta_2_decay
        if bucket.kind:
            _update_factored(bucket, grads, newest, epsilon)
        else:
            torch._foreach_mul_(squares, 1.0 - newest)
            torch._foreach_addcmul_(squares, grads, grads, value=newest)
            torch._foreach_add_(squares, newest * epsilon)
        updates = torch._foreach_rsqrt(squares)
        torch._foreach_mul_(updates, grads)
        sizes = _root_mean_squares(params).clamp_min_(self.epsilon_2)
        excess = (_root_mean_squares(updates) / self.clip_threshold).clamp_min_(1.0)
        torch._foreach_addcmul_(params, updates, list((sizes / excess).unbind()), value=-rate)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _means_of(variable: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Zeros for the means over the last axis and over the one before it; mere placeholders for vectors."""
    if variable.ndim < 2:
        return torch.tensor(0, dtype=torch.int32), torch.tensor(0, dtype=torch.int32)
    zeros = torch.zeros_like(variable, requires_grad=False)
    return zeros.sum(-1), zeros.sum(-2)


def _update_factored(bucket: Bucket, grads: list[torch.Tensor], newest: float, epsilon: float) -> None:
    """Moves the means of rows and columns, and sets the mean squares to what follows from them."""
    slots = bucket.slots
    matrices = zip(grads, slots["row"], slots["column"], slots["velocity"], strict=True)
    for grad, rows, columns, squares in matrices:
        torch.mul(grad, grad, out=squares)
        rows.lerp_(squares.mean(-1).add_(epsilon), newest)
        columns.lerp_(squares.mean(-2).add_(epsilon), newest)
        scaled = rows / rows.mean(-1, keepdim=True)
        torch.mul(scaled.unsqueeze(-1), columns.unsqueeze(-2), out=squares)


def _root_mean_squares(tensors: Tensors) -> torch.Tensor:
    norms = torch._foreach_norm(tensors)
    return torch.stack(torch._foreach_div(norms, [math.sqrt(max(t.numel(), 1)) for t in tensors]))
