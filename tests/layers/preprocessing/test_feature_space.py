"""FeatureSpace encodes tables as Keras on TensorFlow does, in models and files too."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import kerastorch
from kerastorch import layers
from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, NotBuiltError
from kerastorch.utils import FeatureSpace
from tests.layers.preprocessing.feature_space_cases import CASES, DATA, SAMPLE

PINNED = json.loads((Path(__file__).parent / "feature_space.json").read_text(encoding="utf-8"))
ARRAYS = {name: np.array(values) for name, values in DATA.items()}


def space(case="crossed"):
    made = CASES[case](FeatureSpace)
    made.adapt(DATA)
    return made


def as_lists(outputs):
    return {k: v.tolist() for k, v in outputs.items()} if isinstance(outputs, dict) else outputs.tolist()


def assert_close(found, expected):
    found = found if isinstance(found, dict) else {"all": found}
    expected = expected if isinstance(expected, dict) else {"all": expected}
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("part", ["batch", "sample"])
def test_outputs_are_keras_s(case, part):
    given = {"batch": DATA, "sample": SAMPLE}[part]
    assert_close(as_lists(space(case)(given)), PINNED[case][part])


@pytest.mark.parametrize(
    "data",
    [
        lambda: Dataset.from_tensor_slices(DATA),
        lambda: Dataset.from_tensor_slices(DATA).batch(4),
        lambda: Dataset.from_tensor_slices((DATA, np.zeros(6))),
        lambda: [ARRAYS],
        lambda: DataLoader([{k: v[i] for k, v in DATA.items()} for i in range(6)], batch_size=4),
    ],
    ids=["samples", "batches", "samples with targets", "list of batches", "loader"],
)
def test_it_adapts_to_data_of_every_kind(data):
    made = CASES["crossed"](FeatureSpace)
    made.adapt(data())
    assert_close(as_lists(made(DATA)), PINNED["crossed"]["batch"])


def test_a_dataset_is_mapped():
    made = space()
    batches = list(Dataset.from_tensor_slices(DATA).batch(3).map(made))
    assert torch.equal(torch.cat(batches), made(ARRAYS))
    samples = list(Dataset.from_tensor_slices(DATA).map(made))
    assert torch.equal(torch.stack(samples), made(ARRAYS))


def test_a_model_of_numbers_is_built_on_it():
    made = FeatureSpace({"size": "float_normalized", "age": "integer_hashed"}, crosses=[("age", "age")])
    made.adapt(DATA)
    encoded = made.get_encoded_features()
    assert encoded.shape == (None, 65)
    model = kerastorch.Model(made.get_inputs(), encoded)
    data = {"size": torch.tensor(DATA["size"])[:, None], "age": torch.tensor(DATA["age"])[:, None]}
    assert torch.equal(model(data), made(data))


def test_it_survives_a_file(tmp_path):
    made = space()
    made.save(tmp_path / "space.keras")
    loaded = kerastorch.models.load_model(tmp_path / "space.keras")
    assert torch.equal(loaded(DATA), made(DATA))


def test_a_layer_of_one_s_own_prepares_a_feature():
    feature = FeatureSpace.feature("float32", layers.Normalization(mean=1.0, variance=4.0), "float")
    made = FeatureSpace({"size": feature})
    assert made({"size": [1.0, 3.0]}).tolist() == [[0.0], [1.0]]


def test_given_boundaries_need_no_data():
    made = FeatureSpace({"size": FeatureSpace.float_discretized(None, bin_boundaries=[0.0, 1.0])})
    assert made({"size": [-1.0, 2.0]}).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


CUSTOM = FeatureSpace.feature("float32", layers.Identity(), "one_hot")


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: FeatureSpace({}), InvalidArgumentError, "cannot be None or empty"),
        (lambda: FeatureSpace({"a": "flaot"}), InvalidArgumentError, "Invalid feature type: flaot"),
        (lambda: FeatureSpace({"a": "float"}, output_mode="x"), InvalidArgumentError, "`output_mode`"),
        (
            lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]),
            InvalidArgumentError,
            "unknown features",
        ),
        (
            lambda: FeatureSpace({"a": "float"}, crosses=[("a", "a")], crossing_dim=0),
            InvalidArgumentError,
            "crossing_dim",
        ),
        (lambda: FeatureSpace.cross(("a", "b"), 4, output_mode="x"), InvalidArgumentError, "`output_mode`"),
        (lambda: FeatureSpace({"a": "float_normalized"})({"a": [1.0]}), NotBuiltError, "call `.adapt"),
        (lambda: FeatureSpace({"a": "float"})([1.0]), ArgumentTypeError, "called with a dict"),
        (lambda: FeatureSpace({"a": "float"})({"b": [1.0]}), InvalidArgumentError, "lack the features"),
        (lambda: FeatureSpace({"a": "float"}).adapt(3), ArgumentTypeError, "can only be called on a Dataset"),
        (
            lambda: FeatureSpace({"a": FeatureSpace.integer_hashed(3, output_mode="int")})({"a": [1]}),
            InvalidArgumentError,
            "has not been encoded",
        ),
        (lambda: FeatureSpace({"a": CUSTOM})({"a": [1.0]}), InvalidArgumentError, "should return an integer"),
    ],
)
def test_faults_are_named(make, error, match):
    with pytest.raises(error, match=match):
        make()
