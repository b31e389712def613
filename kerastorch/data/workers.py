"""Items of an indexed source, computed ahead by threads or processes and given in order.

| `workers` | `use_multiprocessing` | items are computed |
|---|---|---|
| 0 | any | in the thread that uses them, when they are needed |
| 1 | False | likewise, as Keras 3 does: exactly repeatable, and nothing to pay for where items are cheap |
| 2 or more | False | in so many threads of this process |
| 1 or more | True | in so many processes, see `workers_processes` |

Threads share the global random generators of the process, and so draw from them in no fixed order: where
`enable_determinism` was called, items are computed without them. Processes have their own, seeded anew for each item.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import torch

from kerastorch.data.workers_processes import End, item_of, items_of_processes
from kerastorch.errors import InvalidArgumentError


def items_in_order(
    source: Any,
    order: Iterable[int],
    workers: int = 1,
    use_multiprocessing: bool = False,
    max_queue_size: int = 10,
    seed: int = 0,
) -> Iterator[Any]:
    """Yields `source[index]` for each index, in the order of the indexes.

    The workers start with the first item that is asked for, and end with the last one or when the iterator is closed.

    Args:
        source: has `__getitem__`; one that raises `StopIteration` ends the items.
        order: the indexes; may be endless.
        workers: the number of threads or processes; 0, and 1 without processes, computes each item when it is asked
            for. Default: 1.
        use_multiprocessing: whether the workers are processes. Default: False.
        max_queue_size: the most items that are computed or wait at any time. Default: 10.
        seed: what the random numbers of worker processes come from, together with the index. Default: 0.

    Returns:
        An iterator; an exception of the source is raised where its item would have come.

    Raises:
        InvalidArgumentError: when `workers` is no number from 0 on, or `max_queue_size` none from 1 on.

    Example:
        >>> list(items_in_order(["a", "b", "c"], [2, 0, 1], workers=2))
        ['c', 'a', 'b']
    """
    workers = _at_least(0, "workers", workers)
    if workers == 0 or (workers == 1 and not use_multiprocessing):
        return _items_of_this_thread(source, order)
    depth = _at_least(1, "max_queue_size", max_queue_size)
    if use_multiprocessing:
        return items_of_processes(source, order, workers, depth, seed)
    if torch.are_deterministic_algorithms_enabled():
        return _items_of_this_thread(source, order)
    return _items_of_threads(source, order, workers, depth)


def _at_least(least: int, name: str, value: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise InvalidArgumentError(
            f"`{name}` must be an integer from {least} on. Received: {name}={value!r}."
        )
    return number


def _items_of_this_thread(source: Any, order: Iterable[int]) -> Iterator[Any]:
    for index in order:
        item = item_of(source, index)
        if item is End:
            return
        yield item


def _items_of_threads(source: Any, order: Iterable[int], workers: int, depth: int) -> Iterator[Any]:
    indexes = iter(order)
    executor = ThreadPoolExecutor(workers, thread_name_prefix="kerastorch-worker")
    waiting = deque(executor.submit(item_of, source, index) for index in islice(indexes, depth))
    try:
        while waiting:
            item = waiting.popleft().result()
            if item is End:
                return
            waiting.extend(executor.submit(item_of, source, index) for index in islice(indexes, 1))
            yield item
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
