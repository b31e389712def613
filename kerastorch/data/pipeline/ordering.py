"""Stages that choose and order elements without looking at them: shuffle, repeat, take, skip and shard.

Over a table of rows they work on the numbers of the rows, so that nothing is read before its batch is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count as count_up
from itertools import islice
from typing import Any

import torch

from kerastorch.core.seeds import new_seed
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import INFINITE_CARDINALITY, capped
from kerastorch.data.pipeline.stage import Stage, Step

Streams = Callable[[Run], Iterator[Any]]
_DRAWS = 1024  # random numbers that are drawn at a time


class Arrangement(Step):
    """A stage that gives the elements of its source in another order or number."""

    def __init__(self, source: Stage) -> None:
        super().__init__(source)
        self.table = source.table

    def arrange(self, streams: Streams, run: Run) -> Iterator[Any]:
        """Returns the items of `streams`, elements or numbers of rows, as this stage arranges them."""
        raise NotImplementedError(f"{type(self).__name__} must define `arrange`.")

    def stream(self, run: Run) -> Iterator[Any]:
        if self.table is None:
            return self.arrange(self.source.stream, run)
        return map(self.table.row, self.rows(run))

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        if self.table is None:
            return islice(self.stream(run), start, None)
        return map(self.table.row, islice(self.rows(run), start, None))

    def rows(self, run: Run) -> Iterator[int]:
        return self.arrange(self.source.rows, run)


class Shuffle(Arrangement):
    """Draws each element from a buffer that is filled from the source."""

    def __init__(self, source: Stage, buffer_size: int, seed: int | None, reshuffle: bool) -> None:
        super().__init__(source)
        self.buffer_size = buffer_size
        self.seed = new_seed() if seed is None and not reshuffle else seed
        self.reshuffle = reshuffle

    def arrange(self, streams: Streams, run: Run) -> Iterator[Any]:
        stream = streams(run.child(0))
        generator = run.generator(self.seed, self.reshuffle)
        buffer = list(islice(stream, self.buffer_size))
        if len(buffer) == self.buffer_size:
            slots = _slots(self.buffer_size, generator)
            for item, slot in zip(stream, slots, strict=False):
                yield buffer[slot]
                buffer[slot] = item
        for place in torch.randperm(len(buffer), generator=generator, device="cpu").tolist():
            yield buffer[place]


def _slots(size: int, generator: torch.Generator) -> Iterator[int]:
    while True:
        yield from torch.randint(size, (_DRAWS,), generator=generator, device="cpu").tolist()


class Repeat(Arrangement):
    """Runs through its source several times, or for ever."""

    def __init__(self, source: Stage, turns: int) -> None:
        super().__init__(source)
        self.turns = turns

    def arrange(self, streams: Streams, run: Run) -> Iterator[Any]:
        for turn in count_up() if self.turns < 0 else range(self.turns):
            empty = True
            for item in streams(run.again(turn, self.turns)):
                empty = False
                yield item
            if empty:
                return

    def count(self) -> int:
        count = self.source.count()
        if self.turns == 0 or count == 0:
            return 0
        if self.turns < 0:
            return INFINITE_CARDINALITY
        return count * self.turns if count >= 0 else count


class Take(Arrangement):
    """The first elements; -1 is all."""

    def __init__(self, source: Stage, limit: int) -> None:
        super().__init__(source)
        self.limit = limit

    def arrange(self, streams: Streams, run: Run) -> Iterator[Any]:
        return islice(streams(run), self.limit) if self.limit >= 0 else streams(run)

    def count(self) -> int:
        return 0 if self.limit == 0 else capped(self.source.count(), self.limit)


class Skip(Arrangement):
    """All but the first elements; -1 leaves out all."""

    def __init__(self, source: Stage, number: int) -> None:
        super().__init__(source)
        self.number = number

    def arrange(self, streams: Streams, run: Run) -> Iterator[Any]:
        return islice(streams(run), self.number, None) if self.number >= 0 else iter(())

    def stream(self, run: Run) -> Iterator[Any]:
        if self.table is None and self.number >= 0:
            return self.source.stream_from(run, self.number)
        return super().stream(run)

    def count(self) -> int:
        count = self.source.count()
        if self.number < 0:
            return 0
        return max(count - self.number, 0) if count >= 0 else count


class Shard(Arrangement):
    """Every element whose number leaves a given remainder."""

    def __init__(self, source: Stage, shards: int, index: int) -> None:
        super().__init__(source)
        self.shards = shards
        self.index = index

    def arrange(self, streams: Streams, run: Run) -> Iterator[Any]:
        return islice(streams(run), self.index, None, self.shards)

    def count(self) -> int:
        count = self.source.count()
        return max(-(-(count - self.index) // self.shards), 0) if count >= 0 else count
