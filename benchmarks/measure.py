"""Time in turn: every contestant once a round, in an order that changes, medians over the rounds."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from functools import cache

import torch

Action = Callable[[], object]
Times = dict[str, list[float]]


@cache
def device() -> torch.device:
    """The device that all contestants use: a GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def synchronize() -> None:
    """Waits until the device has done what it was given."""
    if device().type == "cuda":
        torch.cuda.synchronize()


def seconds(action: Action, repeats: int = 1) -> float:
    """How long one call takes, over `repeats` calls in a row."""
    synchronize()
    start = time.perf_counter()
    for _ in range(repeats):
        action()
    synchronize()
    return (time.perf_counter() - start) / repeats


def take_turns(actions: Mapping[str, Action], rounds: int, repeats: int = 1, warm_up: int = 1) -> Times:
    """Seconds a call of every action, round by round.

    Each round begins with another contestant, so that none profits from its place.

    Args:
        actions: what to time, by name.
        rounds: how often everyone gets a turn.
        repeats: calls in one turn.
        warm_up: calls before the first round, not counted.
    """
    for action in actions.values():
        for _ in range(warm_up):
            action()
    names = list(actions)
    times: Times = {name: [] for name in names}
    gc.collect()
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(seconds(actions[name], repeats))
    return times


def medians(times: Times) -> dict[str, float]:
    """The median time of every contestant, in seconds."""
    return {name: statistics.median(values) for name, values in times.items()}


def ratio(times: Times, name: str, base: str) -> float:
    """The median over the rounds of `name`'s time in units of `base`'s time in the same round."""
    return statistics.median(a / b for a, b in zip(times[name], times[base], strict=True))
