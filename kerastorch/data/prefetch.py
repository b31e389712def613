"""One background thread that runs an iterator ahead of its consumer."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kerastorch.errors import InvalidArgumentError

PATIENCE = 5.0
"""Seconds that a consumer who leaves waits for the item that is being made."""

_END = object()


def prefetched(
    iterable: Iterable[Any], depth: int = 10, on_leave: Callable[[], Any] | None = None
) -> Iterator[Any]:
    """Yields what an iterable gives, made ahead of time by one background thread.

    The thread starts with the first item that is asked for. It ends with the data, with an error, or when the consumer
    leaves: at `close()`, or when nobody refers to the iterator any more.

    Args:
        iterable: anything that can be iterated; only the background thread runs it. An iterator that was made from it
            is closed in the end; one that was given stays open for its owner.
        depth: the number of items that may wait, at least 1. Default: 10.
        on_leave: called when the consumer leaves, before the thread is waited for: what wakes a thread that waits for
            its next item. Default: None.

    Returns:
        An iterator of the same items in the same order. An exception of the iterable is raised where its item would
        have come, with the traceback of the thread.

    Raises:
        InvalidArgumentError: when `depth` is less than 1.

    Example:
        >>> list(prefetched(range(3), depth=2))
        [0, 1, 2]
    """
    if depth < 1:
        raise InvalidArgumentError(f"`depth` must be at least 1 item. Received: depth={depth!r}.")
    return _consumed(iterable, depth, on_leave)


def _consumed(iterable: Iterable[Any], depth: int, on_leave: Callable[[], Any] | None) -> Iterator[Any]:
    ready: queue.SimpleQueue = queue.SimpleQueue()
    free = threading.Semaphore(depth)
    left = threading.Event()
    thread = threading.Thread(
        target=_produce, args=(iterable, ready, free, left), name="kerastorch-prefetch", daemon=True
    )
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is _END:
                return
            free.release()
            yield item
    finally:
        error = None  # its traceback refers to this frame
        left.set()
        free.release()
        if on_leave is not None:
            on_leave()
        thread.join(PATIENCE)


def _produce(
    iterable: Iterable[Any], ready: queue.SimpleQueue, free: threading.Semaphore, left: threading.Event
) -> None:
    """Puts `(item, None)` for each item, then `(_END, None)`, or `(None, error)`."""
    iterator: Any = iterable
    try:
        iterator = iter(iterable)
        while _may_go_on(free, left):
            item = next(iterator, _END)
            ready.put((item, None))
            if item is _END:
                break
            del item
    except BaseException as error:  # whatever it is, the consumer decides
        ready.put((None, error))
    finally:
        if iterator is not iterable and hasattr(iterator, "close"):
            iterator.close()


def _may_go_on(free: threading.Semaphore, left: threading.Event) -> bool:
    free.acquire()
    return not left.is_set()
