"""A callback that keeps the name and the number of every hook, for either library."""

from __future__ import annotations

import itertools
from types import ModuleType
from typing import Any

import kerastorch


def recorder(k: ModuleType = kerastorch) -> Any:
    """A callback whose `seen` holds `(hook, number)` for every hook but those of its own set-up."""

    class Recorder(k.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[tuple[str, int | None]] = []

    def hook(name: str) -> Any:
        def record(self: Any, *args: Any, **logs: Any) -> None:
            number = args[0] if args and not isinstance(args[0], dict) and args[0] is not None else None
            self.seen.append((name, None if number is None else int(number)))

        return record

    for when, what in itertools.product(("begin", "end"), ("train", "test", "predict", "epoch")):
        setattr(Recorder, f"on_{what}_{when}", hook(f"on_{what}_{when}"))
        if what != "epoch":
            setattr(Recorder, f"on_{what}_batch_{when}", hook(f"on_{what}_batch_{when}"))
    return Recorder()
