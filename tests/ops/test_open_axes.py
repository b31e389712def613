"""Symbolic tensors may have any of their axes open: what is said of the result then holds for every size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from kerastorch import KerasTensor, ops, tree
from kerastorch.errors import KerasTorchError
from tests.ops.cases import Row
from tests.ops.table import ROWS
from tests.ops.test_agreement import _has_arrays, function, params

Places = frozenset[tuple[int, int]]


def places(row: Row) -> Iterator[Places]:
    """Which axes of which arrays are open: each alone, then all."""
    arrays = [x for x in tree.flatten((row.args, row.kwargs)) if isinstance(x, np.ndarray)]
    every = [(number, axis) for number, x in enumerate(arrays) for axis in range(x.ndim)]
    yield from (frozenset([place]) for place in every)
    yield frozenset(every)


def with_arrays(row: Row, change: Any) -> tuple[tuple, dict]:
    """The arguments of a row with what `change(array, number)` gives in place of each array."""
    numbers = iter(range(100))
    return tree.map_structure(
        lambda leaf: change(leaf, next(numbers)) if isinstance(leaf, np.ndarray) else leaf,
        (row.args, row.kwargs),
    )


def symbols(row: Row, opened: Places) -> tuple[tuple, dict]:
    return with_arrays(
        row,
        lambda x, number: KerasTensor(
            tuple(None if (number, axis) in opened else n for axis, n in enumerate(x.shape)), str(x.dtype)
        ),
    )


def resized(row: Row, opened: Places, change: int) -> tuple[tuple, dict]:
    """The arguments with tensors whose open axes are longer, or shorter, by so many."""
    return with_arrays(
        row,
        lambda x, number: torch.tensor(
            np.resize(
                x, [max(n + change, 1) if (number, axis) in opened else n for axis, n in enumerate(x.shape)]
            )
        ),
    )


def kind(row: Row) -> tuple:
    """What rows have in common that differ in the values of their arguments only."""
    return row.name, len(row.args), *row.kwargs


KINDS = {kind(row): row for row in reversed(ROWS) if row.symbolic and _has_arrays(row)}


@pytest.mark.parametrize("row", params(list(reversed(KINDS.values()))))
def test_what_is_known_of_a_result_holds_for_every_size_of_open_axes(row):
    call = function(ops, row.name)
    for opened in places(row):
        args, kwargs = symbols(row, opened)
        try:
            found = tree.flatten(call(*args, **kwargs))
        except KerasTorchError:
            continue  # the size has to be known
        for change in (0, 1, -1):
            args, kwargs = resized(row, opened, change)
            try:
                real = tree.flatten(call(*args, **kwargs))
            except KerasTorchError:
                continue  # the other arguments do not fit this size
            assert [len(x.shape) for x in found] == [x.ndim for x in real]
            for symbol, x in zip(found, real, strict=True):
                known = [(n, size) for n, size in zip(symbol.shape, x.shape, strict=True) if n is not None]
                assert all(n == size for n, size in known), (opened, change, symbol.shape, tuple(x.shape))
