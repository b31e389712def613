"""Configs that never leave the process, which may hold users' own objects by reference."""

from __future__ import annotations

import threading
from typing import Any


class _InMemory(threading.local):
    """The objects that configs of this thread name by number; None outside `in_memory`."""

    def __init__(self) -> None:
        self.objects: list[Any] | None = None


memory = _InMemory()


class in_memory:
    """Within this block configs keep users' own objects by reference, as cloning in one process may.

    Such configs never leave the process: a config read from a file cannot refer to an object.
    """

    def __enter__(self) -> None:
        self._outer = memory.objects
        memory.objects = []

    def __exit__(self, *exc: object) -> None:
        memory.objects = self._outer
