"""Arrays, tensors, data frames and lists of numbers as tensors."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import torch

from kerastorch.data.convert import batch_length, holds_arrays, is_numbers, map_arrays, to_tensor
from kerastorch.errors import DataError

A = np.arange(6, dtype="float32").reshape(3, 2)


@pytest.mark.parametrize(
    "value",
    [
        A,
        torch.from_numpy(A),
        A.tolist(),
        [tuple(row) for row in A.tolist()],
        pd.DataFrame(A),
        A.astype("float64"),
        A.astype("float16"),
        A.astype(">f4"),
        A.astype(object),
        np.asfortranarray(A),
        A.copy()[::-1][::-1],
    ],
    ids=[
        "array",
        "tensor",
        "list",
        "tuples",
        "frame",
        "f8",
        "f2",
        "big endian",
        "object",
        "fortran",
        "views",
    ],
)
def test_values(value):
    tensor = to_tensor(value)
    assert tensor.dtype is torch.float32
    assert torch.equal(tensor, torch.from_numpy(A))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "uint16", "uint32", "bool"])
def test_other_types_stay(dtype):
    assert str(to_tensor(np.ones(3, dtype)).dtype) == f"torch.{dtype}"


def test_lists_of_whole_numbers_stay_whole():
    assert to_tensor([1, 2, 3]).dtype is torch.int64
    assert to_tensor([True, False]).dtype is torch.bool


def test_series_and_index():
    assert to_tensor(pd.Series([1.0, 2.0], index=[9, 8])).tolist() == [1.0, 2.0]
    assert to_tensor(pd.Index([3, 4])).tolist() == [3, 4]


def test_none_stays_none():
    assert to_tensor(None) is None


@pytest.mark.parametrize(
    "value", [A, torch.from_numpy(A), A[1:], A[:, 1:]], ids=["array", "tensor", "rows", "columns"]
)
def test_memory_is_shared_where_it_can_be(value):
    source = value if isinstance(value, torch.Tensor) else torch.from_numpy(value)
    assert to_tensor(value).data_ptr() == source.data_ptr()


def test_read_only_arrays_give_no_warning():
    frozen = A.copy()
    frozen.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.equal(to_tensor(frozen), torch.from_numpy(A))


def test_negative_strides():
    assert torch.equal(to_tensor(A[::-1]), torch.from_numpy(A).flip(0))


def test_no_gradient_flows_into_data():
    assert not to_tensor(torch.ones(2, requires_grad=True)).requires_grad


WRONG = [
    (np.array(["a", "b"]), "holds text or objects"),
    (np.array([b"a"]), "holds text or objects"),
    (np.array([[1], [1, 2]], dtype=object), "cannot be converted to numbers.*padded"),
    ([[1.0], [1.0, 2.0]], "padded to one length"),
    (pd.DataFrame({"a": ["u", "v"]}), "cannot be converted to numbers|holds text"),
]


@pytest.mark.parametrize(
    ("value", "text"), WRONG, ids=["text", "bytes", "ragged objects", "ragged list", "frame"]
)
def test_values_that_are_no_numbers(value, text):
    with pytest.raises(DataError, match=f"`labels` .*({text})"):
        to_tensor(value, "labels")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2], True),
        ([[1.0], [2.0]], True),
        ((1, 2), True),
        ([np.float32(1)], True),
        ([True], True),
        ([], False),
        ([A, A], False),
        (["a"], False),
        ([None], False),
        (A, False),
    ],
    ids=str,
)
def test_is_numbers(value, expected):
    assert is_numbers(value) is expected


@pytest.mark.parametrize(
    ("structure", "expected"),
    [
        (A, True),
        ([A, {"a": A, "b": [1, 2]}], True),
        (None, True),
        ([A, None], True),
        ("text", False),
        ([A, "text"], False),
        ((batch for batch in ()), False),
        (torch.utils.data.TensorDataset(torch.ones(2)), False),
    ],
    ids=lambda v: type(v).__name__,
)
def test_holds_arrays(structure, expected):
    assert holds_arrays(structure) is expected


def test_holds_arrays_looks_at_each_argument_alone():
    assert not holds_arrays([[1.0, 2.0]], (batch for batch in ()))


def test_map_arrays_keeps_structures():
    seen = map_arrays(lambda a: "leaf", {"a": (A, [1, 2]), "b": [A, {"c": None}]})
    assert seen == {"a": ("leaf", "leaf"), "b": ["leaf", {"c": "leaf"}]}


@pytest.mark.parametrize(
    ("structure", "length"),
    [(torch.ones(3), 3), ({"a": [torch.ones(4, 2)]}, 4), ([torch.tensor(1.0), torch.ones(2)], 2), ([], None)],
    ids=["tensor", "nested", "scalar first", "empty"],
)
def test_batch_length(structure, length):
    assert batch_length(structure) == length
