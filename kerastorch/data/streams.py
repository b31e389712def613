"""Sources that give one batch after the other: generators, iterables, `DataLoader`s and datasets of samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import torch
from torch.utils.data import DataLoader, IterableDataset, default_collate

from kerastorch.data.prefetch import prefetched
from kerastorch.errors import DataError


class MakesBatches:
    """A source that makes its batches itself, as the `Dataset` of pipelines does."""


class StreamBatches:
    """Batches of an iterable, each made ready for a step.

    Args:
        source: what `iter()` goes through in each epoch: a `DataLoader`, a `Dataset` pipeline, a generator, or any
            iterable of batches.
        prepare: makes a batch ready, see `batches.Prepared`.
        prefetch: how many batches a thread of its own reads ahead; 0 reads them when they are needed, as does any
            number where `enable_determinism` was called: the thread would share the random generators.

    Raises:
        DataError: when the first batch is none.
    """

    def __init__(self, source: Any, prepare: Callable[[Any], Any], prefetch: int = 0) -> None:
        self._source, self._prepare, self._prefetch = source, prepare, prefetch
        self.is_one_way = iter(source) is source if isinstance(source, Iterator) else False

    @property
    def num_batches(self) -> int | None:
        """The number of batches in an epoch, None if it is unknown or endless."""
        try:
            count = len(self._source)
        except (TypeError, NotImplementedError, AttributeError):
            return None
        return count if count >= 0 else None

    def __iter__(self) -> Iterator[Any]:
        return self.iterate()

    def iterate(self, skip: int = 0) -> Iterator[Any]:
        """Yields the batches of an epoch.

        Args:
            skip: how many batches to pass over at its beginning.
        """
        batches = iter(self._source)
        if skip:
            skip_to(batches, skip)
        if self._prefetch and not torch.are_deterministic_algorithms_enabled():
            batches = prefetched(batches, self._prefetch)
        return map(self._prepare, batches)

    @property
    def passes(self) -> int:
        """How many times the source has been gone through, as far as its order depends on that."""
        return getattr(self._source, "iteration", 0)

    def set_passes(self, number: int) -> None:
        """Lets a source whose order depends on the number of the pass go on at that number.

        Args:
            number: how many passes count as done.
        """
        if hasattr(self._source, "set_iteration"):
            self._source.set_iteration(number)

    @property
    def generators(self) -> list[torch.Generator]:
        """The generators of random numbers of the source's own that its order comes from."""
        sampler = getattr(self._source, "sampler", None)
        found = [getattr(owner, "generator", None) for owner in (self._source, sampler)]
        return list({id(g): g for g in found if isinstance(g, torch.Generator)}.values())


class Restarting:
    """The iterable of a function that returns a new iterator each time.

    Args:
        function: takes no arguments.
    """

    def __init__(self, function: Callable[[], Iterable]) -> None:
        self._function = function

    def __iter__(self) -> Iterator[Any]:
        made = self._function()
        try:
            return iter(made)
        except TypeError:
            name = getattr(self._function, "__name__", repr(self._function))
            raise DataError(
                f"The function {name!r} given as data returned a {type(made).__name__}. Expected a generator or "
                "another iterable of batches `x`, `(x, y)` or `(x, y, sample_weight)`."
            ) from None


def skip_to(batches: Iterator[Any], count: int) -> None:
    """Passes over the next batches of an iterator, without computing them where it knows how to.

    Args:
        batches: the iterator; its `skip(count)` is used if there is one.
        count: how many.
    """
    own = getattr(batches, "skip", None)
    if own is not None:
        own(count)
    else:
        deque(islice(batches, count), maxlen=0)


class _Samples(torch.utils.data.Dataset):
    """A mapping dataset whose samples may be dictionaries, with columns for the targets."""

    def __init__(self, dataset: Any, targets: str | list[str] | None) -> None:
        self._dataset, self._targets = dataset, targets

    def __len__(self) -> int:
        return len(self._dataset)

    def __getitem__(self, index: int) -> Any:
        return self._split(self._dataset[index])

    def _split(self, sample: Any) -> Any:
        if self._targets is None:
            return sample
        names = [self._targets] if isinstance(self._targets, str) else self._targets
        missing = [name for name in names if name not in sample]
        if missing:
            raise DataError(f"The samples have no column {missing[0]!r} for `y`. They have {sorted(sample)}.")
        x = {name: value for name, value in sample.items() if name not in names}
        x = next(iter(x.values())) if len(x) == 1 else x
        y = sample[names[0]] if isinstance(self._targets, str) else {name: sample[name] for name in names}
        return x, y


def loader_of_samples(
    dataset: Any,
    batch_size: int,
    shuffle: bool,
    targets: str | list[str] | None = None,
    workers: int = 0,
    depth: int = 10,
) -> DataLoader:
    """Returns a `DataLoader` for a torch dataset, or anything that has samples by number and a length.

    Args:
        dataset: the samples: `x`, `(x, y)`, `(x, y, sample_weight)` or dictionaries.
        batch_size: samples in a batch.
        shuffle: whether each epoch has a new order, drawn from torch's generator.
        targets: for samples that are dictionaries: the column of the targets, or a list of columns.
        workers: processes that read; 0 reads in this one.
        depth: batches that are read ahead in all.
    """
    ahead: dict[str, Any] = {}
    if workers:
        ahead = {"prefetch_factor": max(1, depth // workers), "persistent_workers": True}
    if isinstance(dataset, IterableDataset):
        return DataLoader(dataset, batch_size, num_workers=workers, **ahead)
    samples = dataset if targets is None else _Samples(dataset, targets)
    return DataLoader(samples, batch_size, bool(shuffle), num_workers=workers, collate_fn=collate, **ahead)


def collate(samples: list[Any]) -> Any:
    """Returns samples as one batch: `torch.utils.data.default_collate`, keeping tuples as tuples.

    Args:
        samples: the samples of a batch.

    Example:
        >>> collate([(1, 2.0), (3, 4.0)])
        (tensor([1, 3]), tensor([2., 4.], dtype=torch.float64))
    """
    batch = default_collate(samples)
    return tuple(batch) if isinstance(samples[0], tuple) and isinstance(batch, list) else batch
