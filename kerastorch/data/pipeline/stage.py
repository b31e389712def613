"""What a pipeline is made of: stages that stream elements, each from the stages before it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import UNKNOWN_CARDINALITY, spec_of
from kerastorch.errors import DataError


class Table(Protocol):
    """Data whose elements are found by number."""

    def row(self, number: int) -> Any:
        """Returns the element of that number."""

    def rows_at(self, numbers: list[int]) -> Any:
        """Returns the elements of those numbers as one batch."""


class Stage:
    """A source of elements, or a step that makes elements of those of other stages."""

    table: Table | None = None  # where the elements are rows of a table, in an order that `rows` gives

    def stream(self, run: Run) -> Iterator[Any]:
        """Returns a new iterator over the elements."""
        raise NotImplementedError(f"{type(self).__name__} must define `stream`.")

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        """Returns what `stream` does without the first `start` elements."""
        return islice(self.stream(run), start, None)

    def rows(self, run: Run) -> Iterator[int]:
        """Returns the numbers of the rows of `table` in the order of this stage."""
        raise NotImplementedError(f"{type(self).__name__} has no table.")

    def count(self) -> int:
        """Returns the number of elements, or one of the two constants for what is no number."""
        return UNKNOWN_CARDINALITY

    def spec(self) -> Any:
        """Returns the specs of the elements, which those without a rule read off the first element."""
        return spec_of(self.first())

    def first(self) -> Any:
        """Returns the first element of an iteration that nobody counts.

        Raises:
            DataError: when there is none.
        """
        for element in self.stream(Run()):
            return element
        raise DataError("The dataset is empty, so that nothing is known of its elements.")


class Step(Stage):
    """A stage with one input whose elements have the same structure and number, unless a subclass says otherwise.

    Args:
        source: the stage before.
    """

    def __init__(self, source: Stage) -> None:
        self.source = source

    def count(self) -> int:
        return self.source.count()

    def spec(self) -> Any:
        return self.source.spec()


def parts_of(dataset: Any, what: str) -> Stage:
    """Returns the last stage of a dataset.

    Args:
        dataset: what a user gave.
        what: where, for the error.

    Raises:
        DataError: when it is no dataset.
    """
    stage = getattr(dataset, "stage", None)
    if isinstance(stage, Stage):
        return stage
    raise DataError(f"{what} must be a Dataset. Received: {dataset!r} (of type {type(dataset).__name__}).")


def note(error: BaseException, text: str) -> None:
    """Adds a line to what is printed of an error (`add_note`, which Python 3.10 does not have)."""
    error.__notes__ = [*getattr(error, "__notes__", []), text]
