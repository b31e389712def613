"""The loop over batches that training, testing and predicting share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

from kerastorch.core.explain import in_step
from kerastorch.core.host_memory import keep_freed_memory
from kerastorch.training.logs import LazyLogs


def run_steps(
    batches: Iterator[Any],
    step: Callable[[Any], Any],
    hooks: tuple[list[Callable], list[Callable]],
    stopping: Callable[[], bool] | None = None,
    steps_per_execution: int = 1,
    logs_of: Callable[[Any], Any] | None = None,
    place: tuple[str, str] = ("", ""),
    first: int = 0,
) -> Any:
    """Runs a step for every batch, with the callbacks around it, and returns the last result.

    Args:
        batches: the batches of one epoch.
        step: takes a batch and returns its result.
        hooks: the functions `(number, logs)` to call before and after an execution; both lists may be empty.
        stopping: whether to stop after this step.
        steps_per_execution: how many steps run between two calls of the hooks.
        logs_of: makes the logs that the hooks receive from the result of the last step; None gives them that result.
        place: words before the number of a step, and the model's name, for errors.
        first: the number of the first step.
    """
    keep_freed_memory()
    begin, end = hooks
    result = None
    if not begin and not end and stopping is None:
        return _run_all(batches, step, first, place)[0]
    number = first
    batches = iter(batches)
    for batch in batches:
        for hook in begin:
            hook(number, {})
        group = chain((batch,), islice(batches, steps_per_execution - 1))
        result, number = _run_all(group, step, number, place)
        if end and logs_of is not None:
            _call_hooks(end, number - 1, logs_of(result))
        elif end and isinstance(result, LazyLogs):
            _call_hooks(end, number - 1, result)
        elif end:  # what an overridden step returned: read when a hook looks, too
            logs = LazyLogs(partial(dict, result or {}))
            _call_hooks(end, number - 1, logs)
        if stopping is not None and stopping():
            break
    return result


def _run_all(batches: Iterable[Any], step: Callable, done: int, place: tuple[str, str]) -> tuple[Any, int]:
    """Runs a step for every batch; returns the last result, and how many steps are done then."""
    result = None
    for batch in batches:
        done += 1
        try:
            result = step(batch)
        except Exception as error:
            in_step(error, done, *place)
            raise
    return result, done


def _call_hooks(hooks: list[Callable], number: int, logs: Any) -> None:
    before = sys.getrefcount(logs)
    for hook in hooks:
        hook(number, logs)
    # A callback that keeps the logs wants the values of this step: they are read before the next one changes them.
    if isinstance(logs, LazyLogs) and sys.getrefcount(logs) > before:
        logs.fill()
