"""Counting training steps for callbacks that do something every so many of them."""

from __future__ import annotations

from typing import Any

from kerastorch.errors import InvalidArgumentError


class StepCounter:
    """Says at which steps a callback is due; with `steps_per_execution=n` only every n-th step is heard of.

    Args:
        save_freq: a positive number of steps; `"epoch"` and False are never due.

    Raises:
        InvalidArgumentError: when it is something else.

    Example:
        >>> counter = StepCounter(3)
        >>> counter.begin_epoch()
        >>> [counter.is_due(step) for step in (0, 1, 2, 3)]
        [False, False, True, False]
        >>> counter.begin_epoch()
        >>> counter.is_due(1)
        True
    """

    def __init__(self, save_freq: Any) -> None:
        self._every: int | None = None
        if isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0:
            self._every = save_freq
        elif save_freq is not False and save_freq != "epoch":
            raise InvalidArgumentError(
                f"Unrecognized save_freq: {save_freq!r}. Expected save_freq are 'epoch' or integer values from 1 on."
            )
        self._since = 0  # steps since it was last due
        self._last = -1

    def begin_epoch(self, first: int = 0) -> None:
        """Tells with which number the steps begin again.

        Args:
            first: the number of the epoch's first step. Default: 0.
        """
        self._last = first - 1

    def is_due(self, step: int) -> bool:
        """Returns whether enough steps have been done.

        Args:
            step: the number of the last step that is done, from 0 in each epoch.
        """
        if self._every is None:
            return False
        self._since += step - self._last
        self._last = step
        if self._since < self._every:
            return False
        self._since = 0
        return True
