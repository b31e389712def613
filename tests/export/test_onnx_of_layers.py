"""Each class of layers as an ONNX file: onnxruntime gives the same numbers for batches of every size."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from kerastorch.errors import InvalidArgumentError
from tests.catalog.row import Row
from tests.export.families import ROWS, SIZES, Branches, first_rows

# Layers of which torch finds no way to ONNX's operators, which cannot shift 64-bit integers, for example.
WITHOUT_OPERATORS = {
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Hashing",
}


def in_onnxruntime(row: Row) -> bool:
    """Whether onnxruntime has kernels for the type of a row; it has few for float64."""
    return row.kwargs.get("dtype") != "float64"


TRIED = [row for row in ROWS if row.name not in WITHOUT_OPERATORS and in_onnxruntime(row)]


@pytest.mark.parametrize("rows", first_rows(TRIED))
def test_onnxruntime_computes_what_the_layers_do(tmp_path, rows: list[Row]):
    branches = Branches(rows)
    branches.model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    names = [entry.name for entry in session.get_outputs()]
    taken = {entry.name for entry in session.get_inputs()}
    for size in SIZES:
        arrays = branches.arrays(size)
        found = dict(
            zip(names, session.run(None, {k: v for k, v in arrays.items() if k in taken}), strict=True)
        )
        for number, (row, wanted) in enumerate(branches.wanted(arrays)):
            for i, expected in enumerate(wanted):
                given = found[f"out_{number:02}_{i}"]
                assert given.shape == tuple(expected.shape), row.id
                np.testing.assert_allclose(given, expected.numpy(), rtol=1e-5, atol=1e-5, err_msg=row.id)


@pytest.mark.parametrize("name", sorted(WITHOUT_OPERATORS))
def test_layers_without_operators_are_named(tmp_path, name):
    branches = Branches([next(row for row in ROWS if row.name == name)])
    with pytest.raises(InvalidArgumentError, match=r"'branches' cannot be written as ONNX.*self\.row_00"):
        branches.model.export(tmp_path / "model.onnx", format="onnx")
