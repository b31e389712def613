"""Datasets that compute a batch from its number, and their batches epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import Any

import torch

from kerastorch.core.seeds import new_seed
from kerastorch.data.workers import items_in_order
from kerastorch.errors import DataError, MissingMethodError, UnknownArgumentError, did_you_mean


class PyDataset:
    """A dataset that computes batch number `index` in `__getitem__`, in worker threads or processes where that helps.

    A subclass defines `__getitem__`, which returns `x`, `(x, y)` or `(x, y, sample_weight)`, and `__len__` (or the
    property `num_batches`, None for an endless dataset, which a `StopIteration` of `__getitem__` ends). It need not
    call `super().__init__()`.

    By default each batch is computed when it is needed. Threads share the process, so that `__getitem__` must be safe
    to call from several; they help where it waits for files or runs in NumPy. Processes compute in parallel. Each has
    its own copy of the dataset, as it is at the beginning of the epoch: changes that `__getitem__` makes to it are
    lost. The global generators of random numbers are seeded there for each batch, from a seed that is drawn from
    torch's generator for each epoch: after `set_random_seed` the batches are the same ones again, for any number of
    processes.

    Args:
        workers: the number of threads or processes that compute batches ahead; 0, and 1 without processes, computes
            each when it is needed. Default: 1.
        use_multiprocessing: whether the workers are processes. Default: False.
        max_queue_size: the most batches that are computed ahead, at least 1. Default: 10.
        **kwargs: nothing else is accepted.

    Raises:
        UnknownArgumentError: for any other keyword.

    Example:
        >>> import numpy as np
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 2
        ...
        ...     def __getitem__(self, index):
        ...         x = np.arange(index * 3, index * 3 + 3)
        ...         return x, x**2
        >>> data = Squares(workers=2)
        >>> data[1]
        (array([3, 4, 5]), array([ 9, 16, 25]))
        >>> data.num_batches
        2

    Source: `keras.utils.PyDataset`, `keras.utils.Sequence`.
    """

    workers: int = 1
    use_multiprocessing: bool = False
    max_queue_size: int = 10

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10, **kwargs: Any
    ) -> None:
        if kwargs:
            known = ("workers", "use_multiprocessing", "max_queue_size")
            hints = "".join(did_you_mean(name, known) for name in kwargs)
            raise UnknownArgumentError(
                f"{type(self).__name__} got unexpected keyword arguments {sorted(kwargs)}.{hints} `PyDataset` takes "
                f"{', '.join(known)}; a subclass must take its own arguments out of `**kwargs`."
            )
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Returns a batch.

        Args:
            index: the number of the batch, from 0 on.

        Raises:
            MissingMethodError: unless a subclass defines it.
        """
        raise MissingMethodError(f"{type(self).__name__} must define `__getitem__(self, index)`.")

    @property
    def num_batches(self) -> int | None:
        """The number of batches in an epoch; None for an endless dataset.

        Raises:
            MissingMethodError: unless a subclass defines it or `__len__`.
        """
        length = getattr(self, "__len__", None)
        if length is None:
            raise MissingMethodError(
                f"{type(self).__name__} must define `__len__(self)`, or the property `num_batches` (None for an "
                "endless dataset)."
            )
        return length()

    def __iter__(self) -> Iterator[Any]:
        total = self.num_batches
        for index in count() if total is None else range(total):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """What a subclass does at the beginning of an epoch."""

    def on_epoch_end(self) -> None:
        """What a subclass does at the end of an epoch, such as to draw a new order."""


class PyDatasetBatches:
    """The batches of a `PyDataset`, epoch by epoch, each made ready for a step.

    Args:
        py_dataset: a `PyDataset`, or anything that has `__getitem__`, and `num_batches` or `__len__`.
        prepare: makes a batch ready, see `batches.Prepared`; None leaves batches as they are.
        shuffle: whether the batches come in a new order each epoch, drawn from torch's generator. Default: False.
        workers: instead of that of the dataset, as Keras 2's `fit` has it.
        use_multiprocessing: likewise.
        max_queue_size: likewise.

    Raises:
        DataError: at the beginning of an epoch, when there is no batch.

    Example:
        >>> list(PyDatasetBatches(["a", "b"], workers=0))
        ['a', 'b']
    """

    def __init__(
        self,
        py_dataset: Any,
        prepare: Callable[[Any], Any] | None = None,
        shuffle: bool = False,
        workers: int | None = None,
        use_multiprocessing: bool | None = None,
        max_queue_size: int | None = None,
    ) -> None:
        self.py_dataset = py_dataset
        self.shuffle = shuffle
        self._prepare = prepare or (lambda batch: batch)
        given = {
            "workers": workers,
            "use_multiprocessing": use_multiprocessing,
            "max_queue_size": max_queue_size,
        }
        self._given = {name: value for name, value in given.items() if value is not None}

    @property
    def num_batches(self) -> int | None:
        """The number of batches in an epoch; None for an endless dataset."""
        if hasattr(self.py_dataset, "num_batches"):
            return self.py_dataset.num_batches
        return len(self.py_dataset)

    goes_round = True  # an epoch may go on with the first batch after the last one

    def __iter__(self) -> Iterator[Any]:
        """Begins an epoch of the dataset and returns an iterator of its batches."""
        self.begin_epoch()
        return self._whole_epoch(self.iterate())

    def begin_epoch(self) -> None:
        """Tells the dataset that an epoch begins."""
        getattr(self.py_dataset, "on_epoch_begin", _nothing)()

    def end_epoch(self) -> None:
        """Tells the dataset that an epoch ends."""
        getattr(self.py_dataset, "on_epoch_end", _nothing)()

    def iterate(self, skip: int = 0) -> Iterator[Any]:
        """Returns an iterator of the batches; the dataset is not told that an epoch begins or ends.

        Args:
            skip: how many batches to pass over at the beginning, without computing them.

        Raises:
            DataError: when there is no batch.
        """
        total = self.num_batches
        if total == 0:
            raise DataError(f"The {type(self.py_dataset).__name__} has no batches: its length is 0.")
        order = islice(self._order(total), skip, None)
        return self._prepared(items_in_order(self.py_dataset, order, seed=new_seed(), **self._settings()))

    def _settings(self) -> dict[str, Any]:
        names = ("workers", "use_multiprocessing", "max_queue_size")
        return {
            name: getattr(self.py_dataset, name, getattr(PyDataset, name)) for name in names
        } | self._given

    def _order(self, total: int | None) -> Iterable[int]:
        if total is None:
            return count()
        return torch.randperm(total).tolist() if self.shuffle else range(total)

    def _prepared(self, items: Iterator[Any]) -> Iterator[Any]:
        try:
            for item in items:
                yield self._prepare(self._checked(item))
        finally:
            items.close()  # type: ignore[attr-defined]

    def _whole_epoch(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Yields batches; whoever has taken the last one may leave, and the epoch still ends."""
        total, ended = self.num_batches, False
        try:
            for number, batch in enumerate(batches, 1):
                ended = number == total
                yield batch
            ended = True
        finally:
            batches.close()  # type: ignore[attr-defined]
            if ended:
                self.end_epoch()

    def _checked(self, item: Any) -> Any:
        if item is None:
            raise DataError(
                f"`{type(self.py_dataset).__name__}.__getitem__` returned None. Expected a batch: `x`, `(x, y)` or "
                "`(x, y, sample_weight)`."
            )
        return item


def _nothing() -> None:
    """What a dataset without a hook does there."""
