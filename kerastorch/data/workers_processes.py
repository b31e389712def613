"""Worker processes: each has the source once, gets the number of an item and sends the item back.

On Linux they are forked, as those of a `DataLoader` are, so that a script needs no `if __name__ == "__main__"` and the
source is not copied; a method chosen by `multiprocessing.set_start_method` is used instead. Elsewhere the source must
be picklable. They start anew for each pass through the data, and so see what `on_epoch_end` has changed.

Before each item Python's, NumPy's and torch's generators of the worker are seeded from the pass's seed and the index
of the item. Batches are thus equal for any number of worker processes, and other ones in each pass.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import random as python_random
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, cycle, islice
from typing import Any

import numpy as np
import torch

from kerastorch.data.prefetch import prefetched
from kerastorch.data.workers_messages import Failure, receive, send
from kerastorch.errors import WorkerError

PATIENCE = 1.0
"""Seconds that workers have to end by themselves when their consumer leaves."""


class End:
    """What stands for the end of the items."""


def item_of(source: Any, index: int) -> Any:
    """Returns `source[index]`, or `End` where the source raises `StopIteration`.

    Args:
        source: has `__getitem__`.
        index: the number of an item.

    Example:
        >>> item_of(["a", "b"], 1)
        'b'
    """
    try:
        return source[index]
    except StopIteration:
        return End


def items_of_processes(
    source: Any, order: Iterable[int], workers: int, depth: int, seed: int
) -> Iterator[Any]:
    """Yields `source[index]` for each index in order, computed in worker processes.

    Args:
        source: has `__getitem__`.
        order: the indexes; may be endless.
        workers: the number of processes.
        depth: the most items that are computed or wait at any time.
        seed: what the random numbers of the workers come from, together with the index.

    Raises:
        WorkerError: when a process cannot start, or ends before its work is done.
    """
    at_work = min(depth, 2 * workers)  # each worker has its next index when it has sent an item
    indexes = iter(order)
    first = list(islice(indexes, at_work))
    with _Team(source, min(workers, len(first)), seed) as team:
        items = team.items(chain(first, indexes), at_work)
        yield from prefetched(items, depth - at_work, team.leave) if depth > at_work else items


class _Team:
    """Worker processes and the connections to them, for one pass through the data."""

    def __init__(self, source: Any, workers: int, seed: int) -> None:
        self._context: Any = multiprocessing.get_context(_start_method())
        self._processes: list[Any] = []
        self._connections: list[socket.socket] = []
        self._left = False
        try:
            for _ in range(workers):
                self._start(source, seed)
        except BaseException:
            self._end()
            raise

    def _start(self, source: Any, seed: int) -> None:
        ours, theirs = socket.socketpair()
        self._connections.append(ours)
        forked = self._context.get_start_method() == "fork"
        arguments = (theirs, source, seed, self._connections if forked else [])
        process = self._context.Process(target=_work, args=arguments, daemon=True, name="kerastorch-worker")
        with theirs:
            try:
                process.start()
            except (
                AttributeError,
                TypeError,
                ValueError,
            ) as error:  # what pickle raises, besides its own error
                raise WorkerError(
                    f"A {type(source).__name__} cannot be sent to a worker process: {error}. Expected a dataset that "
                    "can be pickled. Pass `use_multiprocessing=False` to use threads."
                ) from error
        self._processes.append(process)

    def items(self, indexes: Iterator[int], at_work: int) -> Iterator[Any]:
        """Yields the items of the indexes, item `n` from worker `n % workers`.

        Args:
            indexes: the indexes; may be endless.
            at_work: the most indexes that the workers have at any time.
        """
        numbers = cycle(range(len(self._processes)))
        asked: deque[int] = deque()

        def ask(count: int) -> None:
            for index, number in zip(islice(indexes, count), numbers):  # noqa: B905  `numbers` never ends
                self._ask(number, index)
                asked.append(number)

        ask(at_work)
        while asked:
            item = self._answer_of(asked.popleft())
            if isinstance(item, Failure):
                item.reraise()
            if item is End:
                return
            ask(1)
            yield item
            del item

    def _ask(self, number: int, index: int) -> None:
        with contextlib.suppress(
            OSError
        ):  # of a worker that is dead, which is said when its item should come
            send(self._connections[number], index)

    def _answer_of(self, number: int) -> Any:
        try:
            return receive(self._connections[number])
        except (EOFError, OSError):
            if self._left:
                raise  # nobody waits for this item any more
            raise self._death_of(number) from None

    def _death_of(self, number: int) -> WorkerError:
        process = self._processes[number]
        process.join(PATIENCE)
        code = process.exitcode
        how = (
            f"was killed by {signal.Signals(-code).name}" if code and code < 0 else f"ended with code {code}"
        )
        hint = " The machine may be short of memory." if code == -9 else ""
        return WorkerError(
            f"A worker process (pid {process.pid}) {how} before it had sent its item.{hint} Pass "
            "`use_multiprocessing=False` or `workers=0` to see where it fails."
        )

    def __enter__(self) -> _Team:
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    def leave(self) -> None:
        """Tells the workers, and whoever waits for them, that no more items are wanted."""
        self._left = True
        for connection in self._connections:
            _shut(connection)

    def _end(self) -> None:
        self.leave()
        for stop in ("", "terminate", "kill"):
            for process in self._processes:
                if stop and process.exitcode is None:
                    getattr(process, stop)()
            deadline = time.monotonic() + PATIENCE
            for process in self._processes:
                process.join(max(0.0, deadline - time.monotonic()))
        for process in self._processes:
            if process.exitcode is not None:
                process.close()


def _shut(connection: socket.socket) -> None:
    """Ends a connection for all processes that have it."""
    with connection, contextlib.suppress(OSError):  # the other end may be gone
        connection.shutdown(socket.SHUT_RDWR)


def _start_method() -> str | None:
    chosen = multiprocessing.get_start_method(allow_none=True)
    return chosen or ("fork" if sys.platform == "linux" else None)


def _work(connection: socket.socket, source: Any, seed: int, others: list[socket.socket]) -> None:
    """What a worker process does: items on demand until its connection ends."""
    for other in others:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the consumer decides what Ctrl-C means
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    torch.set_num_threads(1)
    try:
        while True:
            _answer(connection, source, seed, receive(connection))
    except (EOFError, ConnectionError):
        return


def _answer(connection: socket.socket, source: Any, seed: int, index: int) -> None:
    _seed(seed, index)
    try:
        send(connection, item_of(source, index))
    except ConnectionError:
        raise
    except Exception as error:  # of the source, or because its item cannot be pickled
        send(connection, Failure(error))


def _seed(seed: int, index: int) -> None:
    first, second, third = np.random.SeedSequence([seed, index]).generate_state(3).tolist()
    python_random.seed(first)
    np.random.seed(second)
    torch.default_generator.manual_seed(third)
