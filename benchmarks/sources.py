"""Kinds of data that come batch by batch, for `fit` and for the loop alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader

import kerastorch
from benchmarks.workloads import Workload

WORKERS = 2
Batch = tuple[np.ndarray, np.ndarray]
Work = Callable[[np.ndarray], np.ndarray]


def cheap(row: np.ndarray) -> np.ndarray:
    """A sample as it is."""
    return row


def augmented(row: np.ndarray) -> np.ndarray:
    """A sample moved along and with another contrast: about 1 ms of Python and NumPy for 64 of 784 numbers."""
    moved = np.concatenate([row[3:], row[:3]])
    return np.sign(moved) * np.sqrt(np.abs(moved))


WORKS: dict[str, Work] = {"cheap batches": cheap, "augmented batches": augmented}


@dataclass(frozen=True)
class Source:
    """One kind of data.

    Args:
        name: what the table calls it.
        given: opens what `fit` gets.
        read: opens what the loop goes through; None is the same.
        way: what the loop goes through, in words.
    """

    name: str
    given: Callable[[], Any]
    read: Callable[[], Iterable] | None = None
    way: str = "the same source"

    def by_hand(self) -> Iterable:
        """What the loop goes through in an epoch."""
        return (self.read or self.given)()


def worked(x: np.ndarray, work: Work) -> np.ndarray:
    """A batch with work done to each sample."""
    return np.stack([work(row) for row in x])


class Samples(torch.utils.data.Dataset):
    """The samples of a workload by number.

    Args:
        workload: whose data.
        work: what is done to each sample.
    """

    def __init__(self, workload: Workload, work: Work) -> None:
        self.x, self.y = workload.data()
        self.work = work

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.integer]:
        return self.work(self.x[index]), self.y[index]


class Batches(kerastorch.utils.PyDataset):
    """The batches of a workload by number.

    Args:
        workload: whose data.
        work: what is done to each sample.
        **workers: what `PyDataset` takes.
    """

    def __init__(self, workload: Workload, work: Work, **workers: Any) -> None:
        super().__init__(**workers)
        self.x, self.y = workload.data()
        self.size, self.work = workload.batch_size, work

    def __len__(self) -> int:
        return len(self.x) // self.size

    def __getitem__(self, index: int) -> Batch:
        rows = slice(index * self.size, (index + 1) * self.size)
        x, y = self.x[rows], self.y[rows]
        return (x if self.work is cheap else worked(x, self.work)), y


def generator(batches: Batches) -> Iterator[Batch]:
    """The batches as a generator."""
    for number in range(len(batches)):
        yield batches[number]


def in_threads(batches: Batches) -> Iterator[Batch]:
    """The batches, computed by a pool of threads."""
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(batches.__getitem__, range(len(batches)))


def pipelines(workload: Workload, work: Work) -> Iterator[Source]:
    """`Dataset` pipelines, whose functions work on samples or on batches."""
    size = workload.batch_size
    rows = kerastorch.data.Dataset.from_tensor_slices(workload.data()).shuffle(1024)

    def one(x: torch.Tensor, y: torch.Tensor) -> Any:
        return work(x.numpy()), y

    def many(x: torch.Tensor, y: torch.Tensor) -> Any:
        return worked(x.numpy(), work), y

    long = rows.map(one).batch(size).prefetch(2)
    yield Source("Dataset: shuffle, map, batch, prefetch", lambda: long)
    short = rows.batch(size)
    if work is cheap:
        yield Source("Dataset: shuffle, batch", lambda: short)
    else:
        mapped = short.map(many)
        yield Source("Dataset: shuffle, batch, map", lambda: mapped)


def _same(source: Any) -> Any:
    return source


def sources(workload: Workload, work: Work) -> Iterator[Source]:
    """Every kind of data.

    Args:
        workload: whose data.
        work: what is done to each sample.
    """
    plain = Batches(workload, work)
    yield Source("generator", lambda: generator(plain))
    samples = Samples(workload, work)
    for workers, name in ((0, "DataLoader"), (WORKERS, "DataLoader, 2 processes")):
        loader = DataLoader(samples, workload.batch_size, shuffle=True, num_workers=workers)
        yield Source(name, partial(_same, loader))
    threads = Batches(workload, work, workers=WORKERS)
    yield Source("Sequence, 2 threads", lambda: threads, lambda: in_threads(threads), "a pool of threads")
    processes = Batches(workload, work, workers=WORKERS, use_multiprocessing=True)
    numbered: Any = processes  # all that a `DataLoader` asks of its dataset is `__getitem__` and `__len__`
    same: DataLoader = DataLoader(numbered, batch_size=None, shuffle=True, num_workers=WORKERS)
    yield Source("Sequence, 2 processes", lambda: processes, lambda: same, "a DataLoader of its batches")
    yield from pipelines(workload, work)
