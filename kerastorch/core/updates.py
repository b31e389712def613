"""The variables and updates of an optimizer's `get_updates`, a graph in Keras 1, which here runs each step.

What it makes at its first run (`K.zeros(shape)` for a moment, say) is kept, and each later run gets the same variables
in the same order. `K.update` hands back a pair, and all pairs are applied when the run has ended, so that everything is
computed from the values before the step.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class _Recording(threading.local):
    """What the run of `get_updates` in this thread makes, if there is one."""

    def __init__(self) -> None:
        self.variables: list[Any] | None = None
        self.count = 0

    @property
    def active(self) -> bool:
        """Whether a `get_updates` is running."""
        return self.variables is not None

    def kept(self, make: Callable[[], Any]) -> Any:
        """Returns a new variable; inside `get_updates` the one that the first run made at this point.

        Args:
            make: makes it.
        """
        if self.variables is None:
            return make()
        if self.count == len(self.variables):
            self.variables.append(make())
        self.count += 1
        return self.variables[self.count - 1]

    @contextmanager
    def run(self, variables: list[Any]) -> Iterator[None]:
        """Within this block variables come from a list, which the first run fills.

        Args:
            variables: the list.
        """
        outer = self.variables, self.count
        self.variables, self.count = variables, 0
        try:
            yield
        finally:
            self.variables, self.count = outer


recording = _Recording()
