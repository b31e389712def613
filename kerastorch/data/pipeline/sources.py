"""Stages without input: tensors, their rows, ranges, generators and random numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count as count_up
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.strings import STRING, StringTensor, as_strings
from kerastorch.data.pipeline.elements import as_element, as_leaf, copied, flattener, packer
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import (
    INFINITE_CARDINALITY,
    TensorSpec,
    spec_of,
    without_axis,
)
from kerastorch.data.pipeline.stage import Stage, note
from kerastorch.errors import DataError


class Tensors(Stage):
    """One element."""

    def __init__(self, tensors: Any) -> None:
        self.element = as_element(tensors)

    def stream(self, run: Run) -> Iterator[Any]:
        yield tree.map_structure(copied, self.element)

    def count(self) -> int:
        return 1

    def spec(self) -> Any:
        return spec_of(self.element)


class Slices(Stage):
    """The rows of tensors; a batch of them is made by one look-up a tensor."""

    def __init__(self, tensors: Any) -> None:
        self.table = self
        self.element = as_element(tensors)
        leaves = flattener(self.element)(self.element)
        self.leaves = [leaf for leaf in leaves if leaf is not None]
        lengths = {tuple(leaf.shape[:1]) for leaf in self.leaves}
        if len(lengths) != 1 or lengths == {()}:
            shapes = [tuple(leaf.shape) for leaf in self.leaves]
            raise DataError(
                "`from_tensor_slices` needs tensors with the same length of the first axis, at least one. Received "
                f"shapes: {shapes}."
            )
        self.length = len(self.leaves[0])
        self._pack = packer(self.element)
        self._all = len(self.leaves) == len(leaves)
        self._places = [leaf is not None for leaf in leaves]

    def row(self, number: int) -> Any:
        """Returns a copy of one row."""
        return self._packed([copied(leaf[number]) for leaf in self.leaves])

    def rows_at(self, numbers: list[int]) -> Any:
        """Returns rows as one batch."""
        index = torch.tensor(numbers, dtype=torch.int64, device="cpu")
        return self._packed(
            [
                leaf[index] if isinstance(leaf, StringTensor) else leaf.index_select(0, index)
                for leaf in self.leaves
            ]
        )

    def _packed(self, leaves: list[Any]) -> Any:
        if not self._all:
            present = iter(leaves)
            leaves = [next(present) if there else None for there in self._places]
        return self._pack(leaves)

    def rows(self, run: Run) -> Iterator[int]:
        return iter(range(self.length))

    def stream(self, run: Run) -> Iterator[Any]:
        return map(self.row, range(self.length))

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        return map(self.row, range(start, self.length))

    def count(self) -> int:
        return self.length

    def spec(self) -> Any:
        return without_axis(spec_of(self.element))


class Range(Stage):
    """Numbers at equal distances.

    Args:
        numbers: these numbers.
        dtype: their type.
    """

    def __init__(self, numbers: range, dtype: torch.dtype) -> None:
        self.numbers = numbers
        self.dtype = dtype

    def stream(self, run: Run) -> Iterator[torch.Tensor]:
        return _scalars(self.numbers, self.dtype)

    def stream_from(self, run: Run, start: int) -> Iterator[torch.Tensor]:
        return _scalars(self.numbers[start:], self.dtype)

    def count(self) -> int:
        return len(self.numbers)

    def spec(self) -> TensorSpec:
        return TensorSpec((), self.dtype)


class Counter(Stage):
    """Numbers at equal distances without end.

    Args:
        start: the first number.
        step: the distance.
        dtype: their type.
    """

    def __init__(self, start: int, step: int, dtype: torch.dtype) -> None:
        self.start = start
        self.step = step
        self.dtype = dtype

    def stream(self, run: Run) -> Iterator[torch.Tensor]:
        return _scalars(count_up(self.start, self.step), self.dtype)

    def count(self) -> int:
        return INFINITE_CARDINALITY

    def spec(self) -> TensorSpec:
        return TensorSpec((), self.dtype)


def _scalars(numbers: Iterable[int], dtype: torch.dtype) -> Iterator[torch.Tensor]:
    return (torch.tensor(number, dtype=dtype, device="cpu") for number in numbers)


class RandomNumbers(Stage):
    """Endless random integers of 32 bits."""

    def __init__(self, seed: int | None, changes: bool) -> None:
        self.seed = seed
        self.changes = changes

    def stream(self, run: Run) -> Iterator[torch.Tensor]:
        generator = run.generator(self.seed, self.changes)
        while True:
            yield torch.randint(2**32, (), generator=generator, device="cpu")

    def count(self) -> int:
        return INFINITE_CARDINALITY

    def spec(self) -> TensorSpec:
        return TensorSpec((), torch.int64)


class FromGenerator(Stage):
    """What a function that returns an iterable, or an iterable itself, gives.

    Args:
        generator: called anew for each iteration, or iterated anew.
        signature: the specs of the elements; None takes elements as they come.
        args: what the function is called with.
    """

    def __init__(self, generator: Callable[..., Iterable] | Iterable, signature: Any, args: tuple) -> None:
        self.generator = generator
        self.signature = signature
        self.args = args
        self.used = False

    def stream(self, run: Run) -> Iterator[Any]:
        if self.signature is None:
            return map(as_element, self._values())
        return map(self._as_declared, self._values())

    def _values(self) -> Iterator[Any]:
        values = iter(self._iterable())
        for number in count_up():
            try:
                value = next(values)
            except StopIteration:
                return
            except Exception as error:
                note(error, f"Raised in Dataset.from_generator, element {number}.")
                raise
            yield value

    def _iterable(self) -> Iterable:
        if callable(self.generator):
            return self.generator(*self.args)
        if isinstance(self.generator, Iterator):
            if self.used:
                raise DataError(
                    "The generator given to `from_generator` has been used up by an earlier iteration. Give the "
                    "function that makes it, without calling it."
                )
            self.used = True
        return self.generator

    def _as_declared(self, value: Any) -> Any:
        if isinstance(self.signature, (tuple, list)) and isinstance(value, list):
            value = tuple(value)
        try:
            return tree.map_structure(_fitted, self.signature, value)
        except DataError:
            raise
        except ValueError as error:
            raise DataError(
                f"`generator` yielded an element that does not match the expected structure {self.signature}. "
                f"Received: {value!r}."
            ) from error

    def spec(self) -> Any:
        return super().spec() if self.signature is None else self.signature


def _fitted(spec: TensorSpec, value: Any) -> Any:
    """A value as a tensor of the declared type, whose shape must be the declared one."""
    leaf = as_strings(value) if spec.dtype == STRING else as_leaf(value)
    if isinstance(leaf, torch.Tensor) and leaf.dtype != spec.dtype:
        leaf = leaf.to(spec.dtype)
    if not spec.is_compatible_with(leaf):
        raise DataError(
            f"`generator` yielded an element of shape {tuple(leaf.shape)} where an element of shape {spec.shape} "
            f"was expected (type {spec.dtype})."
        )
    return leaf
