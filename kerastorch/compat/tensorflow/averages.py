"""`tf.train.ExponentialMovingAverage`: slowly following copies of variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError


class ExponentialMovingAverage:
    """Keeps averages of variables that follow them slowly.

    Args:
        decay: how much of the old average stays, from 0 to 1.
        num_updates: number of updates so far; it makes early averages follow faster. Default: None.
        zero_debias: whether averages begin at 0 and are corrected for it. Default: False.
        name: has no effect.

    Example:
        >>> from kerastorch.compat.tensorflow.variables import Variable
        >>> weight = Variable(0.0)
        >>> ema = ExponentialMovingAverage(decay=0.9)
        >>> ema.apply([weight])
        >>> _ = weight.assign(10.0)
        >>> ema.apply([weight])
        >>> ema.average(weight)
        tensor(1.)

    Source: `tf.train.ExponentialMovingAverage`
    """

    def __init__(
        self,
        decay: float,
        num_updates: int | None = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay, self._num_updates, self._zero_debias, self.name = decay, num_updates, zero_debias, name
        self._averages: dict[int, tuple[Any, torch.Tensor, int]] = {}

    def apply(self, var_list: Iterable[torch.Tensor]) -> None:
        """Moves the averages towards the variables; the first call takes their values.

        Args:
            var_list: the variables.
        """
        decay = self._decay
        if self._num_updates is not None:
            decay = min(decay, (1 + self._num_updates) / (10 + self._num_updates))
        for variable in var_list:
            now = variable.detach()
            start = torch.zeros_like(now) if self._zero_debias else now.clone()
            known, average, count = self._averages.get(id(variable), (variable, start, 0))
            average.lerp_(now, 1 - decay)
            self._averages[id(variable)] = (known, average, count + 1)

    def average(self, var: torch.Tensor) -> torch.Tensor:
        """Returns the average of a variable.

        Args:
            var: the variable.

        Raises:
            InvalidArgumentError: when `apply` has not seen it.
        """
        if id(var) not in self._averages:
            raise InvalidArgumentError("`apply` has not been called for this variable.")
        _, average, count = self._averages[id(var)]
        return average / (1 - self._decay**count) if self._zero_debias else average
