"""Stages that call users' functions: map, filter, take_while, flat_map, interleave and scan."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import count as count_up
from itertools import takewhile
from typing import Any

import torch

from kerastorch.data.pipeline.elements import as_element
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import (
    UNKNOWN_CARDINALITY,
    TensorSpec,
    spec_of,
)
from kerastorch.data.pipeline.stage import Stage, Step, note, parts_of
from kerastorch.data.pipeline.threads import in_threads, prefetched
from kerastorch.errors import ArgumentTypeError
from kerastorch.tree import flatten, map_structure

_FAILED = object()  # stands for an element whose function failed, until it is dropped


class Call:
    """A user's function applied to elements: tuples are unpacked, and an error names its element.

    Args:
        func: the function.
        what: the name of the method that it was given to.
        run: the iteration.
    """

    def __init__(self, func: Callable, what: str, run: Run) -> None:
        self.func = func
        self.where = f"Dataset.{what}({getattr(func, '__name__', type(func).__name__)})"
        self.run = run
        self._numbers = count_up()

    def __call__(self, element: Any) -> Any:
        return self.numbered(next(self._numbers), element)

    def numbered(self, number: int, element: Any) -> Any:
        """Returns the result for the element of that number."""
        try:
            with torch.no_grad():
                return self.func(*element) if type(element) is tuple else self.func(element)
        except StopIteration as error:  # would end the iteration as if the data were over
            raise RuntimeError(f"StopIteration was raised in {self.where}, element {number}.") from error
        except Exception as error:
            if self.run.forgiving:
                return self._dropped(number, error)
            note(error, f"Raised in {self.where}, element {number}.")
            raise

    def _dropped(self, number: int, error: Exception) -> Any:
        if self.run.warns:
            warnings.warn(
                f"{self.where} fails on element {number}, which is left out: {error!r}", stacklevel=2
            )
        return _FAILED


def _succeeded(results: Iterator[Any], run: Run) -> Iterator[Any]:
    return filter(lambda result: result is not _FAILED, results) if run.forgiving else results


class Map(Step):
    """What a function makes of each element, in threads where several calls may run at once.

    Args:
        source: the stage before.
        func: takes an element, a tuple as several arguments.
        calls: how many calls may run at once; None is one, without threads.
        ordered: whether results keep the order of the elements; None asks the options.
    """

    def __init__(self, source: Stage, func: Callable, calls: int | None, ordered: bool | None) -> None:
        super().__init__(source)
        self.func = func
        self.calls = calls
        self.ordered = ordered

    def stream(self, run: Run) -> Iterator[Any]:
        return self._mapped(self.source.stream(run), run, 0)

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        if run.forgiving:
            return super().stream_from(run, start)
        return self._mapped(self.source.stream_from(run, start), run, start)

    def _mapped(self, elements: Iterator[Any], run: Run, start: int) -> Iterator[Any]:
        call = Call(self.func, "map", run)

        def result(numbered: tuple[int, Any]) -> Any:
            value = call.numbered(*numbered)
            return value if value is _FAILED else as_element(value)

        pairs = enumerate(elements, start)
        if self.calls is None:
            return _succeeded(map(result, pairs), run)
        ordered = run.deterministic if self.ordered is None else self.ordered
        return _succeeded(in_threads(result, pairs, self.calls, ordered), run)

    def count(self) -> int:
        return self.source.count()

    def spec(self) -> Any:
        """The specs of the first result; an axis that varies in the input varies in it where the lengths agree."""
        element = self.source.first()
        found = spec_of(as_element(Call(self.func, "map", Run())(element)))
        varying = _varying_lengths(self.source.spec(), element)

        def opened(leaf: Any) -> Any:
            if not isinstance(leaf, TensorSpec) or not leaf.shape or leaf.shape[0] not in varying:
                return leaf
            return TensorSpec((None, *leaf.shape[1:]), leaf.dtype)

        return map_structure(opened, found)


def _varying_lengths(specs: Any, element: Any) -> set[int]:
    """The lengths that first axes happen to have in an element, of those that vary."""
    pairs = zip(flatten(specs), flatten(element), strict=True)
    return {
        len(leaf)
        for spec, leaf in pairs
        if isinstance(spec, TensorSpec) and spec.shape and spec.shape[0] is None
    }


class Filter(Step):
    """The elements for which a function is true."""

    def __init__(self, source: Stage, predicate: Callable) -> None:
        super().__init__(source)
        self.predicate = predicate

    def stream(self, run: Run) -> Iterator[Any]:
        call = Call(self.predicate, "filter", run)
        return filter(lambda element: _is_true(call(element), "filter"), self.source.stream(run))

    def count(self) -> int:
        return UNKNOWN_CARDINALITY


class TakeWhile(Filter):
    """The elements before the first for which a function is false."""

    def stream(self, run: Run) -> Iterator[Any]:
        call = Call(self.predicate, "take_while", run)
        return takewhile(lambda element: _is_true(call(element), "take_while"), self.source.stream(run))


def _is_true(answer: Any, what: str) -> bool:
    if answer is _FAILED:
        return False
    if getattr(answer, "ndim", 0) != 0 or isinstance(answer, (tuple, list, str)) or answer is None:
        raise ArgumentTypeError(
            f"The function given to `{what}` must return one boolean. Received: {answer!r}."
        )
    return bool(answer)


class FlatMap(Step):
    """The elements of the datasets that a function makes of the elements, one dataset after the other."""

    what = "flat_map"

    def __init__(self, source: Stage, func: Callable) -> None:
        super().__init__(source)
        self.func = func

    def stream(self, run: Run) -> Iterator[Any]:
        for inner in self.inner_streams(run):
            yield from inner()

    def inner_streams(self, run: Run) -> Iterator[Callable[[], Iterator[Any]]]:
        """Yields, for each element, what opens the stream of its dataset."""
        call = Call(self.func, self.what, run)
        for number, element in enumerate(self.source.stream(run)):
            result = call(element)
            if result is not _FAILED:
                stage = parts_of(result, f"What the function given to `{self.what}` returns")
                yield lambda stage=stage, number=number: stage.stream(run.child(number))  # type: ignore[misc]

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def spec(self) -> Any:
        dataset = Call(self.func, self.what, Run())(self.source.first())
        return parts_of(dataset, f"What the function given to `{self.what}` returns").spec()


class Interleave(FlatMap):
    """The elements of several of these datasets at a time, a block of each in turn.

    Args:
        source: the stage before.
        func: makes a dataset of an element.
        cycle: how many datasets are open at a time.
        block: how many elements in a row come of one dataset.
        parallel: whether each open dataset is read ahead by a thread.
    """

    what = "interleave"

    def __init__(self, source: Stage, func: Callable, cycle: int, block: int, parallel: bool) -> None:
        super().__init__(source, func)
        self.cycle = cycle
        self.block = block
        self.parallel = parallel

    def stream(self, run: Run) -> Iterator[Any]:
        inner = self.inner_streams(run)
        waiting = True
        slots: list[Iterator[Any] | None] = [None] * self.cycle
        place = 0
        while waiting or any(slot is not None for slot in slots):
            if slots[place] is None and waiting:
                opened = next(inner, None)
                waiting = opened is not None
                slots[place] = self._opened(opened) if opened else None
            if slots[place] is not None and not (yield from self._block(slots[place])):
                slots[place] = None
            place = (place + 1) % self.cycle

    def _opened(self, open_stream: Callable[[], Iterator[Any]]) -> Iterator[Any]:
        return prefetched(open_stream, self.block + 1) if self.parallel else iter(open_stream())

    def _block(self, stream: Any) -> Generator[Any, None, bool]:
        """Yields the next elements of a dataset; returns whether there may be more."""
        for _ in range(self.block):
            try:
                element = next(stream)
            except StopIteration:
                return False
            yield element
        return True


class Scan(Step):
    """What a function makes of each element and of a state that it passes on."""

    def __init__(self, source: Stage, initial: Any, func: Callable) -> None:
        super().__init__(source)
        self.initial = as_element(initial)
        self.func = func

    def stream(self, run: Run) -> Iterator[Any]:
        state = self.initial
        call = Call(self.func, "scan", run)
        for number, element in enumerate(self.source.stream(run)):
            answer = call.numbered(number, (state, element))
            if answer is _FAILED:
                continue
            if not isinstance(answer, tuple) or len(answer) != 2:
                raise ArgumentTypeError(
                    f"The function given to `scan` must return a new state and an output. Received: {answer!r}."
                )
            state = as_element(answer[0])
            yield as_element(answer[1])

    def spec(self) -> Any:
        return Stage.spec(self)


class IgnoreErrors(Step):
    """Goes on after elements on which the functions of the stages before fail.

    Args:
        source: the stage before.
        warn: whether a warning tells of each.
    """

    def __init__(self, source: Stage, warn: bool) -> None:
        super().__init__(source)
        self.warn = warn

    def stream(self, run: Run) -> Iterator[Any]:
        return self.source.stream(replace(run, forgiving=True, warns=self.warn))

    def count(self) -> int:
        return UNKNOWN_CARDINALITY
