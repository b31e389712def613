"""Tensors of strings behave as TensorFlow's: bytes in arrays of any number of axes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch

from kerastorch.core.strings import STRING, StringTensor, StringType, as_strings, is_strings, stack_strings
from kerastorch.dtypes import standardize_dtype
from kerastorch.errors import ArgumentTypeError

WORDS = {
    "list": ["to", "bé"],
    "bytes": [b"to", "bé".encode()],
    "mixed": ["to", "bé".encode()],
    "unicode array": np.array(["to", "bé"]),
    "byte array": np.array([b"to", "bé".encode()]),
    "object array": np.array(["to", "bé"], dtype=object),
    "series": pd.Series(["to", "bé"]),
    "tensors": [StringTensor("to"), StringTensor("bé")],
}


@pytest.mark.parametrize("kind", WORDS)
def test_anything_of_strings_becomes_bytes(kind):
    tensor = as_strings(WORDS[kind])
    assert tensor.tolist() == [b"to", "bé".encode()]
    assert tensor.shape == torch.Size([2])
    assert tensor.decode().tolist() == ["to", "bé"]
    assert is_strings(WORDS[kind])


@pytest.mark.parametrize("value", [1, [1], [], None, np.zeros(2), torch.zeros(2), {"a": "b"}])
def test_other_values_are_no_strings(value):
    assert not is_strings(value)


@pytest.mark.parametrize("value", [["a", 1], ["a", None], np.array(["a", np.nan], dtype=object)])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ArgumentTypeError, match="holds text and bytes only"):
        as_strings(value)


def test_a_scalar_is_bytes():
    scalar = as_strings("a\0")
    assert scalar.numpy() == b"a\0"
    assert scalar.ndim == 0
    assert bool(scalar)
    with pytest.raises(TypeError, match="no length"):
        len(scalar)


def test_zero_bytes_at_the_end_stay():
    assert as_strings([b"a\0", b"b"]).tolist() == [b"a\0", b"b"]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ((0,), [b"a", b"b"]),
        ((1, 0), b"c"),
        (slice(1, None), [[b"c", b"d"]]),
        ((slice(None), 1), [b"b", b"d"]),
        (torch.tensor([1, 0]), [[b"c", b"d"], [b"a", b"b"]]),
    ],
)
def test_indexing_gives_string_tensors(index, expected):
    part = as_strings([["a", "b"], ["c", "d"]])[index]
    assert isinstance(part, StringTensor)
    assert part.tolist() == expected


def test_iterating_goes_over_the_first_axis():
    assert [row.tolist() for row in as_strings([["a", "b"], ["c", "d"]])] == [[b"a", b"b"], [b"c", b"d"]]


@pytest.mark.parametrize("other", ["b", b"b", ["b", "b"], np.array(["b", "b"]), StringTensor("b")])
def test_comparing_is_elementwise(other):
    tensor = as_strings(["a", "b"])
    assert (tensor == other).tolist() == [False, True]
    assert (tensor != other).tolist() == [True, False]


def test_what_is_no_string_is_different():
    assert as_strings("a") != 3
    assert not as_strings("a") == 3  # noqa: SIM201


def test_scalars_compare_to_scalar_tensors():
    assert (as_strings("a") == "a").shape == torch.Size([])


def test_adding_joins():
    assert (as_strings(["a", "b"]) + "!").tolist() == [b"a!", b"b!"]
    assert ("<" + as_strings(["a", "b"])).tolist() == [b"<a", b"<b"]
    assert (as_strings("a") + "b").numpy() == b"ab"


def test_a_tensor_cannot_be_changed_through_what_it_gives():
    tensor = as_strings(["a", "b"])
    tensor.numpy()[0] = b"z"
    np.asarray(tensor)[0] = b"z"
    assert tensor.tolist() == [b"a", b"b"]


def test_a_tensor_does_not_change_with_its_source():
    source = np.array([b"a", b"b"], dtype=object)
    tensor = as_strings(source)
    source[0] = b"z"
    assert tensor.tolist() == [b"a", b"b"]


def test_reshape_and_stack():
    tensor = as_strings(["a", "b"])
    assert tensor.reshape(2, 1).tolist() == tensor.reshape((2, -1)).tolist() == [[b"a"], [b"b"]]
    assert stack_strings([tensor, tensor]).shape == torch.Size([2, 2])


def test_tensors_are_hashed_by_identity():
    tensor = as_strings("a")
    assert {tensor: 1}[tensor] == 1


def test_copies_and_pickles_are_equal():
    tensor = as_strings(["a", "b"])
    for twin in (copy.deepcopy(tensor), pickle.loads(pickle.dumps(tensor))):
        assert (tensor == twin).all()


def test_the_type_is_named_string():
    assert STRING == "string"
    assert StringType() == STRING
    assert hash(STRING) == hash("string")
    assert as_strings("a").dtype.name == "string"
    assert standardize_dtype(STRING) == "string"
    assert torch.int64 != STRING


def test_the_representation_shows_shape_and_values():
    text = "<StringTensor: shape=(1,), dtype=string, numpy=array([b'a'], dtype=object)>"
    assert repr(as_strings(["a"])) == text
