"""AdamW: Adam with decoupled weight decay."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.adam import Adam


@registry.builtin("keras.optimizers", "adamw")
class AdamW(Adam):
    """Adam whose variables shrink by `weight_decay * lr` before each update.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        weight_decay: the fraction, times the learning rate, by which variables shrink at each step.
        beta_1: the share of the old mean of gradients in the new one.
        beta_2: the share of the old mean of squares in the new one.
        epsilon: what is added to the root of the mean square; None takes `config.epsilon()`.
        amsgrad: whether the largest mean square so far takes the place of the present one.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name, kwargs: as in `Optimizer`.

    Raises:
        InvalidArgumentError: when an argument is out of range, or `weight_decay` is None.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> import torch
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> AdamW(0.1, weight_decay=0.5).apply([torch.tensor([1.0, -1.0])], [weight])
        >>> weight.data
        tensor([0.8500, 2.0000])

    Source: Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101; `keras.optimizers.AdamW`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float | None = 1e-7,
        amsgrad: bool = False,
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
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
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
        if self.weight_decay is None:
            raise InvalidArgumentError("Argument `weight_decay` must be a float. Received: weight_decay=None")
