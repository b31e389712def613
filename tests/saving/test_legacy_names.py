"""Places and names that classes, arguments and losses had in Keras 1 and 2, and how files of that kind are written."""

from __future__ import annotations

import json
import subprocess
import sys

import h5py
import keras
import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.models import model_from_json
from kerastorch.saving.legacy_classes import is_old, modern
from tests.saving.pairs import X

PLACES = [
    ("keras.layers.core.Dense", None, "Dense", "keras.layers"),
    ("keras.layers.convolutional.Conv2D", None, "Conv2D", "keras.layers"),
    ("Dense", "keras.layers.core.dense", "Dense", "keras.layers"),
    ("Dense", "tensorflow.python.keras.layers.core", "Dense", "keras.layers"),
    ("Dense", "tf_keras.src.layers.core.dense", "Dense", "keras.layers"),
    ("LSTMV2", "keras.layers", "LSTM", "keras.layers"),
    ("Functional", "keras.engine.functional", "Functional", "keras.src.models.functional"),
    ("Functional", "keras.src.engine.functional", "Functional", "keras.src.models.functional"),
    ("Functional", "tf_keras.src.engine.functional", "Functional", "keras.src.models.functional"),
    ("Sequential", "keras.engine.sequential", "Sequential", "keras.models"),
    ("Custom>Adam", None, "Adam", "keras.optimizers"),
    ("Adam", "keras.optimizers.optimizer_v2.adam", "Adam", "keras.optimizers"),
    ("SGD", "keras.optimizers.legacy", "SGD", "keras.optimizers.legacy"),
    ("ExponentialDecay", "keras.optimizers.schedules", "ExponentialDecay", "keras.optimizers.schedules"),
    ("GlorotUniform", "keras.initializers.initializers_v2", "GlorotUniform", "keras.initializers"),
    ("Identity", "keras.initializers", "Identity", "keras.initializers"),
    ("L2", "keras.regularizers", "L2", "keras.regularizers"),
    ("MeanSquaredError", "keras.losses", "MeanSquaredError", "keras.losses"),
    ("MeanSquaredError", "keras.metrics", "MeanSquaredError", "keras.metrics"),
    ("Mine", "somebody.layers", "Mine", "somebody.layers"),
    ("Mine", None, "Mine", None),
]


@pytest.mark.parametrize(
    ("name", "module", "expected", "home"), PLACES, ids=[f"{m}-{n}" for n, m, *_ in PLACES]
)
def test_every_place_that_a_class_ever_had_is_known(name, module, expected, home):
    found = modern({"class_name": name, "module": module, "config": {}})
    assert (found["class_name"], found.get("module")) == (expected, home)


VERSIONS = {"": True, "1.2.2": True, "2.0.8": True, "2.21.0": True, "3.0.0": False, "3.15.1": False}


@pytest.mark.parametrize("version", VERSIONS)
def test_versions_before_3_are_old(version):
    assert is_old(version) is VERSIONS[version]


ARGUMENTS = [
    ("Dense", {"output_dim": 3, "init": "uniform"}, {"units": 3, "kernel_initializer": "random_uniform"}),
    ("Dropout", {"p": 0.5}, {"rate": 0.5}),
    ("Embedding", {"output_dim": 3, "init": "normal"}, {"output_dim": 3, "embeddings_initializer": "random_normal"}),
    ("MaxPooling1D", {"pool_length": 2, "stride": 3}, {"pool_size": 2, "strides": 3}),
    ("Flatten", {"name": "f"}, {"name": "f"}),
    ("Dense", {"W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}},
     {"kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 2, "axis": 0}}}),
    ("Dense", {"b_regularizer": {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.1}},
     {"bias_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.1}}}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new"), ARGUMENTS)
def test_arguments_of_keras_1_have_their_names_of_today(name, old, new):
    assert modern({"class_name": name, "config": old}, "1.2.2")["config"] == new


MERGED = [
    ({"mode": "sum"}, "Add", {}),
    ({"mode": "concat", "concat_axis": 1}, "Concatenate", {"axis": 1}),
    ({"mode": "dot", "dot_axes": 2}, "Dot", {"axes": 2, "normalize": False}),
    ({"mode": "cos", "dot_axes": 1}, "Dot", {"axes": 1, "normalize": True}),
]


@pytest.mark.parametrize(("old", "name", "new"), MERGED, ids=["sum", "concat", "dot", "cos"])
def test_merge_becomes_the_layer_of_its_mode(old, name, new):
    assert modern({"class_name": "Merge", "config": old}, "1.2.2") == {"class_name": name, "config": new}


def test_json_of_keras_2_makes_a_model():
    dense = {
        "class_name": "Dense",
        "config": {"units": 2, "batch_input_shape": [None, 4], "activation": "hard_sigmoid"},
    }
    text = json.dumps(
        {"class_name": "Sequential", "config": [dense], "keras_version": "2.2.4", "backend": "tensorflow"}
    )
    model = model_from_json(text)
    assert model.output_shape == (None, 2)
    assert model.layers[0].activation.__name__ == "hard_sigmoid_of_keras_2"


@pytest.mark.parametrize("loss", ["mse", ["mse"], {"out": "mae"}], ids=["string", "list", "dictionary"])
def test_keras_reads_the_loss_of_a_file(loss, tmp_path):
    model = kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(2, name="out")])
    model.compile("adam", loss)
    model.fit(X, X[:, :2], verbose=0)
    model.save(tmp_path / "model.h5")
    other = keras.models.load_model(tmp_path / "model.h5")
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)


def test_a_graph_is_written_in_the_words_of_keras_2(tmp_path):
    x = kerastorch.Input((4,), name="x")
    y = layers.Add(name="sum")([layers.Dense(3, name="a")(x), layers.Dense(3, name="b")(x)])
    kerastorch.Model(x, y).save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r") as file:
        first, dense, *_, last = json.loads(file.attrs["model_config"])["config"]["layers"]
    assert first["config"]["batch_input_shape"] == [None, 4]
    assert (dense["config"]["dtype"], dense["inbound_nodes"]) == ("float32", [[["x", 0, 0, {}]]])
    assert last["inbound_nodes"] == [[["a", 0, 0, {}], ["b", 0, 0, {}]]]


def test_functions_between_layers_are_found_in_a_fresh_process(tmp_path):
    x = kerastorch.Input((4,))
    kerastorch.Model(x, kerastorch.ops.relu(layers.Dense(2)(x))).save(tmp_path / "model.keras")
    code = f"import kerastorch; print(kerastorch.models.load_model({str(tmp_path / 'model.keras')!r}).output_shape)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(None, 2)"
