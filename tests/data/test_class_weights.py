"""Class weights as sample weights."""

from __future__ import annotations

import warnings

import pytest
import torch

from kerastorch.data.class_weights import ClassTable, ClassWeights
from kerastorch.errors import DataError


def sample_weights(table, y):
    return ClassTable(table)(y)


def merge(class_weight, y, sample_weight, names):
    return ClassWeights(class_weight, names)(y, sample_weight)


TABLE = {0: 1.0, 1: 0.5, 2: 4.0}
LABELS = torch.tensor([0, 2, 1, 2])
EXPECTED = [1.0, 4.0, 0.5, 4.0]

LAYOUTS = {
    "vector": LABELS,
    "column": LABELS[:, None],
    "floats": LABELS.float(),
    "bytes": LABELS.to(torch.uint8),
    "one-hot": torch.eye(3)[LABELS],
    "one-hot bytes": torch.eye(3, dtype=torch.uint8)[LABELS],
}


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_layouts_of_targets(name):
    assert sample_weights(TABLE, LAYOUTS[name]).tolist() == EXPECTED


def test_truth_values():
    assert sample_weights({0: 2.0, 1: 3.0}, torch.tensor([True, False])).tolist() == [3.0, 2.0]


def test_keys_of_other_types():
    """As NumPy's `unique` and JSON give them."""
    import numpy as np

    assert sample_weights({np.int64(0): 1, 1.0: 0.5, "2": 4}, LABELS).tolist() == EXPECTED


def test_classes_that_do_not_occur():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sample_weights({**TABLE, 7: 9.0}, LABELS).tolist() == EXPECTED


def test_missing_class_weighs_one_and_is_named():
    with pytest.warns(UserWarning, match="no entry for class 1, 2: weight 1") as caught:
        assert sample_weights({0: 3.0}, LABELS).tolist() == [3.0, 1.0, 1.0, 1.0]
    assert len(caught) == 1


def test_many_missing_classes_are_named_in_part():
    with pytest.warns(UserWarning, match=r"class 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 \.\.\."):
        sample_weights({0: 3.0}, torch.arange(50))


WRONG = [
    ([1.0, 2.0], LABELS, "must be a dictionary"),
    ({"a": 1.0}, LABELS, "must be a dictionary"),
    ({0: "heavy"}, LABELS, "must be a dictionary"),
    ({-1: 1.0}, LABELS, "negative class"),
    (TABLE, torch.zeros(2, 3, 4), "more than two axes.*sample_weight"),
]


@pytest.mark.parametrize(("table", "y", "text"), WRONG, ids=[text for *_, text in WRONG])
def test_wrong_tables(table, y, text):
    with pytest.raises(DataError, match=text):
        sample_weights(table, y)


def test_merge_multiplies():
    given = torch.tensor([1.0, 2.0, 3.0, 0.0])
    assert merge(TABLE, LABELS, given, ["out"]).tolist() == [1.0, 8.0, 1.5, 0.0]


def test_merge_keeps_further_axes_of_given_weights():
    given = torch.ones(4, 5)
    merged = merge(TABLE, LABELS, given, ["out"])
    assert merged.shape == (4, 5)
    assert merged[:, 3].tolist() == EXPECTED


def test_merge_for_one_output_by_name():
    assert merge({"out": TABLE}, LABELS, None, ["out"]).tolist() == EXPECTED


FORMS = {
    "dict, targets by name": ({"b": TABLE}, {"a": LABELS, "b": LABELS}, None),
    "dict, targets in a list": ({"b": TABLE}, [LABELS, LABELS], None),
    "list, targets in a list": ([None, TABLE], [LABELS, LABELS], None),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_merge_for_several_outputs(name):
    table, y, given = FORMS[name]
    merged = merge(table, y, given, ["a", "b"])
    first, second = (merged["a"], merged["b"]) if isinstance(y, dict) else merged
    assert first is None
    assert second.tolist() == EXPECTED


@pytest.mark.parametrize(
    "given", [{"b": torch.full((4,), 2.0)}, [None, torch.full((4,), 2.0)]], ids=["dict", "list"]
)
def test_merge_multiplies_for_several_outputs(given):
    merged = merge({"a": TABLE, "b": TABLE}, [LABELS, LABELS], given, ["a", "b"])
    assert merged[0].tolist() == EXPECTED
    assert merged[1].tolist() == [2 * v for v in EXPECTED]


@pytest.mark.parametrize("table", [TABLE, {"c": TABLE}, [TABLE]], ids=["flat", "unknown name", "short list"])
def test_merge_that_does_not_fit(table):
    with pytest.raises(DataError, match="dictionary of output name and class weights"):
        merge(table, [LABELS, LABELS], None, ["a", "b"])
