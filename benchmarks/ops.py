"""What a call of `keras.ops` on small tensors costs beyond the torch expression that it stands for."""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
import timeit
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import torch
import torch.nn.functional as F

from benchmarks.frameworks import TITLES
from benchmarks.table import Row
from benchmarks.twins import TWINS, tensors

OURS = TITLES["kerastorch"]
MOST = 1.5  # microseconds that a call may cost beyond its twin
SHOWN = 10
_MODULES = {
    "torch": torch,
    "torch.linalg": torch.linalg,
    "torch.fft": torch.fft,
    "torch.signal.windows": torch.signal.windows,
    "F": F,
}
CALLS, TURNS = 40, 6  # calls in one turn, turns in one round
LONG = 8.0  # microseconds; longer kernels leave little of Python in the caches: an empty function costs thrice as much


@dataclass(frozen=True)
class Cost:
    """The least times of a call and of its twin, in microseconds.

    Args:
        call: the call of `keras.ops`.
        ours: its time.
        twin: the time of the torch expression.
        plain: the cost where both really run, if these are times of Python alone: with the torch functions of the twin
            replaced by their results.
    """

    call: str
    ours: float
    twin: float
    plain: Cost | None = None

    @property
    def beyond(self) -> float:
        """What the call costs beyond its twin."""
        return self.ours - self.twin


def cost(call: str, twin: str, names: Mapping[str, object], rounds: int) -> Cost:
    """The cost of a call: it and its twin take turns, and the least time of each counts.

    What else the machine does only adds to a time, so that the least of many short turns comes nearest to the truth.
    Where kernels run so long that Python's code has left the processor's caches when they return, the difference holds
    the time to fetch it again, even that of an empty function; there Python is timed alone.
    """
    plain = _times(call, twin, names, rounds)
    if plain.beyond <= MOST or plain.twin < LONG:
        return plain
    needed, results = (_results(text, twin, names) for text in (call, twin))
    if {name: len(found) for name, found in needed.items()} != {
        name: len(found) for name, found in results.items()
    }:
        return plain  # the call computes by other functions
    with _replaced({name: functools.partial(_first, found) for name, found in results.items()}):
        return replace(_times(call, twin, names, rounds), plain=plain)


def _results(text: str, twin: str, names: Mapping[str, object]) -> dict[str, list[Any]]:
    """What the torch functions of a twin return while an expression is evaluated."""
    found: dict[str, list[Any]] = {name: [] for name in re.findall(r"\b(?:torch|F)(?:\.\w+)+(?=\()", twin)}

    def noted(name: str, function: Callable, *args: Any, **kwargs: Any) -> Any:
        found[name].append(function(*args, **kwargs))
        return found[name][-1]

    with _replaced(
        {
            name: functools.partial(
                noted, name, getattr(_MODULES[name.rpartition(".")[0]], name.rpartition(".")[2])
            )
            for name in found
        }
    ):
        eval(text, dict(names))
    return found


def _first(results: list[Any], *args: Any, **kwargs: Any) -> Any:
    return results[0]


@contextlib.contextmanager
def _replaced(functions: Mapping[str, Callable]) -> Iterator[None]:
    """Other functions in the place of torch's, by names such as `torch.linalg.svd` and `F.pad`."""
    with contextlib.ExitStack() as stack:
        for name, function in functions.items():
            home, _, own = name.rpartition(".")
            stack.enter_context(mock.patch.object(_MODULES[home], own, function))
        yield


def _times(call: str, twin: str, names: Mapping[str, object], rounds: int) -> Cost:
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
    """The rows for costs, the dearest of which come first; each way to time the dear ones has its own count."""
    for one in found[:SHOWN]:
        how = " (Python alone)" if one.plain else ""
        row = Row(f"beyond torch, {title}: {one.call}{how}", OURS, one.beyond, "us", one.ours / one.twin)
        yield row.owing(f"<= {MOST} us", round(one.beyond, 1) <= MOST)
    over = _over(found)
    row = Row(f"beyond torch, {title}: over {MOST} us, of {len(found)} calls", OURS, over, "calls")
    yield row.owing("0 calls", not over)
    plain = _over([one.plain or one for one in found])
    yield Row(
        f"beyond torch, {title}: over {MOST} us where all kernels run, of {len(found)}", OURS, plain, "calls"
    )


def _over(found: Iterable[Cost]) -> int:
    """How many calls cost too much."""
    return sum(round(one.beyond, 1) > MOST for one in found)
