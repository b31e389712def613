"""What a dataset tells of itself: lengths, specs, options, NumPy elements, and other datasets made of several."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.options import Options
from kerastorch.data.pipeline.spec import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, TensorSpec
from kerastorch.errors import DataError


def values(dataset):
    return [element.tolist() for element in dataset]


BASE = Dataset.range(10)
CARDINALITIES = {
    "batch": (BASE.batch(3), 4),
    "full batches": (BASE.batch(3, drop_remainder=True), 3),
    "filter": (BASE.filter(lambda x: True), UNKNOWN_CARDINALITY),
    "for ever": (BASE.repeat(), INFINITE_CARDINALITY),
    "map": (BASE.map(lambda x: x), 10),
    "zip": (Dataset.zip(BASE, BASE.filter(lambda x: True)), UNKNOWN_CARDINALITY),
    "zip endless": (Dataset.zip(BASE.repeat(), BASE.repeat()), INFINITE_CARDINALITY),
    "concatenate": (BASE.concatenate(BASE), 20),
    "concatenate endless": (BASE.concatenate(BASE.repeat()), INFINITE_CARDINALITY),
    "flat_map": (BASE.flat_map(lambda x: BASE), UNKNOWN_CARDINALITY),
    "enumerate": (BASE.enumerate(), 10),
    "cache": (BASE.cache().prefetch(1), 10),
    "take endless": (BASE.repeat().take(25), 25),
    "take unknown": (BASE.unique().take(5), UNKNOWN_CARDINALITY),
    "shard": (BASE.shard(3, 2), 3),
    "windows": (BASE.window(4, 2, drop_remainder=True), 4),
}


@pytest.mark.parametrize("kind", CARDINALITIES)
def test_cardinalities(kind):
    dataset, expected = CARDINALITIES[kind]
    assert dataset.cardinality() == expected
    assert dataset.cardinality().numpy() == expected


@pytest.mark.parametrize(
    ("dataset", "match"),
    [(BASE.repeat(), "is infinite"), (BASE.unique(), "length is unknown")],
    ids=["inf", "unknown"],
)
def test_a_length_that_is_no_number_is_a_type_error(dataset, match):
    with pytest.raises(TypeError, match=match):
        len(dataset)
    assert dataset
    assert Dataset.range(0)


def test_elements_as_numpy():
    dataset = Dataset.from_tensor_slices({"a": np.arange(2.0), "b": ["x", "y"], "c": [[1, 2], [3, 4]]})
    first = next(dataset.as_numpy_iterator())
    assert (first["a"], first["b"]) == (0.0, b"x")
    assert isinstance(first["a"], np.float64)
    assert first["c"].tolist() == [1, 2]
    assert list(Dataset.range(3).as_numpy_iterator()) == [0, 1, 2]
    windows = [list(window) for window in Dataset.range(3).window(2).as_numpy_iterator()]
    assert windows == [[0, 1], [2]]


def test_concatenate_and_enumerate():
    assert values(Dataset.range(2).concatenate(Dataset.range(5, 7))) == [0, 1, 5, 6]
    pairs = Dataset.from_tensor_slices(["a", "b", "c"]).enumerate(5)
    assert [(number.item(), text.numpy()) for number, text in pairs] == [(5, b"a"), (6, b"b"), (7, b"c")]
    assert pairs.element_spec == (TensorSpec((), "int64"), TensorSpec((), "string"))
    iterator = iter(pairs)
    iterator.skip(2)
    assert next(iterator)[0] == 7


def test_specs_of_datasets_that_differ_only_in_length_are_joined():
    long, short = Dataset.from_tensors(torch.zeros(3)), Dataset.from_tensors(torch.zeros(2))
    assert long.concatenate(short).element_spec == TensorSpec((None,), "float32")
    with pytest.raises(DataError, match="different types"):
        _ = long.concatenate(Dataset.from_tensors(1)).element_spec
    for other in ((1, 2), None):
        with pytest.raises(DataError, match="different structures"):
            _ = long.concatenate(Dataset.from_tensors(other)).element_spec


@pytest.mark.parametrize(("length", "match"), [(0, "it has none"), (2, "it has more")])
def test_a_single_element_must_be_the_only_one(length, match):
    with pytest.raises(DataError, match=match):
        Dataset.range(length).get_single_element()


def test_nothing_is_known_of_an_empty_dataset():
    with pytest.raises(DataError, match="is empty"):
        _ = Dataset.range(0).map(lambda x: x).element_spec


def test_options_are_handed_on():
    options = Options()
    options.experimental_deterministic = False
    dataset = Dataset.range(3).with_options(options).map(lambda x: x).batch(2)
    assert dataset.options().deterministic is False
    assert Dataset.range(3).options().deterministic is None


def test_options_without_meaning_are_named():
    options = Options()
    options.threading.private_threadpool_size = 4
    options.experimental_slack = True
    with pytest.warns(
        UserWarning, match=r"no effect here: experimental_slack, threading.private_threadpool_size"
    ):
        Dataset.range(3).with_options(options)


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        (torch.zeros(2, 3), True),
        (torch.zeros(2, 4), False),
        (torch.zeros(3), False),
        (torch.zeros(2, 3, dtype=torch.int32), False),
        (TensorSpec((5, 3)), True),
        (TensorSpec(None), True),
    ],
    ids=["fits", "length", "axes", "type", "spec", "unknown"],
)
def test_specs_tell_what_fits(other, fits):
    assert TensorSpec((None, 3)).is_compatible_with(other) is fits


def test_specs_compare_by_shape_and_type():
    assert TensorSpec([None, 3]) == TensorSpec((-1, 3), torch.float32, name="x")
    assert len({TensorSpec((1,)), TensorSpec((1,)), TensorSpec((2,))}) == 2
    assert TensorSpec((1,)) != (1,)


def test_the_representation_tells_the_length():
    assert repr(Dataset.range(6).batch(2)) == "<Dataset ending in Batch, 3 elements>"
    assert repr(Dataset.range(6).repeat()) == "<Dataset ending in Repeat, endless>"
