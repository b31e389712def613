"""Keras 2's objects that keep a queue of batches filled: endless streams from a dataset or a generator."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from kerastorch.core.seeds import new_seed
from kerastorch.data.prefetch import prefetched
from kerastorch.data.py_dataset import PyDatasetBatches
from kerastorch.data.workers import items_in_order
from kerastorch.errors import InvalidArgumentError, MissingMethodError


class SequenceEnqueuer:
    """What all enqueuers do: `start()`, then `get()` gives an iterator of batches until `stop()`.

    It is a context manager as well, which stops when it is left.

    Args:
        sequence: where the batches come from.
        use_multiprocessing: whether the workers are processes. Default: False.

    Example:
        >>> with OrderedEnqueuer(["a", "b"]) as enqueuer:
        ...     enqueuer.start(workers=2)
        ...     batches = enqueuer.get()
        ...     [next(batches) for _ in range(3)]
        ['a', 'b', 'a']

    Source: `keras.utils.SequenceEnqueuer` of Keras 2.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False) -> None:
        self.sequence = sequence
        self.use_multiprocessing = use_multiprocessing
        self._batches: Iterator[Any] | None = None

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Starts the stream; its workers begin with the first batch that is asked for.

        Args:
            workers: the number of threads or processes. Default: 1.
            max_queue_size: the most batches that are computed ahead. Default: 10.

        Raises:
            InvalidArgumentError: when it runs already.
        """
        if self.is_running():
            raise InvalidArgumentError(f"This {type(self).__name__} runs already. Call `stop()` first.")
        self._batches = self._stream(workers, max_queue_size)

    def get(self) -> Iterator[Any]:
        """Returns the iterator of batches.

        Raises:
            InvalidArgumentError: before `start()`.
        """
        if self._batches is None:
            raise InvalidArgumentError(f"This {type(self).__name__} does not run. Call `start()` first.")
        return self._batches

    def stop(self, timeout: float | None = None) -> None:
        """Ends the stream and its workers; waiting batches are dropped.

        Args:
            timeout: accepted for Keras 2; workers that do not end by themselves are ended.
        """
        batches, self._batches = self._batches, None
        if batches is not None:
            batches.close()  # type: ignore[attr-defined]

    def is_running(self) -> bool:
        """Returns whether it has been started, and not stopped since."""
        return self._batches is not None

    def _stream(self, workers: int, max_queue_size: int) -> Iterator[Any]:
        raise MissingMethodError(f"{type(self).__name__} gives no batches; use `OrderedEnqueuer`.")

    def __enter__(self) -> SequenceEnqueuer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


class OrderedEnqueuer(SequenceEnqueuer):
    """An endless stream of the batches of a `Sequence`, epoch after epoch, in order.

    Args:
        sequence: a `Sequence` or `PyDataset`; its hooks are called around each epoch.
        use_multiprocessing: whether the workers are processes. Default: False.
        shuffle: whether the batches come in a new order each epoch. Default: False.

    Example:
        >>> enqueuer = OrderedEnqueuer(["a", "b"])
        >>> enqueuer.start()
        >>> next(enqueuer.get()), enqueuer.is_running()
        ('a', True)
        >>> enqueuer.stop()

    Source: `keras.utils.OrderedEnqueuer` of Keras 2.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False, shuffle: bool = False) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle

    def _stream(self, workers: int, max_queue_size: int) -> Iterator[Any]:
        epochs = PyDatasetBatches(
            self.sequence,
            shuffle=self.shuffle,
            workers=workers,
            use_multiprocessing=self.use_multiprocessing,
            max_queue_size=max_queue_size,
        )
        return _one_after_the_other(epochs)


def _one_after_the_other(epochs: PyDatasetBatches) -> Iterator[Any]:
    while True:
        yield from epochs


class GeneratorEnqueuer(SequenceEnqueuer):
    """A stream of what a generator gives, until it ends.

    One thread runs the generator, however many workers there are. With processes, each worker has a copy of it, and
    gives every batch of its own.

    Args:
        generator: a generator or another iterator of batches.
        use_multiprocessing: whether the workers are processes; the generator is copied by forking. Default: False.
        random_seed: what the random numbers of worker processes come from; None draws it. Default: None.

    Example:
        >>> enqueuer = GeneratorEnqueuer(iter("abc"))
        >>> enqueuer.start()
        >>> list(enqueuer.get())
        ['a', 'b', 'c']
        >>> enqueuer.stop()

    Source: `keras.utils.GeneratorEnqueuer` of Keras 2.
    """

    def __init__(
        self, generator: Any, use_multiprocessing: bool = False, random_seed: int | None = None
    ) -> None:
        super().__init__(generator, use_multiprocessing)
        self.random_seed = random_seed

    def _stream(self, workers: int, max_queue_size: int) -> Iterator[Any]:
        if not workers:
            return (batch for batch in self.sequence)
        if not self.use_multiprocessing:
            return prefetched(self.sequence, max_queue_size)
        seed = new_seed() if self.random_seed is None else self.random_seed
        return items_in_order(_NextItem(self.sequence), count(), workers, True, max_queue_size, seed)


class _NextItem:
    """An iterator that is asked for items by number, and gives the next one whatever the number."""

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def __getitem__(self, index: int) -> Any:
        return next(self._iterator)
