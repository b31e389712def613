"""Hearing that the process is to end, as clusters tell it by SIGTERM, without ending at once."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from typing import Any


class Preemption:
    """Keeps SIGTERM back between `listen` and `leave_off`.

    Attributes:
        is_asked: whether the process was asked to end.

    Example:
        >>> preemption = Preemption()
        >>> preemption.listen()
        >>> signal.raise_signal(signal.SIGTERM)
        >>> preemption.is_asked
        True
        >>> preemption.leave_off()
    """

    def __init__(self) -> None:
        self.is_asked = False
        self._before: Any = None
        self._process: int | None = None

    def listen(self) -> None:
        """Notes from now on that SIGTERM was received."""
        if threading.current_thread() is not threading.main_thread():
            warnings.warn(
                "`save_before_preemption` has no effect: only the main thread of a process receives signals, and this "
                "is another one.",
                stacklevel=2,
            )
            return
        self.is_asked = False
        self._process = os.getpid()
        self._before = signal.signal(signal.SIGTERM, self._note)

    def leave_off(self) -> None:
        """Lets SIGTERM do again what it did before."""
        if self._process == os.getpid():
            signal.signal(signal.SIGTERM, signal.SIG_DFL if self._before is None else self._before)
        self._process = self._before = None

    def follow(self) -> None:
        """Does what SIGTERM did before: as a rule, the process ends."""
        self.leave_off()
        signal.raise_signal(signal.SIGTERM)

    def _note(self, number: int, frame: Any) -> None:
        if os.getpid() == self._process:
            self.is_asked = True
        else:  # a worker that was forked from the process that listens
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
