"""Stages with several inputs: zip, concatenate, choices between datasets; and elements with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import torch

from kerastorch import tree
from kerastorch.data.pipeline.elements import packer
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, TensorSpec, merged
from kerastorch.data.pipeline.stage import Stage, Step, parts_of
from kerastorch.errors import DataError


class Several(Stage):
    """A stage with several inputs of elements that are alike.

    Args:
        sources: the stages before.
    """

    def __init__(self, sources: Sequence[Stage]) -> None:
        self.sources = list(sources)

    def streams(self, run: Run) -> list[Iterator[Any]]:
        """The streams of all inputs."""
        return [iter(source.stream(run.child(place))) for place, source in enumerate(self.sources)]

    def spec(self) -> Any:
        return reduce(merged, (source.spec() for source in self.sources))


class Zip(Several):
    """One element of each input at a time, in the structure that the datasets were given in."""

    def __init__(self, datasets: Any) -> None:
        found = tree.map_structure(lambda dataset: parts_of(dataset, "Every part of `zip`"), datasets)
        super().__init__(tree.flatten(found))
        self.datasets = found

    def stream(self, run: Run) -> Iterator[Any]:
        return map(packer(self.datasets), zip(*self.streams(run), strict=False))

    def count(self) -> int:
        counts = [source.count() for source in self.sources]
        finite = [count for count in counts if count != INFINITE_CARDINALITY]
        return min(finite, default=INFINITE_CARDINALITY)  # the unknown count is below every number

    def spec(self) -> Any:
        return tree.pack_sequence_as(self.datasets, [source.spec() for source in self.sources])


class Concatenate(Several):
    """All elements of the first input, then those of the next."""

    def stream(self, run: Run) -> Iterator[Any]:
        for place, source in enumerate(self.sources):
            yield from source.stream(run.child(place))

    def count(self) -> int:
        counts = [source.count() for source in self.sources]
        if INFINITE_CARDINALITY in counts:
            return INFINITE_CARDINALITY
        return UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in counts else sum(counts)


class Choose(Several):
    """The next element of the input that a dataset of numbers names.

    Args:
        sources: the stages to choose from.
        choices: gives the numbers.
        stop: whether to end at the first input that has no more; otherwise it is passed over.
    """

    def __init__(self, sources: Sequence[Stage], choices: Stage, stop: bool) -> None:
        super().__init__(sources)
        self.choices = choices
        self.stop = stop

    def stream(self, run: Run) -> Iterator[Any]:
        streams = self.streams(run)
        left = set(range(len(streams)))
        for choice in map(int, self.choices.stream(run.child(len(streams)))):
            if not 0 <= choice < len(streams):
                raise DataError(
                    f"`choice_dataset` must give numbers from 0 to {len(streams) - 1}. Received: {choice}."
                )
            try:
                element = next(streams[choice])
            except StopIteration:
                left.discard(choice)
                if self.stop or not left:
                    return
                continue
            yield element


class Sample(Several):
    """The next element of an input that is drawn at random.

    Args:
        sources: the stages to draw from.
        weights: how likely each is.
        seed: fixes the draws.
        stop: whether to end at the first input that has no more; otherwise it is passed over.
        changes: whether each iteration draws anew.
    """

    def __init__(
        self, sources: Sequence[Stage], weights: torch.Tensor, seed: int | None, stop: bool, changes: bool
    ) -> None:
        super().__init__(sources)
        self.weights = weights
        self.seed = seed
        self.stop = stop
        self.changes = changes

    def stream(self, run: Run) -> Iterator[Any]:
        streams = self.streams(run)
        weights = self.weights.clone()
        generator = run.child(len(streams)).generator(self.seed, self.changes)
        while weights.any():
            choice = int(torch.multinomial(weights, 1, generator=generator))
            try:
                element = next(streams[choice])
            except StopIteration:
                if self.stop:
                    return
                weights[choice] = 0
                continue
            yield element

    def count(self) -> int:
        counts = [
            source.count() for source, weight in zip(self.sources, self.weights, strict=True) if weight > 0
        ]
        if INFINITE_CARDINALITY in counts:
            return (
                UNKNOWN_CARDINALITY
                if self.stop and set(counts) != {INFINITE_CARDINALITY}
                else INFINITE_CARDINALITY
            )
        return UNKNOWN_CARDINALITY if self.stop or UNKNOWN_CARDINALITY in counts else sum(counts)


class Enumerate(Step):
    """Pairs of a number and an element.

    Args:
        source: the stage before.
        start: the first number.
    """

    def __init__(self, source: Stage, start: int) -> None:
        super().__init__(source)
        self.start = start

    def stream(self, run: Run) -> Iterator[Any]:
        return self._numbered(self.source.stream(run), self.start)

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        return self._numbered(self.source.stream_from(run, start), self.start + start)

    def _numbered(self, elements: Iterator[Any], start: int) -> Iterator[Any]:
        pairs = enumerate(elements, start)
        return ((torch.tensor(number, dtype=torch.int64, device="cpu"), element) for number, element in pairs)

    def spec(self) -> Any:
        return (TensorSpec((), torch.int64), self.source.spec())
