"""Batches, windows, groups and buckets have the elements that TensorFlow documents."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch.data.pipeline.dataset import Dataset, DatasetSpec
from kerastorch.data.pipeline.spec import TensorSpec
from kerastorch.errors import DataError, InvalidArgumentError, ShapeError


def values(dataset):
    return [element.tolist() for element in dataset]


def lengths_dataset(*lengths):
    return Dataset.from_generator(
        lambda: (np.full(n, n) for n in lengths), output_signature=TensorSpec((None,), "int64")
    )


@pytest.mark.parametrize("drop", [False, True])
def test_the_last_batch_may_be_smaller(drop):
    dataset = Dataset.range(8).batch(3, drop_remainder=drop)
    assert values(dataset) == [[0, 1, 2], [3, 4, 5], [6, 7]][: 2 if drop else 3]
    assert dataset.element_spec == TensorSpec((3 if drop else None,), "int64")


def test_batches_keep_the_structure():
    dataset = Dataset.range(4).map(lambda i: {"a": i, "b": (i * 2.0, "x")}).batch(2)
    first = next(iter(dataset))
    assert first["a"].tolist() == [0, 1]
    assert first["b"][0].tolist() == [0, 2]
    assert first["b"][1].tolist() == [b"x", b"x"]


def test_elements_of_different_shapes_make_no_batch():
    with pytest.raises(ShapeError, match=r"different shapes: \[\(1,\), \(2,\)\].*padded_batch"):
        list(lengths_dataset(1, 2).batch(2))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, [[[1, 0], [2, 2]], [[3, 3, 3]]]),
        ({"padded_shapes": [None]}, [[[1, 0], [2, 2]], [[3, 3, 3]]]),
        ({"padded_shapes": [4]}, [[[1, 0, 0, 0], [2, 2, 0, 0]], [[3, 3, 3, 0]]]),
        ({"padded_shapes": (-1,), "padding_values": -1}, [[[1, -1], [2, 2]], [[3, 3, 3]]]),
        ({"drop_remainder": True}, [[[1, 0], [2, 2]]]),
    ],
    ids=["longest", "none", "shape", "value", "drop"],
)
def test_padding_fills_up_at_the_end(args, expected):
    assert values(lengths_dataset(1, 2, 3).padded_batch(2, **args)) == expected


def test_padding_has_shapes_and_values_for_every_part():
    dataset = Dataset.range(1, 3).map(lambda n: {"a": torch.ones(int(n)), "b": (["x"] * int(n), n)})
    shapes = {"a": [3], "b": ([None], [])}
    fills = {"a": 7.0, "b": ("?", 0)}
    batch = dataset.padded_batch(2, shapes, fills).get_single_element()
    assert batch["a"].tolist() == [[1, 7, 7], [1, 1, 7]]
    assert batch["b"][0].tolist() == [[b"x", b"?"], [b"x", b"x"]]
    assert batch["b"][1].tolist() == [1, 2]


def test_padding_never_cuts():
    with pytest.raises(ShapeError, match=r"shape \(3,\) does not fit padded_shapes=\(2,\)"):
        list(lengths_dataset(1, 3).padded_batch(2, [2]))


def test_unbatching_undoes_batching():
    dataset = Dataset.from_tensor_slices((np.arange(5), ["a", "b", "c", "d", "e"])).batch(2).unbatch()
    assert [(x.item(), text.numpy()) for x, text in dataset][3:] == [(3, b"d"), (4, b"e")]
    assert dataset.element_spec == (TensorSpec((), "int64"), TensorSpec((), "string"))
    with pytest.raises(DataError, match="Cannot unbatch an input with scalar components"):
        list(Dataset.range(3).unbatch())


def test_a_row_of_a_batch_does_not_keep_the_batch():
    row = next(iter(Dataset.from_tensors(np.zeros((100, 3), "float32")).unbatch()))
    assert row.untyped_storage().nbytes() == 3 * 4


@pytest.mark.parametrize(
    ("sizes", "drop", "expected"),
    [
        (2, False, [[0, 1], [2, 3], [4, 5], [6]]),
        (2, True, [[0, 1], [2, 3], [4, 5]]),
        (5, False, [[0, 1, 2, 3, 4], [5, 6]]),
        ([2, 1], False, [[0, 1], [2], [3, 4], [5], [6]]),
    ],
    ids=["smaller", "drop", "larger", "in turn"],
)
def test_rebatching_goes_across_batches(sizes, drop, expected):
    assert values(Dataset.range(7).batch(3).rebatch(sizes, drop)) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((3,), [[0, 1, 2], [3, 4, 5], [6]]),
        ((3, None, 1, True), [[0, 1, 2], [3, 4, 5]]),
        ((3, 1, 1, True), [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 6]]),
        ((3, 1, 2, True), [[0, 2, 4], [1, 3, 5], [2, 4, 6]]),
        ((2, 4), [[0, 1], [4, 5]]),
        ((2, 3, 2), [[0, 2], [3, 5], [6]]),
        ((4, 3, 1, False), [[0, 1, 2, 3], [3, 4, 5, 6], [6]]),
    ],
    ids=["plain", "drop", "shift", "stride", "gaps", "both", "overlap"],
)
def test_windows_are_datasets(args, expected):
    windows = Dataset.range(7).window(*args)
    assert [values(window) for window in windows] == expected
    assert len(windows) == len(expected)
    assert windows.element_spec == DatasetSpec(TensorSpec((), "int64"))


def test_every_part_of_the_elements_has_its_own_window():
    first, second = next(iter(Dataset.from_tensor_slices(([1, 2], ["a", "b"])).window(2)))
    assert values(first) == [1, 2]
    assert [text.numpy() for text in second] == [b"a", b"b"]


def test_windows_become_batches():
    dataset = (
        Dataset.range(5).window(3, shift=1, drop_remainder=True).flat_map(lambda window: window.batch(3))
    )
    assert values(dataset) == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]


@pytest.mark.parametrize(
    "size", [{"window_size": 2}, {"window_size_func": lambda key: key + 2}], ids=["fixed", "func"]
)
def test_groups_share_a_key(size):
    dataset = Dataset.range(7).group_by_window(lambda x: x % 2, lambda key, group: group.batch(5), **size)
    expected = [[0, 2], [1, 3], [4, 6], [5]] if "window_size" in size else [[0, 2], [1, 3, 5], [4, 6]]
    assert values(dataset) == expected


def test_groups_need_one_size():
    with pytest.raises(InvalidArgumentError, match="either `window_size` or `window_size_func`"):
        Dataset.range(7).group_by_window(lambda x: x, lambda key, group: group)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, [[[1, 0], [2, 2]], [[3, 3, 3, 0], [4, 4, 4, 4]], [[1]], [[5, 5, 5, 5, 5]]]),
        ({"drop_remainder": True}, [[[1, 0], [2, 2]], [[3, 3, 3, 0], [4, 4, 4, 4]]]),
        (
            {"padded_shapes": [6], "drop_remainder": True},
            [[[1] + [0] * 5, [2, 2] + [0] * 4], [[3] * 3 + [0] * 3, [4] * 4 + [0] * 2]],
        ),
    ],
    ids=["plain", "drop", "shape"],
)
def test_buckets_hold_similar_lengths(args, expected):
    dataset = lengths_dataset(1, 3, 2, 4, 1, 5).bucket_by_sequence_length(len, [3, 5], [2, 2, 2], **args)
    assert values(dataset) == expected


def test_buckets_can_be_filled_up_to_their_boundary():
    dataset = lengths_dataset(1, 2).bucket_by_sequence_length(
        len, [4, 9], [2, 2, 2], pad_to_bucket_boundary=True
    )
    assert values(dataset) == [[[1, 0, 0], [2, 2, 0]]]
    too_long = lengths_dataset(9).bucket_by_sequence_length(
        len, [4, 9], [1, 1, 1], pad_to_bucket_boundary=True
    )
    with pytest.raises(DataError, match="at least as long as the last"):
        list(too_long)
    with pytest.raises(DataError, match="one entry more"):
        lengths_dataset(1).bucket_by_sequence_length(len, [4], [1])


def test_buckets_without_padding_need_one_shape():
    dataset = lengths_dataset(1, 2, 1).bucket_by_sequence_length(len, [2], [2, 1], no_padding=True)
    assert values(dataset) == [[[2, 2]], [[1], [1]]]
    with pytest.raises(ShapeError, match="does not fit"):
        list(lengths_dataset(1, 2).bucket_by_sequence_length(len, [5], [2, 2], no_padding=True))


def test_unique_elements_come_once():
    assert values(Dataset.from_tensor_slices([1, 37, 2, 37, 2, 1]).unique()) == [1, 37, 2]
    assert [t.numpy() for t in Dataset.from_tensor_slices(["a", "b", "a"]).unique()] == [b"a", b"b"]
