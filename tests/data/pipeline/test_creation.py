"""How datasets begin: what the elements of arrays, lists, frames, generators and files are."""

from __future__ import annotations

import collections

import numpy as np
import pandas as pd
import pytest
import torch

from kerastorch.core.seeds import set_random_seed
from kerastorch.core.strings import StringTensor
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.spec import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, TensorSpec
from kerastorch.errors import ArgumentTypeError, DataError, InvalidArgumentError

Point = collections.namedtuple("Point", "x y")


def values(dataset):
    return [element.tolist() for element in dataset]


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ([1, 2], torch.int32),
        ([2**40, 1], torch.int64),
        ([1.5, 2], torch.float32),
        ([True, False], torch.bool),
        ([[1, 2], [3, 4]], torch.int32),
        (range(3), torch.int32),
        (np.arange(3), torch.int64),
        (np.zeros(2), torch.float64),
        ([np.float64(1), np.float64(2)], torch.float64),
        (np.arange(3, dtype=">i2"), torch.int16),
        (np.arange(3)[::-1], torch.int64),
        (torch.zeros(2, requires_grad=True), torch.float32),
        (pd.Series([1, 2]), torch.int64),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, 1]}), torch.float64),
        ([torch.zeros(2), torch.ones(2)], torch.float32),
    ],
    ids=[
        "ints",
        "large",
        "floats",
        "bools",
        "nested",
        "range",
        "array",
        "doubles",
        "scalars",
        "big-endian",
        "reversed",
        "tensor",
        "series",
        "frame",
        "tensors",
    ],
)
def test_values_keep_or_get_the_types_of_tensorflow(value, dtype):
    dataset = Dataset.from_tensor_slices(value)
    assert len(dataset) == len(value)
    rows = list(dataset)
    assert rows[0].dtype == dtype
    assert not rows[0].requires_grad
    assert dataset.element_spec == TensorSpec(rows[0].shape, dtype)


@pytest.mark.parametrize(
    "texts", [["a", "b"], np.array(["a", "b"]), pd.Series(["a", "b"]), StringTensor(["a", "b"])], ids=str
)
def test_text_becomes_string_tensors(texts):
    dataset = Dataset.from_tensor_slices(texts)
    assert [text.numpy() for text in dataset] == [b"a", b"b"]
    assert dataset.element_spec == TensorSpec((), "string")
    assert [batch.tolist() for batch in dataset.batch(2)] == [[b"a", b"b"]]


def test_tuples_and_dictionaries_are_structure_and_lists_are_tensors():
    dataset = Dataset.from_tensor_slices(({"a": [1, 2], "b": [3, 4]}, [5.0, 6.0], None))
    features, label, weight = next(iter(dataset))
    assert (features["a"].item(), features["b"].item(), label.item(), weight) == (1, 3, 5.0, None)
    batch = next(iter(dataset.batch(2)))
    assert batch[0]["b"].tolist() == [3, 4]
    assert batch[2] is None


def test_named_tuples_stay_and_are_one_argument():
    dataset = Dataset.from_tensor_slices(Point([1, 2], [3, 4]))
    assert next(iter(dataset.batch(2))).y.tolist() == [3, 4]
    assert values(dataset.map(lambda point: point.x + point.y)) == [4, 6]


def test_the_columns_of_a_frame_make_a_dictionary():
    frame = pd.DataFrame({"age": [1, 2], "name": ["x", "y"]})
    first = next(iter(Dataset.from_tensor_slices(dict(frame))))
    assert first["age"].item() == 1
    assert first["name"].numpy() == b"x"


def test_one_element_is_not_cut():
    dataset = Dataset.from_tensors(([1, 2], "a"))
    numbers, text = dataset.get_single_element()
    assert numbers.tolist() == [1, 2]
    assert text.numpy() == b"a"
    assert len(dataset) == 1


@pytest.mark.parametrize(
    "make", [Dataset.from_tensor_slices, lambda v: Dataset.from_tensors(v).repeat().unbatch()]
)
def test_changing_an_element_in_place_leaves_the_source_alone(make):
    source = np.ones(3)
    dataset = make(source).map(lambda x: x.mul_(2)).take(3)
    assert values(dataset) == values(dataset) == [2, 2, 2]
    assert source.tolist() == [1, 1, 1]


def test_a_file_mapped_into_memory_is_read_row_by_row(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(20.0).reshape(10, 2))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    batches = list(Dataset.from_tensor_slices(mapped).shuffle(10, seed=0).batch(4))
    assert sorted(torch.cat(batches)[:, 0].tolist()) == list(range(0, 20, 2))


@pytest.mark.parametrize(
    ("value", "match"),
    [
        (([1, 2], [1]), r"same length of the first axis.*\(2,\), \(1,\)"),
        (3, "same length of the first axis"),
        ((), "same length of the first axis"),
        ([[1], [1, 2]], "A list becomes one tensor"),
        ([object()], "must be made of numbers and text"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "no tensor of dtype datetime64"),
    ],
    ids=["lengths", "scalar", "nothing", "ragged", "object", "date"],
)
def test_what_makes_no_rows_is_refused(value, match):
    with pytest.raises(DataError, match=match):
        Dataset.from_tensor_slices(value)


def test_ranges():
    assert values(Dataset.range(3)) == [0, 1, 2]
    assert values(Dataset.range(1, 6, 2)) == [1, 3, 5]
    assert values(Dataset.range(3, 0, -1)) == [3, 2, 1]
    assert next(iter(Dataset.range(1, output_type="float32"))).dtype == torch.float32
    with pytest.raises(InvalidArgumentError, match="one to three numbers"):
        Dataset.range()


def test_counters_have_no_end_and_start_anew():
    dataset = Dataset.counter(5, 2)
    assert values(dataset.take(3)) == values(dataset.take(3)) == [5, 7, 9]
    assert dataset.cardinality() == INFINITE_CARDINALITY


def test_random_numbers():
    fixed = Dataset.random(seed=4).take(5)
    assert values(fixed) == values(fixed) == values(Dataset.random(seed=4).take(5))
    changing = Dataset.random(seed=4, rerandomize_each_iteration=True).take(5)
    assert values(changing) != values(changing)
    set_random_seed(1)
    unseeded = Dataset.random().take(3)
    assert values(unseeded) == values(unseeded)


def count_to(limit):
    yield from range(int(limit))


def test_a_generator_function_starts_anew():
    dataset = Dataset.from_generator(count_to, args=(3,), output_signature=TensorSpec((), "int64"))
    assert values(dataset) == values(dataset) == [0, 1, 2]
    assert next(iter(dataset)).dtype == torch.int64
    assert dataset.cardinality() == UNKNOWN_CARDINALITY
    with pytest.raises(TypeError, match="length is unknown"):
        len(dataset)


def pairs():
    yield [1, 2], "a"
    yield [3], "b"


@pytest.mark.parametrize(
    "signature",
    [
        {"output_types": ("float64", "string"), "output_shapes": ((None,), ())},
        {"output_types": ("float64", "string")},
        {"output_signature": (TensorSpec((None,), "float64"), TensorSpec((), "string"))},
    ],
    ids=["types and shapes", "types", "signature"],
)
def test_a_signature_decides_types(signature):
    first, text = next(iter(Dataset.from_generator(pairs, **signature)))
    assert first.dtype == torch.float64
    assert text.numpy() == b"a"


@pytest.mark.parametrize(
    ("signature", "match"),
    [
        (TensorSpec((2,), "int32"), r"yielded an element"),
        (
            (TensorSpec((2,), "int32"), TensorSpec((), "string")),
            r"shape \(1,\) where an element of shape \(2,\)",
        ),
        ((TensorSpec((None,), "int32"),), "does not match the expected structure"),
    ],
    ids=["leaf", "shape", "structure"],
)
def test_elements_that_break_a_signature_are_refused(signature, match):
    def numbers():
        yield from (list(pair) for pair in pairs())

    source = numbers if isinstance(signature, tuple) else (lambda: iter([[1, 2, 3]]))
    with pytest.raises(DataError, match=match):
        list(Dataset.from_generator(source, output_signature=signature))


def test_a_generator_object_serves_one_iteration():
    dataset = Dataset.from_generator(count_to(2))
    assert values(dataset) == [0, 1]
    with pytest.raises(DataError, match="has been used up"):
        list(dataset)


def test_an_iterable_serves_many():
    dataset = Dataset.from_generator([{"a": 1}, {"a": 2}])
    assert [element["a"].item() for element in dataset] * 2 == [
        element["a"].item() for element in dataset.repeat(2)
    ]


def test_only_one_kind_of_signature_is_taken():
    with pytest.raises(ArgumentTypeError, match="give only one"):
        Dataset.from_generator(pairs, output_types="int32", output_signature=TensorSpec(()))
    with pytest.raises(ArgumentTypeError, match="must be a function or an iterable"):
        Dataset.from_generator(3)


def test_zip_takes_datasets_and_structures():
    a, b = Dataset.range(3), Dataset.range(10, 20)
    for dataset in (Dataset.zip(a, b), Dataset.zip((a, b)), Dataset.zip(datasets=(a, b))):
        assert [(x.item(), y.item()) for x, y in dataset] == [(0, 10), (1, 11), (2, 12)]
        assert len(dataset) == 3
    nested = next(iter(Dataset.zip({"z": a, "y": (b, a)})))
    assert (nested["z"].item(), nested["y"][0].item()) == (0, 10)
    assert len(Dataset.zip(a.repeat(), b)) == 10
    with pytest.raises(ArgumentTypeError, match="either datasets as arguments"):
        Dataset.zip()
    with pytest.raises(DataError, match="must be a Dataset"):
        Dataset.zip(a, [1])


def test_files_are_found_by_pattern(tmp_path):
    for name in ("b.txt", "a.txt", "c.csv"):
        (tmp_path / name).touch()
    found = Dataset.list_files(str(tmp_path / "*.txt"), shuffle=False)
    assert [path.numpy().decode()[-5:] for path in found] == ["a.txt", "b.txt"]
    shuffled = Dataset.list_files([str(tmp_path / "*.txt"), str(tmp_path / "*.csv")], seed=1)
    assert sorted(path.numpy().decode()[-5:] for path in shuffled) == ["a.txt", "b.txt", "c.csv"]
    with pytest.raises(DataError, match="No files matched pattern"):
        Dataset.list_files(str(tmp_path / "*.png"))


@pytest.mark.parametrize(
    ("choices", "stop", "expected"),
    [([0, 1, 0, 1], True, [0, 10, 1, 11]), ([0, 0, 0, 1], True, [0, 1]), ([0, 0, 0, 1], False, [0, 1, 10])],
    ids=["in turn", "stop", "go on"],
)
def test_choices_name_the_datasets(choices, stop, expected):
    datasets = [Dataset.range(2), Dataset.range(10, 12)]
    choice = Dataset.from_tensor_slices(choices)
    assert values(Dataset.choose_from_datasets(datasets, choice, stop_on_empty_dataset=stop)) == expected


def test_a_choice_must_exist():
    with pytest.raises(DataError, match="numbers from 0 to 0"):
        list(Dataset.choose_from_datasets([Dataset.range(2)], Dataset.range(1, 3)))


def test_sampling_follows_the_weights():
    datasets = [Dataset.from_tensors(i).repeat() for i in range(3)]
    drawn = values(Dataset.sample_from_datasets(datasets, [0.8, 0.2, 0.0], seed=3).take(1000))
    assert 740 < drawn.count(0) < 860
    assert drawn.count(2) == 0


def test_sampling_takes_every_element_or_stops():
    datasets = [Dataset.range(3), Dataset.range(10, 15)]
    everything = Dataset.sample_from_datasets(datasets, seed=1)
    assert sorted(values(everything)) == [0, 1, 2, 10, 11, 12, 13, 14]
    assert len(everything) == 8
    assert values(everything) != values(everything)
    fixed = Dataset.sample_from_datasets(datasets, seed=1, rerandomize_each_iteration=False)
    assert values(fixed) == values(fixed)
    assert len(values(Dataset.sample_from_datasets(datasets, seed=1, stop_on_empty_dataset=True))) < 8
    with pytest.raises(InvalidArgumentError, match="`weights` must be one number"):
        Dataset.sample_from_datasets(datasets, [1.0])


def test_a_dataset_is_not_made_by_its_class():
    with pytest.raises(ArgumentTypeError, match="made by a static method"):
        Dataset([1, 2])
