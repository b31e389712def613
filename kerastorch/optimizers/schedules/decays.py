"""Schedules that decay exponentially, in steps, by a polynomial or by the inverse of time."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers.schedules.schedule import LearningRateSchedule, check_positive


class _RateDecay(LearningRateSchedule):
    """What the exponential and the inverse-time decay share: their arguments."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "",
    ) -> None:
        check_positive(decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def _periods(self, step: float) -> float:
        periods = step / self.decay_steps
        return math.floor(periods) if self.staircase else periods

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@registry.builtin("keras.optimizers.schedules")
class ExponentialDecay(_RateDecay):
    """The rate `initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the rate has been multiplied by `decay_rate`; positive.
        decay_rate: the factor.
        staircase: whether the rate falls only once in every `decay_steps` steps.
        name: a label.

    Raises:
        InvalidArgumentError: when `decay_steps` is not positive.

    Example:
        >>> schedule = ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
        >>> round(float(schedule(20)), 6)
        0.025

    Source: `keras.optimizers.schedules.ExponentialDecay`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def _value(self, step: float) -> float:
        return self.initial_learning_rate * self.decay_rate ** self._periods(step)


@registry.builtin("keras.optimizers.schedules")
class InverseTimeDecay(_RateDecay):
    """The rate `initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps make one unit of time; positive.
        decay_rate: how fast the rate falls.
        staircase: whether the rate falls only once in every `decay_steps` steps.
        name: a label.

    Raises:
        InvalidArgumentError: when `decay_steps` is not positive.

    Example:
        >>> schedule = InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5)
        >>> round(float(schedule(2)), 6)
        0.05

    Source: `keras.optimizers.schedules.InverseTimeDecay`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def _value(self, step: float) -> float:
        return self.initial_learning_rate / (1 + self.decay_rate * self._periods(step))


@registry.builtin("keras.optimizers.schedules")
class PiecewiseConstantDecay(LearningRateSchedule):
    """A rate that is constant between given steps.

    Args:
        boundaries: the last steps of all intervals but the last one, increasing.
        values: the rate in each interval; one more than `boundaries`.
        name: a label.

    Raises:
        InvalidArgumentError: when there are not exactly one more values than boundaries.

    Example:
        >>> schedule = PiecewiseConstantDecay([2, 5], [1.0, 0.5, 0.25])
        >>> schedule([2, 3, 6])
        tensor([1.0000, 0.5000, 0.2500])

    Source: `keras.optimizers.schedules.PiecewiseConstantDecay`.
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise InvalidArgumentError(
                "The length of boundaries should be 1 less than the length of values. "
                f"Received: boundaries={boundaries} of length {len(boundaries)}, "
                f"and values={values} of length {len(values)}."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def _value(self, step: float) -> float:
        return self.values[bisect.bisect_left(self.boundaries, step)]

    def get_config(self) -> dict:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


@registry.builtin("keras.optimizers.schedules")
class PolynomialDecay(LearningRateSchedule):
    """A rate that falls from one value to another along a power of the time that is left.

    The rate is `(initial - end) * (1 - step / decay_steps) ** power + end`, and `end` after `decay_steps`.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps the fall takes; positive.
        end_learning_rate: the rate at its end.
        power: 1 is a straight line.
        cycle: whether `decay_steps` is doubled, tripled and so on to lie beyond the step, so that the rate rises again.
        name: a label.

    Raises:
        InvalidArgumentError: when `decay_steps` is not positive.

    Example:
        >>> schedule = PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)
        >>> round(float(schedule(5)), 6)
        0.05

    Source: `keras.optimizers.schedules.PolynomialDecay`.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_positive(decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def _value(self, step: float) -> float:
        decay_steps: float = self.decay_steps
        if self.cycle:
            decay_steps *= math.ceil(step / decay_steps) or 1
        else:
            step = min(step, decay_steps)
        remaining = (1.0 - step / decay_steps) ** self.power
        return (self.initial_learning_rate - self.end_learning_rate) * remaining + self.end_learning_rate

    def get_config(self) -> dict:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
