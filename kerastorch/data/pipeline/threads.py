"""Reading ahead and calling functions in threads, which end when the reader leaves.

Threads share the global random generators, and so draw from them in no fixed order: where `enable_determinism` was
called, the reader's own thread does the work.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue
from typing import Any

import torch

_PATIENCE = 5.0  # seconds that a reader who leaves waits for a thread that is busy with an element


def default_calls() -> int:
    """The number of threads that AUTOTUNE stands for."""
    return min(os.cpu_count() or 1, 8)


def in_threads(func: Callable[[Any], Any], items: Iterable[Any], calls: int, ordered: bool) -> Iterator[Any]:
    """Yields the results of a function that threads call; at most two a thread are begun ahead of the reader.

    Args:
        func: the function.
        items: what it is called with; only the reader's own thread iterates over them.
        calls: the number of threads.
        ordered: whether results come in the order of the items, or as soon as they are there.
    """
    if torch.are_deterministic_algorithms_enabled():
        yield from map(func, items)
        return
    pool = ThreadPoolExecutor(calls, thread_name_prefix="kerastorch-map")
    stream = iter(items)
    try:
        begun = deque(pool.submit(func, item) for item in islice(stream, 2 * calls))
        while begun:
            future = begun.popleft() if ordered else _first_done(begun)
            result = future.result()
            begun.extend(pool.submit(func, item) for item in islice(stream, 1))
            yield result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _first_done(begun: deque[Future]) -> Future:
    future = wait(begun, return_when=FIRST_COMPLETED).done.pop()
    begun.remove(future)
    return future


class _Ahead:
    """A thread that puts the items of a stream into a queue, up to `size` before they are wanted."""

    def __init__(self, open_stream: Callable[[], Iterator[Any]], size: int) -> None:
        self._open = open_stream
        self._room = threading.Semaphore(size)
        self._left = False
        self.ready: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="kerastorch-prefetch", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            stream = self._open()
            while self._room.acquire() and not self._left:
                self.ready.put(("item", next(stream)))
        except StopIteration:
            self.ready.put(("end", None))
        except BaseException as error:  # the reader gets it
            self.ready.put(("error", error))

    def taken(self) -> None:
        """Makes room for one more item."""
        self._room.release()

    def close(self) -> None:
        """Ends the thread."""
        self._left = True
        self._room.release()
        self._thread.join(_PATIENCE)


def prefetched(open_stream: Callable[[], Iterator[Any]], size: int) -> Iterator[Any]:
    """Yields the items of a stream that a thread reads ahead.

    Args:
        open_stream: opens the stream; it is called in the thread.
        size: how many items are read ahead at most.
    """
    if torch.are_deterministic_algorithms_enabled():
        yield from open_stream()
        return
    ahead = _Ahead(open_stream, size)
    try:
        while True:
            kind, item = ahead.ready.get()
            if kind == "end":
                return
            if kind == "error":
                raise item
            ahead.taken()
            yield item
    finally:
        ahead.close()


def outside_inference(stream: Iterator[Any]) -> Iterator[Any]:
    """Yields the items of a stream made outside `torch.inference_mode`, so that they can be kept for training."""
    end = object()
    while True:
        with torch.inference_mode(False):
            item = next(stream, end)
        if item is end:
            return
        yield item
