"""Every layer as a program of torch.export: the same numbers for batches of every size."""

from __future__ import annotations

import warnings

import pytest
import torch

from tests.catalog.row import Row
from tests.conformance.pairs import leaves
from tests.export.families import ROWS, SIZES, Branches, first_rows, other_rows


@pytest.mark.parametrize("rows", [*first_rows(ROWS), *other_rows(ROWS)])
def test_a_program_computes_what_the_layers_do(tmp_path, rows: list[Row]):
    branches = Branches(rows)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Of input")  # an axis that the program has fixed
        branches.model.export(tmp_path / "model.pt2", format="torch", verbose=False)
    program = torch.export.load(tmp_path / "model.pt2").module()
    for size in SIZES:
        arrays = branches.arrays(size)
        found = program({name: torch.tensor(array) for name, array in arrays.items()})
        for number, (row, wanted) in enumerate(branches.wanted(arrays)):
            for a, b in zip(leaves(found[f"out_{number:02}"]), wanted, strict=True):
                torch.testing.assert_close(
                    a, b, rtol=1e-6, atol=1e-6, msg=lambda text, row=row: f"{row.id}: {text}"
                )
