"""Schedules of Keras 2 that fall along a line times a cosine."""

from __future__ import annotations

import math
import random

import numpy as np

from kerastorch import registry
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule, check_positive


@registry.builtin("keras.optimizers.schedules")
class LinearCosineDecay(LearningRateSchedule):
    """The rate `initial * ((alpha + line) * cosine + beta)`, where both the line and the cosine fall from 1 to 0.

    The line is `1 - step / decay_steps`, and the cosine `(1 + cos(2 pi * num_periods * step / decay_steps)) / 2`.

    Args:
        initial_learning_rate: the rate that the formula multiplies.
        decay_steps: how many steps the fall takes; positive.
        num_periods: how many periods the cosine has in that time; 0.5 for one fall.
        alpha: what is added to the line.
        beta: what is added to the product.
        name: a label; None for none.

    Raises:
        InvalidArgumentError: when `decay_steps` is not positive.

    Example:
        >>> schedule = LinearCosineDecay(0.1, decay_steps=10, beta=0.0)
        >>> [round(float(schedule(step)), 6) for step in (0, 5, 10)]
        [0.1, 0.025, 0.0]

    Source: Bello et al. 2017, https://arxiv.org/abs/1709.07417; `tf.keras.experimental.LinearCosineDecay`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        num_periods: float = 0.5,
        alpha: float = 0.0,
        beta: float = 0.001,
        name: str | None = None,
    ) -> None:
        check_positive(decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.num_periods = num_periods
        self.alpha = alpha
        self.beta = beta
        self.name = name

    def _noise(self, step: float) -> float:
        """What is added to the line at a step."""
        return 0.0

    def _value(self, step: float) -> float:
        step = min(step, self.decay_steps)
        fraction = step / self.decay_steps
        cosine = 0.5 * (1.0 + math.cos(2.0 * math.pi * self.num_periods * fraction))
        line = 1.0 - fraction + self._noise(step)
        return self.initial_learning_rate * ((self.alpha + line) * cosine + self.beta)

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "num_periods": self.num_periods,
            "alpha": self.alpha,
            "beta": self.beta,
            "name": self.name,
        }


@registry.builtin("keras.optimizers.schedules")
class NoisyLinearCosineDecay(LinearCosineDecay):
    """A `LinearCosineDecay` whose line is noisy: a normal number of variance `initial / (1 + step)**decay` is added.

    The noise of a step is the same whenever the rate of that step is asked for.

    Args:
        initial_learning_rate: the rate that the formula multiplies.
        decay_steps: how many steps the fall takes; positive.
        initial_variance: the variance of the noise at step 0.
        variance_decay: how fast the variance falls.
        num_periods: how many periods the cosine has in that time; 0.5 for one fall.
        alpha: what is added to the line.
        beta: what is added to the product.
        seed: an integer for the noise; None draws one.
        name: a label; None for none.

    Raises:
        InvalidArgumentError: when `decay_steps` is not positive.

    Example:
        >>> schedule = NoisyLinearCosineDecay(0.1, decay_steps=10, seed=1)
        >>> float(schedule(3)) == float(schedule(3)) != float(schedule(4))
        True

    Source: Bello et al. 2017, https://arxiv.org/abs/1709.07417; `tf.keras.experimental.NoisyLinearCosineDecay`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        initial_variance: float = 1.0,
        variance_decay: float = 0.55,
        num_periods: float = 0.5,
        alpha: float = 0.0,
        beta: float = 0.001,
        seed: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, num_periods, alpha, beta, name)
        self.initial_variance = initial_variance
        self.variance_decay = variance_decay
        self.seed = seed
        self._own_seed = random.getrandbits(32) if seed is None else seed

    def _noise(self, step: float) -> float:
        deviation = math.sqrt(self.initial_variance / (1.0 + step) ** self.variance_decay)
        return deviation * np.random.default_rng([self._own_seed, int(step)]).standard_normal()

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "initial_variance": self.initial_variance,
            "variance_decay": self.variance_decay,
            "seed": self.seed,
        }
