"""Stages that put elements together and take them apart: batch, padded_batch, unbatch and rebatch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, cycle, islice, repeat
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.strings import StringTensor, as_strings
from kerastorch.data.pipeline.elements import Stacker, as_leaf, copied, flattener, packer, padded
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import UNKNOWN_CARDINALITY, TensorSpec, with_axis, without_axis
from kerastorch.data.pipeline.stage import Stage, Step
from kerastorch.errors import DataError


def groups(stream: Iterator[Any], size: int, only_full: bool) -> Iterator[list[Any]]:
    """Yields the items of a stream in lists of `size`; the last may be shorter unless `only_full`."""
    while group := list(islice(stream, size)):
        if only_full and len(group) < size:
            return
        yield group


class Batch(Step):
    """Consecutive elements as one, along a new first axis.

    Args:
        source: the stage before.
        size: elements in a batch.
        drop: whether a last partial batch is left out.
        stacker: makes the function that puts elements together.
    """

    def __init__(
        self, source: Stage, size: int, drop: bool, stacker: Callable[[], Callable] | None = None
    ) -> None:
        super().__init__(source)
        self.size = size
        self.drop = drop
        self.stacker = stacker

    def stream(self, run: Run) -> Iterator[Any]:
        return self.stream_from(run, 0)

    def stream_from(self, run: Run, start: int) -> Iterator[Any]:
        table = self.source.table
        if table is None or self.stacker is not None:
            make = (self.stacker or Stacker)()
            return map(make, groups(self.source.stream_from(run, start * self.size), self.size, self.drop))
        rows = islice(self.source.rows(run), start * self.size, None)
        return map(table.rows_at, groups(rows, self.size, self.drop))

    def count(self) -> int:
        count = self.source.count()
        if count < 0:
            return count
        return count // self.size if self.drop else -(-count // self.size)

    def spec(self) -> Any:
        whole = self.drop or self.source.count() == -1
        return with_axis(self.source.spec(), self.size if whole else None)


class PaddedBatch(Batch):
    """Batches of elements that are filled up to one shape.

    Args:
        source: the stage before.
        size: elements in a batch.
        drop: whether a last partial batch is left out.
        shapes: nested shapes to fill up to; None for those of the longest element of each batch.
        values: nested values to fill with; one for all, or None for zero and the empty string.
    """

    def __init__(self, source: Stage, size: int, drop: bool, shapes: Any, values: Any) -> None:
        self.shapes = shapes
        self.values = values
        super().__init__(source, size, drop, lambda: padding_stacker(shapes, values))

    def spec(self) -> Any:
        spec = self.source.spec()
        leaves = flattener(spec)(spec)
        shapes = _shapes_of(self.shapes, spec)
        length = self.size if self.drop else None
        grown = [
            TensorSpec((length, *(shape or [None] * len(leaf.shape))), leaf.dtype)
            for leaf, shape in zip(leaves, shapes, strict=True)
        ]
        return packer(spec)(grown)


def padding_stacker(shapes: Any, values: Any) -> Callable[[Sequence[Any]], Any]:
    """Returns a function that pads elements and stacks them.

    Args:
        shapes: nested shapes, or None.
        values: nested values, one value, or None.
    """
    plan: list[tuple[Any, Any]] = []

    def join(leaves: Sequence[Any], place: int) -> Any:
        return padded(leaves, *plan[place])

    stack = Stacker(join)

    def make(elements: Sequence[Any]) -> Any:
        if not plan:
            element = elements[0]
            plan.extend(zip(_shapes_of(shapes, element), _values_of(values, element), strict=True))
        return stack(elements)

    return make


def _shapes_of(shapes: Any, element: Any) -> list[Any]:
    """The shape for every leaf of an element; a shape is a list, tuple or `torch.Size` of numbers and None."""
    if shapes is None:
        return [None] * len(tree.flatten(element))
    if not tree.is_nested(element):
        return [_shape(shapes)]
    if isinstance(element, dict):
        parts = [(shapes[key], element[key]) for key in tree.sorted_keys(element)]
    else:
        parts = list(zip(shapes, element, strict=True))
    return [shape for part, below in parts for shape in _shapes_of(part, below)]


def _shape(shape: Any) -> list[int | None]:
    numbers = shape.tolist() if isinstance(shape, (np.ndarray, torch.Tensor)) else list(shape)
    return [None if number in (None, -1) else int(number) for number in numbers]


def _values_of(values: Any, element: Any) -> list[Any]:
    count = len(tree.flatten(element))
    if tree.is_nested(values):
        tree.assert_same_structure(values, element)
        return [_value(value) for value in tree.flatten(values)]
    return [_value(values)] * count


def _value(value: Any) -> Any:
    if value is None or isinstance(value, (str, bytes)):
        return value
    return as_leaf(value).tolist()


class Unbatch(Step):
    """The rows of each element, one after the other."""

    def stream(self, run: Run) -> Iterator[Any]:
        return chain.from_iterable(map(_rows_of, self.source.stream(run)))

    def count(self) -> int:
        count = self.source.count()
        if count == 0:
            return 0
        return UNKNOWN_CARDINALITY if count > 0 else count

    def spec(self) -> Any:
        return without_axis(self.source.spec())


def _rows_of(batch: Any) -> Iterator[Any]:
    """Copies of the rows: whoever keeps one of them, such as a shuffle, does not keep the whole batch with it."""
    leaves = flattener(batch)(batch)
    if any(leaf.ndim == 0 for leaf in leaves if leaf is not None):
        raise DataError("Cannot unbatch an input with scalar components. Batch the dataset first.")
    length = next(len(leaf) for leaf in leaves if leaf is not None)
    columns = [repeat(None, length) if leaf is None else map(copied, leaf) for leaf in leaves]
    return map(packer(batch), zip(*columns, strict=True))


class Rebatch(Step):
    """The rows of batches in batches of other sizes, which are used in turn.

    Args:
        source: the stage before.
        sizes: rows in a batch.
        drop: whether a last partial batch is left out.
    """

    def __init__(self, source: Stage, sizes: list[int], drop: bool) -> None:
        super().__init__(source)
        self.sizes = sizes
        self.drop = drop

    def stream(self, run: Run) -> Iterator[Any]:
        sizes = cycle(self.sizes)
        size = next(sizes)
        held: Any = None
        for batch in self.source.stream(run):
            held = batch if held is None else tree.map_structure(_joined, held, batch)
            start, length = 0, _length(held)
            while length - start >= size:
                yield _rows(held, start, start + size)
                start += size
                size = next(sizes)
            held = _rows(held, start, length) if start < length else None
        if held is not None and not self.drop:
            yield held

    def count(self) -> int:
        count = self.source.count()
        return UNKNOWN_CARDINALITY if count > 0 else count

    def spec(self) -> Any:
        size = self.sizes[0] if self.drop and len(set(self.sizes)) == 1 else None
        return with_axis(without_axis(self.source.spec()), size)


def _length(batch: Any) -> int:
    return next(len(leaf) for leaf in tree.flatten(batch) if leaf is not None)


def _rows(batch: Any, start: int, stop: int) -> Any:
    return tree.map_structure(lambda leaf: None if leaf is None else leaf[start:stop], batch)


def _joined(first: Any, second: Any) -> Any:
    if isinstance(first, StringTensor):
        return as_strings(np.concatenate([np.asarray(first), np.asarray(second)]))
    return None if first is None else torch.cat([first, second])
