"""Schedules that follow a cosine, once or with restarts."""

from __future__ import annotations

import math

from kerastorch import registry
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule, check_positive


def _cosine(fraction: float, alpha: float, height: float = 1.0) -> float:
    """The factor that falls from `height` to `alpha` while `fraction` goes from 0 to 1."""
    return (1 - alpha) * 0.5 * height * (1.0 + math.cos(math.pi * fraction)) + alpha


@registry.builtin("keras.optimizers.schedules")
class CosineDecay(LearningRateSchedule):
    """A rate that falls along half a cosine, after an optional linear warm-up.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps the fall takes, the warm-up not counted; positive.
        alpha: the rate at the end, as a fraction of the rate from which it falls.
        name: a label.
        warmup_target: the rate at the end of the warm-up, from which it falls; None for no warm-up.
        warmup_steps: how many steps the warm-up takes.

    Raises:
        InvalidArgumentError: when `decay_steps` is not positive.

    Example:
        >>> schedule = CosineDecay(0.0, decay_steps=10, warmup_target=0.1, warmup_steps=4)
        >>> [round(float(schedule(step)), 6) for step in (0, 2, 4, 9, 14)]
        [0.0, 0.05, 0.1, 0.05, 0.0]

    Source: Loshchilov and Hutter 2016, https://arxiv.org/abs/1608.03983; `keras.optimizers.schedules.CosineDecay`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        check_positive(decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def _value(self, step: float) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return (self.warmup_target - top) * (step / self.warmup_steps) + top
            step, top = step - self.warmup_steps, self.warmup_target
        return top * _cosine(min(step, self.decay_steps) / self.decay_steps, self.alpha)

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


@registry.builtin("keras.optimizers.schedules")
class CosineDecayRestarts(LearningRateSchedule):
    """A rate that falls along half a cosine again and again.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: how many steps the first fall takes; positive.
        t_mul: how much longer each fall takes than the one before.
        m_mul: how much of the rate at its start each fall keeps for the next.
        alpha: the lowest rate, as a fraction of `initial_learning_rate`.
        name: a label.

    Raises:
        InvalidArgumentError: when `first_decay_steps` is not positive.

    Example:
        >>> schedule = CosineDecayRestarts(0.1, first_decay_steps=10, m_mul=0.5)
        >>> [round(float(schedule(step)), 6) for step in (0, 5, 10, 30)]
        [0.1, 0.05, 0.05, 0.025]

    Source: Loshchilov and Hutter 2016, https://arxiv.org/abs/1608.03983;
    `keras.optimizers.schedules.CosineDecayRestarts`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_positive(first_decay_steps=first_decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def _restarts_before(self, time: float) -> tuple[int, float]:
        """How many falls are over after `time` first falls, and which fraction of the next has passed."""
        ratio = self._t_mul
        if ratio == 1.0:
            return math.floor(time), time - math.floor(time)
        restarts = math.floor(math.log(1.0 - time * (1.0 - ratio)) / math.log(ratio))
        # The quotient of the logarithms may fall just short of a whole number where a new fall begins.
        if time >= self._start(restarts + 1):
            restarts += 1
        return restarts, (time - self._start(restarts)) / ratio**restarts

    def _start(self, restarts: int) -> float:
        return (1.0 - self._t_mul**restarts) / (1.0 - self._t_mul)

    def _value(self, step: float) -> float:
        restarts, fraction = self._restarts_before(step / self.first_decay_steps)
        return self.initial_learning_rate * _cosine(fraction, self.alpha, self._m_mul**restarts)

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
