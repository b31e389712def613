"""Data in two parts: which samples, of which kind, and what is refused."""

from __future__ import annotations

import inspect
import random

import keras
import numpy as np
import pytest
import torch
from keras.src.utils import dataset_utils
from torch.utils.data import Subset, TensorDataset

from kerastorch.data import Dataset
from kerastorch.errors import ArgumentTypeError, DataError, InvalidArgumentError
from kerastorch.utils import split_dataset
from kerastorch.utils.split_dataset import split_sizes

TEN = np.arange(10)
SIZES = [(0.8, None), (None, 0.25), (3, None), (None, 3), (0.5, 0.3), (2, 5), (3, 0.5), (0.33, 4)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_sizes_are_those_of_keras(sizes):
    for total in (10, 11, 37):
        assert split_sizes(*sizes, total) == dataset_utils._rescale_dataset_split_sizes(*sizes, total)


def values(dataset):
    return [tuple(map(int, sample)) if isinstance(sample, tuple) else int(sample) for sample in dataset]


def test_the_second_part_is_the_end():
    left, right = split_dataset(TEN, left_size=2, right_size=3)
    assert (values(left), values(right)) == ([0, 1], [7, 8, 9])


def test_shuffling_has_the_order_of_keras():
    order = list(range(10))
    random.Random(4).shuffle(order)
    left, right = split_dataset(TEN, left_size=0.6, shuffle=True, seed=4)
    assert values(left) + values(right) == order


PAIRS = [(number, -number) for number in range(10)]
KINDS = {
    "list of arrays": lambda: [TEN, -TEN],
    "tuple of tensors": lambda: (torch.arange(10), -torch.arange(10)),
    "Dataset": lambda: Dataset.from_tensor_slices((TEN, -TEN)),
    "batches": lambda: Dataset.from_tensor_slices((TEN, -TEN)).batch(4).prefetch(2),
    "torch": lambda: TensorDataset(torch.arange(10), -torch.arange(10)),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("backend", ["tensorflow", "torch", None], ids=str)
def test_every_kind_of_data_is_split(kind, backend):
    left, right = split_dataset(KINDS[kind](), right_size=0.3, preferred_backend=backend)
    of_torch = backend == "torch" or (backend is None and kind == "torch")
    assert type(left) is type(right) is (Subset if of_torch else Dataset)
    if kind == "batches" and not of_torch:
        assert [len(batch[0]) for batch in left] == [4, 3]
        left, right = left.unbatch(), right.unbatch()
    assert (values(left), values(right)) == (PAIRS[:7], PAIRS[7:])


def test_structure_and_text_are_kept():
    dataset = Dataset.from_tensor_slices({"text": ["a", "b", "c"], "number": [1.0, 2.0, 3.0]})
    _, right = split_dataset(dataset, left_size=2)
    (sample,) = right
    assert (sample["text"].numpy(), float(sample["number"])) == (b"c", 3.0)


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(split).parameters.values()]
        for split in (split_dataset, keras.utils.split_dataset)
    )
    assert ours == theirs


FAULTS = {
    "no size": ((TEN,), InvalidArgumentError, "needs `left_size` or `right_size`"),
    "size of text": ((TEN, "half"), ArgumentTypeError, "`left_size` must be an int"),
    "fraction of two": ((TEN, 2.0), InvalidArgumentError, "`left_size` must be a number from 1 to 9"),
    "all": ((TEN, None, 10), InvalidArgumentError, "`right_size` must be a number from 1 to 9"),
    "nothing": ((TEN, 0), InvalidArgumentError, "`left_size` must be"),
    "too much": ((TEN, 6, 6), InvalidArgumentError, "together not more than there are"),
    "fractions": ((TEN, 0.75, 0.75), InvalidArgumentError, "together not more"),
    "empty part": ((TEN, 0.01), InvalidArgumentError, "a sample at least"),
    "text": (("text", 0.5), ArgumentTypeError, "`dataset` must be an array"),
    "lists": (([[1, 2]], 0.5), DataError, "a list of arrays"),
    "lengths": (([TEN, TEN[1:]], 0.5), DataError, "must have one length"),
    "no samples": ((Dataset.range(0), 0.5), DataError, "nothing to split"),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_what_cannot_be_split_is_refused(fault):
    arguments, kind, text = FAULTS[fault]
    with pytest.raises(kind, match=text):
        split_dataset(*arguments)
