"""Many rows of the catalogue in one model, each a branch of its own: one export tries them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import numpy as np
import pytest
import torch

from kerastorch import layers
from kerastorch.models.model import Model
from tests.catalog.layers import LAYERS
from tests.catalog.row import BATCH, Row
from tests.conformance.pairs import leaves, make, weights_like

SIZES = (1, 2, 5)  # of the batches
SIZE = 12  # rows in one model


def _in_graphs(row: Row) -> bool:
    """Whether a graph of numbers can hold the call of a row, for batches of any size."""
    arrays = [value for value in row.call.values() if isinstance(value, np.ndarray)]
    is_fixed = any(array.ndim > 1 and len(array) == BATCH for array in arrays)
    gives_words = row.name == "StringLookup"
    return not (row.words or is_fixed or gives_words or (row.name == "Softmax" and arrays))


ROWS = [row for row in LAYERS if _in_graphs(row)]


class Branches:
    """A model with a branch for each of some rows.

    Args:
        rows: the rows.

    Attributes:
        model: the model, its weights all different.
    """

    def __init__(self, rows: list[Row]) -> None:
        self.rows, self.inputs, outputs = rows, [], {}
        for number, row in enumerate(rows):
            given = [
                layers.Input(shape=a.shape[1:], dtype=str(a.dtype), name=f"in_{number:02}_{i}")
                for i, a in enumerate(row.arrays())
            ]
            self.inputs += given
            outputs[f"out_{number:02}"] = leaves(_called(make(row, name=f"row_{number:02}"), row, given))
        self.model = Model({x.node.operation.name: x for x in self.inputs}, outputs, name="branches")
        self.model.set_weights(weights_like(self.model.get_weights()))

    def arrays(self, size: int) -> dict[str, np.ndarray]:
        """Inputs for a batch, by name."""
        drawn = [array[:size] for row in self.rows for array in row.arrays(1, max(SIZES))]
        return dict(zip(self.model.input_names, drawn, strict=True))

    def wanted(self, arrays: dict[str, np.ndarray]) -> Iterator[tuple[Row, list[torch.Tensor]]]:
        """What each row gives."""
        given = {name: torch.tensor(array) for name, array in arrays.items()}
        with torch.no_grad():
            outputs = self.model(given, training=False)
        for number, row in enumerate(self.rows):
            yield row, outputs[f"out_{number:02}"]


def _called(layer: Any, row: Row, given: list) -> Any:
    call = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in row.call.items()}
    return layer(*given, **call) if row.apart else layer(given if row.several else given[0], **call)


def _family(row: Row) -> str:
    return type(make(row)).__module__.removeprefix("kerastorch.layers.").partition(".")[0]


def first_rows(rows: list[Row]) -> list[Any]:
    """The first row of each class, grouped by family, as parameters of a test."""
    return [*_parts(sorted(_first(rows).values(), key=_family), _family, ())]


def other_rows(rows: list[Row]) -> list[Any]:
    """All the others, grouped by class, as parameters of a test that belong to the sweep."""
    first = _first(rows)
    rest = sorted((row for row in rows if row is not first[row.name]), key=_name)
    return [*_parts(rest, _name, pytest.mark.sweep)]


def _first(rows: list[Row]) -> dict[str, Row]:
    return {row.name: row for row in reversed(rows)}


def _name(row: Row) -> str:
    return row.name


def _parts(rows: list[Row], key: Callable[[Row], str], marks: Any) -> Iterator[Any]:
    for name, grouped in groupby(rows, key):
        members = list(grouped)
        for start in range(0, len(members), SIZE):
            yield pytest.param(members[start : start + SIZE], id=f"{name}-{start // SIZE}", marks=marks)
