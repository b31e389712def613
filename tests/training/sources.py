"""The same rows as every kind of data that `fit` takes, in batches of `BATCH` in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.py_dataset import PyDataset

BATCH = 7


def batches(*parts: np.ndarray) -> Iterator[Any]:
    for start in range(0, len(parts[0]), BATCH):
        batch = tuple(part[start : start + BATCH] for part in parts)
        yield batch[0] if len(batch) == 1 else batch


class Rows(torch.utils.data.Dataset):
    """One row at a time."""

    def __init__(self, *parts: np.ndarray) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return len(self.parts[0])

    def __getitem__(self, index: int) -> Any:
        row = tuple(part[index] for part in self.parts)
        return row[0] if len(row) == 1 else row


class Streamed(IterableDataset):
    def __init__(self, *parts: np.ndarray) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[Any]:
        return (tuple(row) if len(row) > 1 else row[0] for row in zip(*self.parts, strict=True))


class Batches(PyDataset):
    """One batch at a time."""

    def __init__(self, *parts: np.ndarray, **options: Any) -> None:
        super().__init__(**options)
        self.batches = list(batches(*parts))

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Any:
        return self.batches[index]


class Iterated:
    """An iterable that is no iterator: each epoch begins anew."""

    def __init__(self, *parts: np.ndarray) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[Any]:
        return batches(*self.parts)


def tensors(parts: tuple) -> list[torch.Tensor]:
    return [torch.from_numpy(part) for part in parts]


def frames(*parts: np.ndarray) -> Callable[[], Iterator[Any]]:
    def read() -> Iterator[Any]:
        for batch in batches(*parts):
            whole = batch if isinstance(batch, tuple) else (batch,)
            found = tuple(pd.DataFrame(part) if part.ndim == 2 else pd.Series(part) for part in whole)
            yield found if len(found) > 1 else found[0]

    return read


SOURCES: dict[str, Callable[..., Any]] = {
    "loader": lambda *p: DataLoader(Rows(*p), BATCH),
    "loader of tensors": lambda *p: DataLoader(TensorDataset(*tensors(p)), BATCH),
    "loader with two processes": lambda *p: DataLoader(Rows(*p), BATCH, num_workers=2),
    "iterable dataset": Streamed,
    "samples": Rows,
    "tensor dataset": lambda *p: TensorDataset(*tensors(p)),
    "sequence": Batches,
    "sequence with two threads": lambda *p: Batches(*p, workers=2),
    "sequence with two processes": lambda *p: Batches(*p, workers=2, use_multiprocessing=True),
    "function of a generator": lambda *p: lambda: batches(*p),
    "function of frames": frames,
    "iterable": Iterated,
    "pipeline": lambda *p: Dataset.from_tensor_slices(p if len(p) > 1 else p[0]).batch(BATCH),
    "pipeline with a map": lambda *p: (
        Dataset.from_tensor_slices(p if len(p) > 1 else p[0])
        .map(lambda *row: row if len(row) > 1 else row[0], num_parallel_calls=2)
        .batch(BATCH)
        .prefetch(2)
    ),
}
TAKE_BATCH_SIZE = ("samples", "iterable dataset", "tensor dataset")


def options(kind: str) -> dict[str, int]:
    """The batch size, for sources that leave it to `fit`."""
    return {"batch_size": BATCH} if kind in TAKE_BATCH_SIZE else {}
