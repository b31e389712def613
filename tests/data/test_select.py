"""Which adapter serves which data, and the parts of a batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from kerastorch.data.arrays import ArrayBatches
from kerastorch.data.parts import unpack
from kerastorch.data.select import select
from kerastorch.errors import DataError

A = np.ones((4, 2), "float32")


@pytest.mark.parametrize(
    "x",
    [
        A,
        torch.ones(4, 2),
        A.tolist(),
        pd.DataFrame(A),
        pd.Series([1, 2, 3, 4]),
        [A, A],
        {"a": A, "b": [A]},
        (A,),
    ],
    ids=["array", "tensor", "list", "frame", "series", "arrays", "dict", "tuple"],
)
def test_data_in_memory(x):
    batches = select(x, A, batch_size=3)
    assert isinstance(batches, ArrayBatches)
    assert batches.num_batches == 2


def test_settings_arrive():
    batches = select(
        A, np.array([0, 1, 0, 1]), np.ones(4), 2, "batch", {0: 2.0, 1: 3.0}, torch.device("cpu"), ["out"]
    )
    assert (batches.batch_size, batches.shuffle) == (2, "batch")
    assert sorted(torch.cat([w for *_, w in batches]).tolist()) == [2.0, 2.0, 3.0, 3.0]


WRONG = [
    ((None,), "`x` is None"),
    (("file.csv",), "Unrecognized data type: str in `x`"),
    ((A, "file.csv"), "Unrecognized data type: str in `y`"),
    ((A, A, object()), "Unrecognized data type: object in `sample_weight`"),
    (({"a": A, "b": {1, 2}},), "Unrecognized data type: set"),
    ((3.0,), "Unrecognized data type: float"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG, ids=[text for _, text in WRONG])
def test_data_of_no_known_kind(arguments, text):
    with pytest.raises(DataError, match=text):
        select(*arguments)


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        ("x", ("x", None, None)),
        (("x",), ("x", None, None)),
        (("x", "y"), ("x", "y", None)),
        (("x", "y", "w"), ("x", "y", "w")),
        (["x", "y"], ("x", "y", None)),
        ({"a": 1}, ({"a": 1}, None, None)),
        ((["x1", "x2"], "y"), (["x1", "x2"], "y", None)),
    ],
    ids=str,
)
def test_unpack(data, parts):
    assert unpack(data) == parts


@pytest.mark.parametrize("data", [(), (1, 2, 3, 4)])
def test_unpack_of_another_length(data):
    with pytest.raises(DataError, match=f"tuple of length {len(data)}"):
        unpack(data)
