"""The variables and updates of an optimizer's `get_updates`, a graph in Keras 1, which here runs each step.

What it makes at its first run (`K.zeros(shape)` for a moment, say) is kept, and each later run gets the same variables
in the same order. `K.update` hands back a pair, and all pairs are applied when the run has ended, so that everything is
computed from the values before the step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class _Recording(threading.local):
    """What the run of `get_updates` in this thread makes, if there is one."""

    def __init__(self) -> None:
        self._variables: list[Any] | None = None
        self._gradients: dict[int, Any] = {}
        self._count = 0

    @property
    def active(self) -> bool:
        """Whether a `get_updates` is running."""
        return self._variables is not None

    def kept(self, make: Callable[[], Any]) -> Any:
        """Returns a new variable; inside `get_updates` the one that the first run made at this point.

        Args:
            make: makes it.
        """
        if self._variables is None:
            return make()
        if self._count == len(self._variables):
            self._variables.append(make())
        self._count += 1
        return self._variables[self._count - 1]

    def gradients_of(self, variables: Iterable[Any]) -> list[Any]:
        """Returns the gradients of this step.

        Args:
            variables: variables that the step updates.
        """
        return [self._gradients[id(variable)] for variable in variables]

    @contextmanager
    def run(self, made: list[Any], gradients: dict[int, Any]) -> Iterator[None]:
        """Within this block variables come from a list, which the first run fills.

        Args:
            made: the list.
            gradients: the gradients of this step, by the `id` of the variable.
        """
        outer = self._variables, self._gradients, self._count
        self._variables, self._gradients, self._count = made, gradients, 0
        try:
            yield
        finally:
            self._variables, self._gradients, self._count = outer


recording = _Recording()
