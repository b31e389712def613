"""`.h5` files in the words of Keras 2: what they hold is what the files of tf_keras in the corpus hold."""

from __future__ import annotations

import json

import h5py
import keras
import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from tests.saving.pairs import X
from tests.saving.test_legacy_corpus import CUSTOM, NAMES, corpus

__all__ = ["corpus"]  # the fixture

# What tf_keras does not write into such files, and reads all the same.
KNOWN = {"trainable", "dtype", "build_input_shape", "activity_regularizer", "dilation_rate", "backward_layer"}
KNOWN |= {"zero_output_for_mask"}
# Functions, dictionaries and calls with several tensors have no form of Keras 2 that Keras 3 reads.
REWRITTEN = {"operators", "functions", "attention", "attention_by_name", "translation", "inner_names"}
FIRST = {"nested", "shared", "conv2d", "trained_adam"}
AGAIN = [n for n in NAMES if "keras_1" not in n and "keras_2" not in n and n not in REWRITTEN]
ROWS = [n if n in FIRST else pytest.param(n, marks=pytest.mark.sweep) for n in AGAIN]


def attribute(path, name):
    with h5py.File(path) as file:
        return json.loads(file.attrs[name]) if name in file.attrs else None


def layers_in(config):
    """The configs of all layers, those of models and of wrappers too, in their order."""
    for value in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        if isinstance(value, dict) and "class_name" in value and isinstance(value.get("config"), dict):
            yield value
        yield from layers_in(value)


@pytest.mark.parametrize("name", ROWS)
def test_a_file_written_again_has_no_argument_that_tf_keras_did_not_write(name, corpus, tmp_path):
    kerastorch.models.load_model(corpus / f"{name}.h5", CUSTOM).save(tmp_path / "again.h5")
    for kind in ("model_config", "training_config"):
        theirs = list(layers_in({"": attribute(corpus / f"{name}.h5", kind)}))
        known = {}
        for one in theirs:
            known.setdefault(one["class_name"].rpartition(">")[2], set()).update(one["config"])
        for one in layers_in({"": attribute(tmp_path / "again.h5", kind)}):
            given = {key for key, value in one["config"].items() if value is not None}
            assert given - KNOWN - known.get(one["class_name"].rpartition(">")[2], given) == set()


def weight_names(path):
    with h5py.File(path) as file:
        group = file["model_weights"]
        return [
            (
                layer,
                [
                    weight.rpartition("/")[2].partition(":")[0]
                    for weight in group[layer].attrs["weight_names"]
                ],
            )
            for layer in group.attrs["layer_names"]
            if len(group[layer].attrs["weight_names"])
        ]


@pytest.mark.parametrize("name", ROWS)
def test_weights_are_written_in_the_order_of_tf_keras(name, corpus, tmp_path):
    kerastorch.models.load_model(corpus / f"{name}.h5", CUSTOM).save(tmp_path / "again.h5")
    ours, theirs = weight_names(tmp_path / "again.h5"), weight_names(corpus / f"{name}.h5")
    assert [(layer, len(weights)) for layer, weights in ours] == [(n, len(weights)) for n, weights in theirs]
    renamed = {"depthwise_kernel": "kernel", "layer_with_weights": "kernel"}
    for (_, mine), (_, other) in zip(ours, theirs, strict=True):
        assert mine == [renamed.get(weight, weight) if weight not in mine else weight for weight in other]


def twice(k):
    """A model and a row that are called twice, of which one is an output as well."""
    row = k.Sequential([k.Input((4,)), k.layers.Dense(4, name="in_row")], name="row")
    x = k.Input((4,), name="x")
    inner = k.Model(x, k.layers.Dense(4, name="in_inner")(x), name="inner")
    y = k.Input((4,), name="y")
    first = inner(y)
    second = inner(row(first))
    return k.Model(y, [k.layers.Add(name="sum")([first, second]), second, row(second)], name="outer")


def test_calls_of_models_stand_twice_so_that_both_ways_of_counting_are_right(tmp_path):
    twice(kerastorch).save(tmp_path / "model.h5")
    config = attribute(tmp_path / "model.h5", "model_config")["config"]
    calls = {layer["name"]: [call[0][:3] for call in layer["inbound_nodes"]] for layer in config["layers"]}
    assert calls["inner"] == [["y", 0, 0], ["y", 0, 0], ["row", 1, 0], ["row", 1, 0]]
    assert calls["row"] == [["inner", 1, 0], ["inner", 1, 0], ["inner", 3, 0], ["inner", 3, 0]]
    both = next(layer for layer in config["layers"] if layer["name"] == "sum")["inbound_nodes"]
    assert both == [[["inner", 1, 0, {}], ["inner", 3, 0, {}]]]
    assert config["output_layers"] == [["sum", 0, 0], ["inner", 3, 0], ["row", 3, 0]]


@pytest.mark.parametrize("library", [kerastorch, keras], ids=["ours", "keras"])
def test_models_that_are_called_twice_are_read(library, tmp_path):
    model = twice(kerastorch)
    model.save(tmp_path / "model.h5")
    other = library.models.load_model(tmp_path / "model.h5", compile=False)
    for ours, theirs in zip(model.predict(X, verbose=0), other.predict(X, verbose=0), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


COMPILED = [
    ({"optimizer": "adam"}, {"name", "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad"}),
    (
        {"optimizer": kerastorch.optimizers.SGD(0.1, momentum=0.9, clipnorm=1.0)},
        {"name", "learning_rate", "momentum", "nesterov", "clipnorm"},
    ),
    (
        {"optimizer": kerastorch.optimizers.SGD(0.1, weight_decay=0.1)},
        {"name", "learning_rate", "momentum", "nesterov", "weight_decay", "use_ema", "ema_momentum", "clipnorm",
         "clipvalue", "global_clipnorm", "ema_overwrite_frequency"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "keys"), COMPILED, ids=["adam", "momentum", "weight decay"])
def test_an_optimizer_has_the_arguments_that_keras_2_10_had(given, keys, tmp_path):
    model = kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(2)])
    model.compile(
        **given, loss=kerastorch.losses.mean_squared_error, metrics=[kerastorch.losses.mean_absolute_error]
    )
    model.save(tmp_path / "model.h5")
    training = attribute(tmp_path / "model.h5", "training_config")
    assert set(training["optimizer_config"]["config"]) == keys
    assert (training["loss"], training["metrics"]) == ("mean_squared_error", ["mean_absolute_error"])
    again = kerastorch.models.load_model(tmp_path / "model.h5")
    assert again.optimizer.get_config() == model.optimizer.get_config()


def test_plain_arguments_of_a_call_are_written_beside_the_tensor(tmp_path):
    x = kerastorch.Input((4,), name="x")
    y = layers.Dropout(0.5, name="d")(layers.Dense(3, name="a")(x), training=True)
    kerastorch.Model(x, y).save(tmp_path / "model.h5")
    last = attribute(tmp_path / "model.h5", "model_config")["config"]["layers"][-1]
    assert last["inbound_nodes"] == [[["a", 0, 0, {"training": True}]]]
    found = kerastorch.models.load_model(tmp_path / "model.h5").predict(X, verbose=0)
    assert (found == 0.0).any()


@pytest.mark.parametrize("ending", [".h5", ".topology.h5", ".weights.h5", ".safetensors", ".npz", ".pt"])
def test_statistics_are_used_as_soon_as_they_are_read(ending, tmp_path):
    def model():
        return kerastorch.Sequential([kerastorch.Input((4,)), layers.Normalization()])

    first, second = model(), model()
    first.layers[0].adapt(X * 3.0 + 1.0)
    first.save(tmp_path / "a.h5") if ending == ".h5" else first.save_weights(tmp_path / f"a{ending}")
    second.load_weights(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(second.predict(X, verbose=0), first.predict(X, verbose=0))
