"""Stages that keep elements: in memory, in a file, or a few of them ahead of the reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerastorch import tree
from kerastorch.data.pipeline.elements import copied
from kerastorch.data.pipeline.files import ElementReader, ElementWriter
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.stage import Stage, Step
from kerastorch.data.pipeline.threads import outside_inference, prefetched


class MemoryCache(Step):
    """The elements of the first iteration that came to its end, from then on without asking the source."""

    def __init__(self, source: Stage) -> None:
        super().__init__(source)
        self.elements: list[Any] | None = None

    def stream(self, run: Run) -> Iterator[Any]:
        return self._filling(run) if self.elements is None else self._kept(0)

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        return super().stream_from(run, start) if self.elements is None else self._kept(start)

    def _kept(self, start: int) -> Iterator[Any]:
        for element in (self.elements or [])[start:]:
            yield tree.map_structure(copied, element)

    def _filling(self, run: Run) -> Iterator[Any]:
        elements = []
        for element in outside_inference(self.source.stream(run)):
            elements.append(tree.map_structure(copied, element))
            yield element
        self.elements = elements


class FileCache(Step):
    """The elements that a file holds, once an iteration that came to its end has written it.

    Args:
        source: the stage before.
        path: the file.
    """

    def __init__(self, source: Stage, path: Path) -> None:
        super().__init__(source)
        self.path = path

    def stream(self, run: Run) -> Iterator[Any]:
        return ElementReader(self.path).elements() if self.path.exists() else self._writing(run)

    def _writing(self, run: Run) -> Iterator[Any]:
        with ElementWriter(self.path) as writer:
            for element in outside_inference(self.source.stream(run)):
                writer.write(element)
                yield element
            writer.finish()


class Saved(Stage):
    """The elements that a file holds."""

    def __init__(self, path: Path) -> None:
        self.reader = ElementReader(path)

    def stream(self, run: Run) -> Iterator[Any]:
        return self.reader.elements()

    def count(self) -> int:
        return self.reader.count


class Prefetch(Step):
    """Elements that a thread makes ahead of the reader.

    Args:
        source: the stage before.
        size: how many at most.
    """

    def __init__(self, source: Stage, size: int) -> None:
        super().__init__(source)
        self.size = size

    def stream(self, run: Run) -> Iterator[Any]:
        return prefetched(lambda: self.source.stream(run), self.size)

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        return prefetched(lambda: iter(self.source.stream_from(run, start)), self.size)
