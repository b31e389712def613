"""Layers for numbers and categories: what they learn, sparse outputs, state, and errors."""

from __future__ import annotations

import copy
import itertools
import json
import warnings

import keras
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from kerastorch import Input, Sequential, layers
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.errors import (
    ArgumentTypeError,
    DataError,
    InvalidArgumentError,
    MissingMethodError,
    NotBuiltError,
    ShapeError,
)
from kerastorch.layers.preprocessing.adapting import batches_of

DATA = np.random.default_rng(0).normal(3.0, 2.0, size=(103, 4)).astype("float32")
PARTS = [DATA[i : i + 10] for i in range(0, 103, 10)]
KINDS = {
    "array": lambda: DATA,
    "tensor": lambda: torch.tensor(DATA),
    "list of numbers": lambda: DATA.tolist(),
    "list of batches": lambda: PARTS,
    "generator of x and y": lambda: ((part, np.zeros(len(part))) for part in PARTS),
    "dataset": lambda: Dataset.from_tensor_slices(DATA).batch(10),
    "dataset of samples": lambda: Dataset.from_tensor_slices(DATA),
    "loader": lambda: DataLoader(TensorDataset(torch.tensor(DATA)), batch_size=10),
    "torch dataset": lambda: TensorDataset(torch.tensor(DATA)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_mean_and_variance_are_exact_for_data_of_every_kind(kind):
    layer = layers.Normalization()
    layer.adapt(KINDS[kind]())
    mean, variance, count = layer.get_weights()
    np.testing.assert_allclose(mean, DATA.mean(0, dtype="float64"), rtol=1e-6)
    np.testing.assert_allclose(variance, DATA.var(0, dtype="float64"), rtol=1e-6)
    assert layer.is_adapted
    assert count == 103


@pytest.mark.parametrize("axis", [-1, None, 0, (0, 1)])
def test_adapting_is_keras_s(axis):
    ours, theirs = layers.Normalization(axis=axis), keras.layers.Normalization(axis=axis)
    ours.adapt(DATA)
    theirs.adapt(DATA)
    np.testing.assert_allclose(ours(DATA), theirs(DATA).detach(), atol=1e-5)


def test_batches_are_added_to_what_was_learned():
    layer = layers.Normalization()
    layer.adapt(DATA[:50])
    other = layers.Normalization()
    other.build((None, 4))
    other.set_weights(layer.get_weights())
    other.update_state(DATA[50:])
    other.finalize_state()
    np.testing.assert_allclose(other.get_weights()[1], DATA.var(0), rtol=1e-5)
    other.adapt(DATA[:3])
    np.testing.assert_allclose(other.get_weights()[0], DATA[:3].mean(0), rtol=1e-5)


def test_weights_that_are_set_or_loaded_are_used():
    first, second, third = (layers.Normalization() for _ in range(3))
    first.adapt(DATA)
    second.build((None, 4))
    second.set_weights(first.get_weights())
    third.build((None, 4))
    third.load_state_dict(first.state_dict())
    assert all(torch.equal(layer(DATA), first(DATA)) for layer in (second, third, copy.deepcopy(first)))


def test_a_constant_feature_stays_finite():
    layer = layers.Normalization()
    layer.adapt(np.ones((4, 2)))
    assert layer(np.ones((1, 2))).tolist() == [[0.0, 0.0]]


def test_steps_end_an_endless_generator():
    layer = layers.Normalization(axis=None)
    layer.adapt(itertools.repeat(np.array([[1.0], [3.0]])), steps=3)
    assert layer.get_weights()[2] == 6


def test_a_model_normalizes_and_is_mapped():
    layer = layers.Normalization()
    layer.adapt(DATA)
    model = Sequential([Input((4,)), layer, layers.Dense(1)])
    assert model.predict(DATA, verbose=0).shape == (103, 1)
    mapped = list(Dataset.from_tensor_slices(DATA).batch(103).map(layer))
    assert torch.equal(mapped[0], layer(DATA))


@pytest.mark.parametrize(("bins", "epsilon"), [(4, 0.01), (10, 0.1), (3, 0.5)])
@pytest.mark.parametrize("data", [lambda: DATA, lambda: PARTS], ids=["array", "batches"])
def test_bins_are_keras_s(bins, epsilon, data):
    ours = layers.Discretization(num_bins=bins, epsilon=epsilon)
    theirs = keras.layers.Discretization(num_bins=bins, epsilon=epsilon)
    ours.adapt(data())
    for batch in data() if isinstance(data(), list) else [data()]:
        theirs.update_state(batch)
    theirs.finalize_state()
    np.testing.assert_allclose(ours.bin_boundaries, theirs.bin_boundaries, rtol=1e-6)


def test_learned_bins_are_part_of_the_config():
    layer = layers.Discretization(num_bins=3, output_mode="one_hot")
    layer.adapt([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    copied = layers.Discretization.from_config(json.loads(json.dumps(layer.get_config())))
    assert copied.bin_boundaries == layer.bin_boundaries
    assert torch.equal(copied([2.5, 4.5]), layer([2.5, 4.5]))


def test_bins_by_keras_2_s_name():
    with pytest.warns(UserWarning, match="`bins` is deprecated"):
        assert layers.Discretization(bins=[0.0, 1.0]).bin_boundaries == [0.0, 1.0]
    with pytest.warns(UserWarning, match="`bins` is deprecated"):
        assert layers.Discretization(bins=4).num_bins == 4


SPARSE = [
    (layers.CategoryEncoding, {"num_tokens": 4}, [[0, 1], [3, 3]]),
    (layers.CategoryEncoding, {"num_tokens": 4, "output_mode": "count"}, [[0, 1], [3, 3]]),
    (layers.Discretization, {"bin_boundaries": [0.0], "output_mode": "one_hot"}, [[-1.0], [2.0]]),
    (layers.Hashing, {"num_bins": 4, "output_mode": "multi_hot"}, [["a", "b"], ["c", "d"]]),
    (layers.HashedCrossing, {"num_bins": 4, "output_mode": "one_hot"}, [["a", "b"], [1, 2]]),
]


@pytest.mark.parametrize(("cls", "kwargs", "inputs"), SPARSE)
def test_sparse_outputs_hold_the_dense_ones(cls, kwargs, inputs):
    sparse = cls(sparse=True, **kwargs)(inputs)
    assert sparse.is_sparse
    assert torch.equal(sparse.to_dense(), cls(**kwargs)(inputs))


@pytest.mark.parametrize("mode", ["multi_hot", "count", "one_hot"])
@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 4), (2, 3, 1), (2, 3, 4, 2)], ids=str)
@pytest.mark.parametrize(
    ("name", "kwargs"),
    [("CategoryEncoding", {"num_tokens": 5}), ("Discretization", {"bin_boundaries": [0.0, 1.0, 2.0, 3.0]})],
)
def test_vectors_gather_the_second_axis_as_in_keras(name, kwargs, shape, mode):
    numbers = np.random.default_rng(0).integers(0, 5, shape)
    ours, theirs = (getattr(m, name)(output_mode=mode, **kwargs) for m in (layers, keras.layers))
    expected = theirs(numbers)
    torch.testing.assert_close(ours(numbers), expected)
    sparse = getattr(layers, name)(output_mode=mode, sparse=True, **kwargs)(numbers)
    torch.testing.assert_close(sparse.to_dense(), expected)
    assert ours.compute_output_shape(shape) == tuple(expected.shape)
    assert ours(Input(shape[1:])).shape == (None, *expected.shape[1:]) or len(shape) == 1


def test_keras_2_s_names_of_category_encoding():
    layer = layers.CategoryEncoding(max_tokens=3, output_mode="binary")
    assert layer.get_config()["output_mode"] == "multi_hot"
    assert layer([0, 2]).tolist() == [1.0, 0.0, 1.0]


def test_negative_categories_are_none():
    assert layers.CategoryEncoding(2)([[-1, 1]]).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    "values",
    ["fox", ["fox"], np.array(["fox"]), np.array([b"fox"]), np.array(["fox"], dtype=object)],
    ids=["str", "list", "unicode", "bytes", "objects"],
)
def test_strings_of_every_form_are_hashed(values):
    assert layers.Hashing(100)(values).flatten().tolist() == layers.Hashing(100)([["fox"]])[0].tolist()


def test_integers_are_hashed_as_they_are_written():
    numbers = [0, 12, -345, 10**17]
    assert torch.equal(
        layers.Hashing(1000)(torch.tensor(numbers)), layers.Hashing(1000)(list(map(str, numbers)))
    )


def test_base_class_of_keras_2():
    layer = layers.PreprocessingLayer()
    layer.compile(run_eagerly=True)
    assert not layer.is_adapted
    with pytest.raises(MissingMethodError, match="must define `update_state"):
        layer.adapt(DATA)


def test_batches_of_arrays_have_the_size_that_is_asked_for():
    assert [len(batch) for batch in batches_of(DATA, batch_size=50)] == [50, 50, 3]
    assert [len(batch) for batch in batches_of(["a", "b", "c"], batch_size=2)] == [2, 1]


GIVEN = {"mean": 0.0, "variance": 1.0}


@pytest.mark.parametrize(
    ("fault", "error", "match"),
    [
        (lambda: layers.Normalization(mean=1.0), InvalidArgumentError, "both `mean` and `variance`"),
        (lambda: layers.Normalization(mean=[1.0], variance=1.0), InvalidArgumentError, "the same shape"),
        (lambda: layers.Normalization(mean=[[1.0]], variance=[[1.0]]), InvalidArgumentError, "The rank of"),
        (lambda: layers.Normalization(axis=3)(DATA), ShapeError, r"in the range \[-ndim, ndim\)"),
        (lambda: layers.Normalization(axis=1)(Input((None, 2))), ShapeError, "known shape"),
        (lambda: layers.Normalization(mean=[1.0] * 3, variance=[1.0] * 3)(DATA), ShapeError, "do not fit"),
        (lambda: layers.Normalization(**GIVEN).adapt(DATA), InvalidArgumentError, "static `mean`"),
        (lambda: layers.Normalization().adapt([DATA, DATA[:, :2]]), ShapeError, "incompatible shape"),
        (lambda: layers.Normalization().adapt([]), DataError, "empty iterable"),
        (lambda: layers.Normalization().adapt(iter([42])), ArgumentTypeError, "`.shape`.*type int"),
        (lambda: layers.Normalization().adapt(3), DataError, "Unsupported data type"),
        (lambda: layers.Discretization(), InvalidArgumentError, "either `num_bins` or `bin_boundaries`"),
        (lambda: layers.Discretization([0.0], 3), InvalidArgumentError, "should not be set"),
        (lambda: layers.Discretization(num_bins=-1), InvalidArgumentError, "greater than or equal to 0"),
        (lambda: layers.Discretization([0.0], output_mode="x"), InvalidArgumentError, "`output_mode`"),
        (
            lambda: layers.Discretization([0.0], sparse=True),
            InvalidArgumentError,
            "`sparse` may only be true if `output_mode` is one of.*Discretization",
        ),
        (lambda: layers.Discretization([0.0]).adapt(DATA), InvalidArgumentError, "use `num_bins`"),
        (lambda: layers.Discretization(num_bins=3)(DATA), NotBuiltError, "call `adapt"),
        (lambda: layers.CategoryEncoding(), InvalidArgumentError, "num_tokens must be set"),
        (lambda: layers.CategoryEncoding(0), InvalidArgumentError, "must be >= 1"),
        (lambda: layers.CategoryEncoding(3, output_mode="int"), InvalidArgumentError, "Unknown arg"),
        (lambda: layers.CategoryEncoding(3)([3]), InvalidArgumentError, "0 <= values < num_tokens"),
        (
            lambda: layers.CategoryEncoding(3)([1], count_weights=[2.0]),
            InvalidArgumentError,
            "`count_weights` is not used",
        ),
        (
            lambda: layers.CategoryEncoding(3, "count")([1, 2], count_weights=[[2.0]]),
            ShapeError,
            "the shape of the inputs",
        ),
        (lambda: layers.Hashing(None), InvalidArgumentError, "cannot be `None`"),
        (lambda: layers.Hashing(2, salt="x"), InvalidArgumentError, "`salt` argument"),
        (lambda: layers.Hashing(2, salt=[1]), InvalidArgumentError, "tuple of size 2"),
        (lambda: layers.Hashing(2, dtype="float32"), InvalidArgumentError, "an integer type"),
        (lambda: layers.Hashing(2, output_mode="x"), InvalidArgumentError, "`output_mode`"),
        (lambda: layers.HashedCrossing(2, output_mode="count"), InvalidArgumentError, "`output_mode`"),
        (lambda: layers.HashedCrossing(2)(torch.tensor([1])), InvalidArgumentError, "a list or tuple"),
        (lambda: layers.HashedCrossing(2)([torch.tensor([1])]), InvalidArgumentError, "at least two"),
        (lambda: layers.HashedCrossing(2)([torch.ones(2, 2).int()] * 2), ShapeError, "should have shape"),
        (
            lambda: layers.HashedCrossing(2)([torch.tensor([1]), torch.tensor([1, 2])]),
            ShapeError,
            "equal shape",
        ),
        (lambda: layers.HashedCrossing(2)([torch.ones(2)] * 2), ArgumentTypeError, "an integer or string"),
    ],
)
def test_faults_are_named(fault, error, match):
    with warnings.catch_warnings(), pytest.raises(error, match=match):
        fault()
