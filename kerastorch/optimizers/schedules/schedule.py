"""The base class of learning-rate schedules."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError


class LearningRateSchedule:
    """A learning rate that depends on the number of steps taken.

    Give an instance to an optimizer as its `learning_rate`. A subclass overrides `__call__(step)`, which takes the
    step as a scalar integer tensor on the host and returns a number or a scalar tensor, and `get_config()`.

    The built-in schedules override `_value(step)` instead, which is plain arithmetic on Python numbers, so that the
    optimizer can ask for the rate at every step without making a tensor.

    Raises:
        InvalidArgumentError: when it is called, or its config is asked for, and the subclass does not say how.

    Example:
        >>> class Inverse(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 / (step + 1)
        >>> Inverse()(4)
        0.02

    Source: `keras.optimizers.schedules.LearningRateSchedule`.
    """

    def __call__(self, step: Any) -> Any:
        """Returns the learning rate at a step, a float tensor on the host with the shape of `step`.

        Args:
            step: the number of steps taken so far: a number, or a tensor or array of numbers.
        """
        steps = torch.as_tensor(step)
        rates = [float(self._value(one)) for one in steps.flatten().tolist()]
        return torch.tensor(rates, dtype=torch_dtype(None)).reshape(steps.shape)

    def _value(self, step: float) -> float:
        raise InvalidArgumentError(
            f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`."
        )

    def get_config(self) -> dict:
        """Returns the arguments of the constructor."""
        raise InvalidArgumentError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in order to be serializable."
        )

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Returns a schedule made from what `get_config` returned."""
        return cls(**config)


def check_positive(**values: float) -> None:
    """Checks that arguments are greater than zero.

    Raises:
        InvalidArgumentError: for the first that is not.
    """
    for name, value in values.items():
        if value <= 0:
            raise InvalidArgumentError(f"Argument `{name}` must be > 0. Received: {name}={value}")
