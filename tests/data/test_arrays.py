"""`ArrayBatches`: order, sizes, structures and memory of batches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from kerastorch.data.arrays import ArrayBatches, train_validation_split
from kerastorch.errors import DataError

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10, dtype="int64")
W = np.linspace(0, 1, 10).astype("float32")


def firsts(batches):
    """The first column of each batch of inputs."""
    return [(batch[0] if isinstance(batch, tuple) else batch)[:, 0].tolist() for batch in batches]


@pytest.mark.parametrize(
    ("batch_size", "sizes"),
    [(3, [3, 3, 3, 1]), (5, [5, 5]), (10, [10]), (64, [10]), (None, [10]), (4.0, [4, 4, 2])],
)
def test_batch_size(batch_size, sizes):
    batches = ArrayBatches(X, Y, batch_size=batch_size)
    assert [len(x) for x, _ in batches] == sizes
    assert batches.num_batches == len(sizes)
    assert batches.num_samples == 10


STRUCTURES = {
    "x": ((X,), lambda b: isinstance(b, torch.Tensor)),
    "x, y": ((X, Y), lambda b: type(b) is tuple and len(b) == 2),
    "x, y, weights": ((X, Y, W), lambda b: type(b) is tuple and len(b) == 3),
    "x, weights": ((X, None, W), lambda b: len(b) == 3 and b[1] is None),
    "list": (([X, X],), lambda b: type(b) is tuple and len(b) == 1 and type(b[0]) is list),
    "tuple": (((X, X),), lambda b: type(b) is tuple and len(b) == 1 and type(b[0]) is tuple),
    "dict": (({"a": X},), lambda b: type(b) is dict and list(b) == ["a"]),
    "nested": (({"a": [X, X]}, [Y, {"k": Y}]), lambda b: len(b) == 2 and b[1][1]["k"].shape == (4,)),
    "one weight of two": ((X, [Y, Y], [None, W]), lambda b: b[2][0] is None and b[2][1].shape == (4,)),
}


@pytest.mark.parametrize("name", list(STRUCTURES))
@pytest.mark.parametrize("shuffle", [True, False])
def test_structure_of_batches(name, shuffle):
    """Places that hold nothing are left out at the end, as in Keras."""
    arrays, check = STRUCTURES[name]
    batches = list(ArrayBatches(*arrays, batch_size=4, shuffle=shuffle))
    assert len(batches) == 3
    assert check(batches[0])


def test_dictionaries_keep_values_with_their_keys():
    """Whatever the order of the keys."""
    x = {"b": X, "a": X * 2, "c": X * 3}
    (batch,) = ArrayBatches(x, {"z": Y, "y": Y + 1})
    assert torch.equal(batch[0]["a"], torch.from_numpy(X * 2))
    assert torch.equal(batch[0]["b"], torch.from_numpy(X))
    assert torch.equal(batch[1]["y"], torch.from_numpy(Y + 1))


@pytest.mark.parametrize("shuffle", [False, None])
def test_order_of_the_arrays(shuffle):
    batches = ArrayBatches(X, batch_size=4, shuffle=shuffle)
    assert [v for batch in firsts(batches) for v in batch] == list(range(0, 20, 2))


def test_new_order_each_epoch_from_torch_s_generator():
    batches = ArrayBatches(X, batch_size=4, shuffle=True)
    torch.manual_seed(0)
    epochs = [firsts(batches) for _ in range(2)]
    assert epochs[0] != epochs[1]
    torch.manual_seed(0)
    assert firsts(batches) == epochs[0]
    assert all(sorted(v for b in epoch for v in b) == list(range(0, 20, 2)) for epoch in epochs)


def test_whole_batches_shuffled():
    """The last partial batch stays last."""
    torch.manual_seed(1)
    found = firsts(ArrayBatches(X, batch_size=4, shuffle="batch"))
    assert sorted(found[:2]) == [[0, 2, 4, 6], [8, 10, 12, 14]]
    assert found[2] == [16, 18]
    orders = {tuple(map(tuple, firsts(ArrayBatches(X, batch_size=2, shuffle="batch")))) for _ in range(5)}
    assert len(orders) > 1


def test_inputs_targets_and_weights_stay_together():
    for x, y, w in ArrayBatches(X, Y, W, batch_size=3, shuffle=True):
        assert torch.equal(x[:, 0], y * 2.0)
        np.testing.assert_allclose(w.numpy(), W[y.numpy()])


def test_arrays_are_not_copied():
    batches = ArrayBatches(X, Y)
    assert batches.arrays[0].data_ptr() == X.ctypes.data


@pytest.mark.parametrize("shuffle", [True, False])
def test_steps_that_write_to_their_batches_never_reach_the_arrays(shuffle):
    """A layer such as `torch.nn.ReLU(inplace=True)` may come first in a model."""
    x = X.copy()
    batches = ArrayBatches(x, batch_size=3, shuffle=shuffle)
    for _ in range(2):
        for batch in batches:
            batch.mul_(-1)
    np.testing.assert_array_equal(x, X)


def test_writes_in_inference_mode_never_reach_the_arrays():
    x = X.copy()
    with torch.inference_mode():
        for batch in ArrayBatches(x, batch_size=3):
            batch.mul_(-1)
    np.testing.assert_array_equal(x, X)


def test_batches_after_the_first_share_the_memory_where_nothing_is_written():
    pointers = [batch.data_ptr() for batch in ArrayBatches(X, batch_size=5)]
    assert pointers[0] != X.ctypes.data
    assert pointers[1] == X[5:].ctypes.data


@pytest.mark.parametrize(
    "view", [lambda a: a, np.asarray, lambda a: np.asarray(a[:])], ids=["map", "view", "slice"]
)
def test_memory_map_is_cast_batch_by_batch(tmp_path, view):
    np.save(tmp_path / "x.npy", X.astype("float64"))
    mapped = view(np.load(tmp_path / "x.npy", mmap_mode="r"))
    batches = ArrayBatches(mapped, batch_size=4)
    assert batches.arrays[0].dtype is torch.float64
    assert all(batch.dtype is torch.float32 for batch in batches)


def test_memory_map_in_the_other_byte_order(tmp_path):
    np.save(tmp_path / "x.npy", X.astype(">f8"))
    (batch,) = ArrayBatches(np.load(tmp_path / "x.npy", mmap_mode="r"))
    np.testing.assert_array_equal(batch.numpy(), X)


def test_class_weights_become_sample_weights():
    (batch,) = ArrayBatches(X, Y % 2, class_weight={0: 1.0, 1: 3.0})
    assert batch[2].tolist() == [1.0, 3.0] * 5


WRONG = [
    ({"x": X, "y": Y[:3]}, "ambiguous.*same number of samples.*x: 10; y: 3"),
    ({"x": X, "y": Y, "sample_weight": W[:2]}, "sample_weight: 2"),
    ({"x": [X, X[:4]]}, "x: 10, 4"),
    ({"x": X[:0]}, "hold no samples"),
    ({"x": np.array(1.0)}, "axis of samples"),
    ({"x": X, "y": np.array(1.0)}, "axis of samples"),
    ({"x": []}, "no data"),
    ({"x": X, "batch_size": 0}, "positive integer"),
    ({"x": X, "batch_size": True}, "positive integer"),
    ({"x": X, "batch_size": "8"}, "positive integer"),
    ({"x": X, "batch_size": 1.5}, "positive integer"),
    ({"x": X, "shuffle": "all"}, "`shuffle` must be"),
    ({"x": X, "class_weight": {0: 1.0}}, "needs targets"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG, ids=[text for _, text in WRONG])
def test_wrong_arguments(arguments, text):
    with pytest.raises(DataError, match=text):
        ArrayBatches(**arguments)


@pytest.mark.parametrize(("fraction", "count"), [(0.2, 8), (0.25, 7), (0.5, 5), (0.7, 3), (0.01, 9)])
def test_split_takes_the_end(fraction, count):
    (x, y, w), (vx, vy, vw) = train_validation_split((X, Y, None), fraction)
    assert (len(x), len(vx)) == (count, 10 - count)
    np.testing.assert_array_equal(np.concatenate([y, vy]), Y)
    assert w is None
    assert vw is None


def test_split_of_nested_arrays():
    first, last = train_validation_split(({"a": X, "b": [X]}, Y), 0.3)
    assert first[0]["b"][0].shape == (7, 2)
    assert last[0]["a"].shape == (3, 2)


def test_split_of_lists_of_numbers():
    first, last = train_validation_split((X.tolist(), Y.tolist(), W.tolist()), 0.3)
    assert [len(part) for part in first] == [7, 7, 7]
    assert last[1] == [7, 8, 9]


def test_split_of_data_frames_goes_by_place():
    frame = pd.DataFrame(X, index=range(20, 10, -1))
    first, last = train_validation_split((frame, frame[0]), 0.3)
    assert first[0].shape == (7, 2)
    assert last[1].tolist() == [14.0, 16.0, 18.0]


@pytest.mark.parametrize(
    ("arrays", "text"),
    [((None, None), "no data to split"), ((np.array(1.0), X), "axis of samples")],
    ids=["None", "scalar"],
)
def test_split_of_nothing(arrays, text):
    with pytest.raises(DataError, match=text):
        train_validation_split(arrays, 0.5)


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 1.5, "half", None])
def test_wrong_fraction(fraction):
    with pytest.raises(DataError, match="number between 0 and 1"):
        train_validation_split(X, fraction)


@pytest.mark.parametrize("fraction", [0.95, 0.99])
def test_split_that_leaves_nothing(fraction):
    with pytest.raises(DataError, match="contains 10 samples, which is not sufficient"):
        train_validation_split(X, fraction)


def test_split_of_different_lengths():
    with pytest.raises(DataError, match="same number of samples"):
        train_validation_split((X, Y[:4], None), 0.5)
