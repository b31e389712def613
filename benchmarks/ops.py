"""What a call of `keras.ops` on small tensors costs beyond the torch expression that it stands for."""

from __future__ import annotations

import importlib
import timeit
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch

from benchmarks.frameworks import TITLES
from benchmarks.table import Row
from benchmarks.twins import TWINS, tensors

OURS = TITLES["kerastorch"]
MOST = 1.5  # microseconds that a call may cost beyond its twin
SHOWN = 10
CALLS, TURNS = 40, 6  # calls in one turn, turns in one round


@dataclass(frozen=True)
class Cost:
    """The least times of a call and of its twin, in microseconds.

    Args:
        call: the call of `keras.ops`.
        ours: its time.
        twin: the time of the torch expression.
    """

    call: str
    ours: float
    twin: float

    @property
    def beyond(self) -> float:
        """What the call costs beyond its twin."""
        return self.ours - self.twin


def cost(call: str, twin: str, names: Mapping[str, object], rounds: int) -> Cost:
    """The cost of a call: it and its twin take turns, and the least time of each counts.

    What else the machine does only adds to a time, so that the least of many short turns comes nearest to the truth.
    """
    timers = [timeit.Timer(text, globals=dict(names)) for text in (call, twin)]
    turns = [[timer.timeit(CALLS) for timer in timers] for _ in range(rounds * TURNS + 1)]
    ours, theirs = (min(times) * 1e6 / CALLS for times in zip(*turns, strict=True))
    return Cost(call, ours, theirs)


def costs(rounds: int, requires_grad: bool) -> list[Cost]:
    """The costs of all calls that have a twin, the dearest first."""
    names = {**tensors(requires_grad), "ops": importlib.import_module("kerastorch.ops")}
    with torch.set_grad_enabled(requires_grad):
        found = [cost(call, twin, names, rounds) for call, twin in TWINS.items()]
    return sorted(found, key=lambda one: one.beyond, reverse=True)


def calls(rounds: int, note: Callable[[str], None]) -> Iterator[Row]:
    """The dearest ten calls and how many cost too much, with gradients off and on; one thread computes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for title in ("gradients off", "gradients on"):
            note(f"keras.ops: {title}")
            yield from rows(costs(rounds, title == "gradients on"), title)
    finally:
        torch.set_num_threads(threads)


def rows(found: list[Cost], title: str) -> Iterator[Row]:
    """The rows for costs, the dearest of which come first."""
    for one in found[:SHOWN]:
        row = Row(f"beyond torch, {title}: {one.call}", OURS, one.beyond, "us", one.ours / one.twin)
        yield row.owing(f"<= {MOST} us", round(one.beyond, 1) <= MOST)
    over = sum(round(one.beyond, 1) > MOST for one in found)
    row = Row(f"beyond torch, {title}: over {MOST} us, of {len(found)} calls", OURS, over, "calls")
    yield row.owing("0 calls", not over)
