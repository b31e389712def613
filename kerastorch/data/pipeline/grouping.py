"""Stages that collect elements by position or by key: window, group_by_window and unique."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch

from kerastorch import tree
from kerastorch.data.pipeline.batching import padding_stacker
from kerastorch.data.pipeline.elements import flattener, packer
from kerastorch.data.pipeline.mapping import Call
from kerastorch.data.pipeline.run import Run
from kerastorch.data.pipeline.spec import UNKNOWN_CARDINALITY, TensorSpec, spec_of, with_axis
from kerastorch.data.pipeline.stage import Stage, Step, parts_of
from kerastorch.errors import DataError


class Held(Stage):
    """Elements that are kept in a list."""

    def __init__(self, elements: Sequence[Any]) -> None:
        self.elements = elements

    def stream(self, run: Run) -> Iterator[Any]:
        return iter(self.elements)

    def count(self) -> int:
        return len(self.elements)

    def spec(self) -> Any:
        return spec_of(self.first())


class Window(Step):
    """Datasets of consecutive elements, each part of the elements in its own.

    Args:
        source: the stage before.
        size: elements in a window.
        shift: how far the beginnings of windows are apart.
        stride: how far the elements of a window are apart.
        drop: whether partial windows are left out.
        dataset: makes a dataset of a stage.
    """

    def __init__(
        self, source: Stage, size: int, shift: int, stride: int, drop: bool, dataset: Callable[[Stage], Any]
    ) -> None:
        super().__init__(source)
        self.size = size
        self.shift = shift
        self.stride = stride
        self.drop = drop
        self.dataset = dataset

    def stream(self, run: Run) -> Iterator[Any]:
        elements = self.source.stream(run)
        span = (self.size - 1) * self.stride + 1
        held: list[Any] = []
        while True:
            held.extend(islice(elements, span - len(held)))
            if not held or (self.drop and len(held) < span):
                return
            yield self._window(held[:: self.stride])
            beyond = self.shift - len(held)
            held = held[self.shift :]
            next(islice(elements, beyond - 1, beyond), None) if beyond > 0 else None

    def _window(self, elements: list[Any]) -> Any:
        first = elements[0]
        columns = zip(*map(flattener(first), elements), strict=True)
        return packer(first)([self.dataset(Held(column)) for column in columns])

    def count(self) -> int:
        count = self.source.count()
        if count < 0:
            return count
        if self.drop:
            return max(0, (count - (self.size - 1) * self.stride - 1) // self.shift + 1)
        return -(-count // self.shift)

    def spec(self) -> Any:
        return spec_of(self.first())


class GroupByWindow(Step):
    """The elements of the datasets that a function makes of elements with the same key.

    Args:
        source: the stage before.
        key: gives the key of an element, an integer.
        combine: makes a dataset of a key and a dataset of elements.
        size: gives the number of elements that a key collects.
        dataset: makes a dataset of a stage.
    """

    def __init__(
        self,
        source: Stage,
        key: Callable,
        combine: Callable,
        size: Callable[[torch.Tensor], int],
        dataset: Callable[[Stage], Any],
    ) -> None:
        super().__init__(source)
        self.key = key
        self.combine = combine
        self.size = size
        self.dataset = dataset

    def stream(self, run: Run) -> Iterator[Any]:
        call = Call(self.key, "group_by_window", run)
        collected: dict[int, list[Any]] = {}
        number = 0
        for element in self.source.stream(run):
            key = int(call(element))
            group = collected.setdefault(key, [])
            group.append(element)
            if len(group) >= self.size(_int64(key)):
                yield from self._combined(key, collected.pop(key), run.child(number))
                number += 1
        for key in sorted(collected):
            yield from self._combined(key, collected[key], run.child(number))
            number += 1

    def _combined(self, key: int, elements: list[Any], run: Run) -> Iterator[Any]:
        answer = self.combine(_int64(key), self.dataset(Held(elements)))
        return parts_of(answer, "What the function given to `group_by_window` returns").stream(run)

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def spec(self) -> Any:
        return Stage.spec(self)


def _int64(number: int) -> torch.Tensor:
    return torch.tensor(number, dtype=torch.int64, device="cpu")


class Buckets(Step):
    """Padded batches of elements of similar length.

    Args:
        source: the stage before.
        length: gives the length of an element.
        boundaries: where one bucket of lengths ends and the next begins, ascending.
        sizes: elements in a batch, one number a bucket, one more than there are boundaries.
        shapes: as `padded_shapes` of `padded_batch`.
        values: as `padding_values` of `padded_batch`.
        to_boundary: whether batches are as long as their bucket allows.
        padding: whether elements are padded at all.
        drop: whether partial batches are left out.
    """

    def __init__(
        self,
        source: Stage,
        length: Callable,
        boundaries: Sequence[int],
        sizes: Sequence[int],
        shapes: Any,
        values: Any,
        to_boundary: bool,
        padding: bool,
        drop: bool,
    ) -> None:
        super().__init__(source)
        if len(sizes) != len(boundaries) + 1:
            raise DataError(
                "`bucket_batch_sizes` must have one entry more than `bucket_boundaries`. Received: "
                f"bucket_batch_sizes={list(sizes)}, bucket_boundaries={list(boundaries)}."
            )
        self.length = length
        self.boundaries = list(boundaries)
        self.sizes = list(sizes)
        self.shapes = shapes
        self.values = values
        self.to_boundary = to_boundary
        self.padding = padding
        self.drop = drop

    def stream(self, run: Run) -> Iterator[Any]:
        call = Call(self.length, "bucket_by_sequence_length", run)
        buckets: list[list[Any]] = [[] for _ in self.sizes]
        for element in self.source.stream(run):
            place = bisect_right(self.boundaries, int(call(element)))
            buckets[place].append(element)
            if len(buckets[place]) == self.sizes[place]:
                yield self._batch(place, buckets[place])
                buckets[place] = []
        for place, bucket in enumerate(buckets):
            if bucket and not self.drop:
                yield self._batch(place, bucket)

    def _batch(self, place: int, elements: list[Any]) -> Any:
        shapes = self.shapes
        if not self.padding:
            shapes = tree.map_structure(lambda leaf: torch.tensor(leaf.shape), elements[0])
        elif self.to_boundary:
            shapes = self._boundary_shapes(place, elements[0])
        return padding_stacker(shapes, self.values)(elements)

    def _boundary_shapes(self, place: int, element: Any) -> Any:
        if place == len(self.boundaries):
            raise DataError(
                "An element is at least as long as the last of `bucket_boundaries`, which "
                f"`pad_to_bucket_boundary=True` does not allow. Received: {self.boundaries}."
            )
        longest = self.boundaries[place] - 1

        def filled(leaf: Any, shape: Any = None) -> torch.Tensor:
            axes = [None] * leaf.ndim if shape is None else list(shape)
            return torch.tensor([longest if axis in (None, -1) else int(axis) for axis in axes])

        if self.shapes is None:
            return tree.map_structure(filled, element)
        flat = [
            filled(leaf, shape)
            for leaf, shape in zip(tree.flatten(element), self._flat_shapes(), strict=True)
        ]
        return tree.pack_sequence_as(element, flat)

    def _flat_shapes(self) -> list[Any]:
        def shapes_in(part: Any) -> list[Any]:
            if isinstance(part, dict):
                return [shape for key in tree.sorted_keys(part) for shape in shapes_in(part[key])]
            nested = isinstance(part, (tuple, list)) and any(isinstance(p, (tuple, list, dict)) for p in part)
            return [shape for inner in part for shape in shapes_in(inner)] if nested else [part]

        return shapes_in(self.shapes)

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def spec(self) -> Any:
        def opened(leaf: Any) -> Any:
            return TensorSpec([None] * len(leaf.shape), leaf.dtype)

        return with_axis(tree.map_structure(opened, self.source.spec()), None)


class Unique(Step):
    """Elements that did not come before."""

    def stream(self, run: Run) -> Iterator[Any]:
        seen: set[Any] = set()
        for element in self.source.stream(run):
            key = tuple(map(_key, tree.flatten(element)))
            if key not in seen:
                seen.add(key)
                yield element

    def count(self) -> int:
        return UNKNOWN_CARDINALITY


def _key(leaf: Any) -> Any:
    return None if leaf is None else (str(leaf.dtype), tuple(leaf.shape), repr(leaf.tolist()))
