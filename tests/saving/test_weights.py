"""Weights files: their paths, and what happens to weights that do not fit."""

from __future__ import annotations

import os
import warnings

import keras
import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.errors import (
    InvalidArgumentError,
    MissingFileError,
    NotBuiltError,
    ShapeError,
    UnknownArgumentError,
)
from tests.saving.pairs import X, Y, functional, sequential

PATHS = ["a.weights.h5", "a.h5", "a.hdf5", "a.ckpt", "deep/cp-0001"]
pytestmark = pytest.mark.filterwarnings("ignore:The weights are saved")


def row(*units, **names):
    """A row of dense layers."""
    dense = [layers.Dense(u, name=names.get(f"n{i}") or f"dense_{i}") for i, u in enumerate(units)]
    return kerastorch.Sequential([kerastorch.Input((4,)), *dense])


@pytest.mark.parametrize("path", PATHS)
def test_weights_are_found_by_the_path_they_were_saved_to(path, tmp_path):
    model, other = functional(kerastorch), functional(kerastorch)
    model.save_weights(tmp_path / path)
    status = other.load_weights(tmp_path / path)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert (status is not None) == (not path.endswith(("h5", "hdf5")))
    if status is not None:
        status.expect_partial().assert_consumed()


@pytest.mark.parametrize("path", ["model.keras", "model.h5", "model"])
@pytest.mark.filterwarnings("ignore:The model is saved as a folder")
def test_weights_are_read_from_whole_models(path, tmp_path):
    model, other = sequential(kerastorch), sequential(kerastorch)
    model.save(tmp_path / path)
    other.load_weights(tmp_path / path)
    np.testing.assert_array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))


@pytest.mark.parametrize(
    ("path", "arguments", "written", "text"),
    [
        ("a.h5", {}, ["a.h5"], "in the layout of Keras 2"),
        ("a", {"save_format": "h5"}, ["a"], "in the layout of Keras 2"),
        ("a", {}, ["a.weights.h5", "checkpoint"], r"ends in \.weights\.h5"),
        ("a.ckpt", {"save_format": "tf"}, ["a.ckpt.weights.h5", "checkpoint"], r"ends in \.weights\.h5"),
    ],
)
def test_a_warning_says_what_was_written_where_keras_3_would_refuse(path, arguments, written, text, tmp_path):
    with pytest.warns(UserWarning, match=text) as seen:
        row(2).save_weights(tmp_path / path, **arguments)
    assert [w.filename for w in seen] == [__file__]
    assert sorted(os.listdir(tmp_path)) == written


def test_the_last_checkpoint_is_named_beside_it(tmp_path):
    row(2).save_weights(tmp_path / "cp-1")
    row(2).save_weights(tmp_path / "cp-2")
    assert (tmp_path / "checkpoint").read_text().splitlines()[0] == 'model_checkpoint_path: "cp-2"'


def test_layers_are_found_by_name(tmp_path):
    saved = row(3, 2, n0="first", n1="second")
    other = kerastorch.Sequential(
        [kerastorch.Input((4,)), layers.Dense(3, name="first"), layers.Dense(9, name="new")]
    )
    saved.save_weights(tmp_path / "a.h5")
    before = other.get_layer("new").get_weights()
    other.load_weights(tmp_path / "a.h5", by_name=True)
    np.testing.assert_array_equal(
        saved.get_layer("first").kernel.numpy(), other.get_layer("first").kernel.numpy()
    )
    np.testing.assert_array_equal(before[0], other.get_layer("new").get_weights()[0])


def test_a_file_of_keras_is_read_by_name(tmp_path):
    theirs = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="first")])
    theirs.save(tmp_path / "a.h5")
    ours = row(3, n0="first")
    ours.load_weights(tmp_path / "a.h5", by_name=True)
    np.testing.assert_array_equal(ours.get_weights()[0], theirs.get_weights()[0])


@pytest.mark.parametrize("path", ["a.weights.h5", "a.h5"])
def test_a_weight_of_another_shape_is_named_and_nothing_is_loaded(path, tmp_path):
    row(3, 2).save_weights(tmp_path / path)
    model = row(3, 5)
    before = model.get_weights()
    with pytest.raises(ShapeError, match=r"dense_1.*expects shape \(3, 5\), the file has \(3, 2\)"):
        model.load_weights(tmp_path / path)
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_missing_weights_are_named(tmp_path):
    row(3).save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(
        ShapeError, match=r"layers/dense_1/vars/0: the model expects .*the file does not have it"
    ):
        row(3, 2).load_weights(tmp_path / "a.weights.h5")


def test_unexpected_weights_are_named(tmp_path):
    with_bias = row(3)
    with_bias.save_weights(tmp_path / "a.weights.h5")
    without = kerastorch.Sequential([kerastorch.Input((4,)), layers.Dense(3, use_bias=False)])
    with pytest.raises(
        ShapeError, match=r"layers/dense/vars/1: the file has shape \(3,\), the model does not"
    ):
        without.load_weights(tmp_path / "a.weights.h5")


def test_another_number_of_layers_is_an_error(tmp_path):
    row(3).save_weights(tmp_path / "a.h5")
    with pytest.raises(ShapeError, match="Model expected 2 layers, found 1 saved layers"):
        row(3, 2).load_weights(tmp_path / "a.h5")


@pytest.mark.parametrize("path", ["a.weights.h5", "a.h5"])
def test_what_does_not_fit_can_be_skipped(path, tmp_path):
    saved, model = row(3, 2), row(3, 5)
    saved.save_weights(tmp_path / path)
    kept = model.layers[1].get_weights()
    with pytest.warns(UserWarning, match=r"dense_1.* is not loaded: the model expects shape") as seen:
        model.load_weights(tmp_path / path, skip_mismatch=True)
    assert [w.filename for w in seen] == [__file__] * 2
    np.testing.assert_array_equal(saved.get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(kept[0], model.layers[1].get_weights()[0])


def test_layers_can_be_left_alone(tmp_path):
    saved, model = row(3, 2), row(3, 5)
    saved.save_weights(tmp_path / "a.weights.h5")
    model.load_weights(tmp_path / "a.weights.h5", objects_to_skip=[model.layers[1]])
    np.testing.assert_array_equal(saved.get_weights()[0], model.get_weights()[0])


def compiled():
    model = row(3)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def test_an_optimizer_without_variables_stays_as_it_is_after_a_warning(tmp_path):
    model, other = compiled(), compiled()
    model.fit(X, Y % 3, verbose=0)
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.warns(UserWarning, match=r"The state of the optimizer .* is not loaded"):
        other.load_weights(tmp_path / "a.weights.h5")
    assert int(other.optimizer.iterations) == 0


def test_an_optimizer_with_variables_gets_its_state(tmp_path):
    model, other = compiled(), compiled()
    model.fit(X, Y % 3, verbose=0)
    model.save_weights(tmp_path / "a.weights.h5")
    other.optimizer.build(other.trainable_weights)
    other.load_weights(tmp_path / "a.weights.h5")
    for one, two in zip(model.optimizer.get_weights(), other.optimizer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_layer_can_say_itself_what_is_saved(tmp_path):
    class Halved(layers.Dense):
        def save_own_variables(self, store):
            super().save_own_variables(store)
            store["half"] = store["0"] / 2

        def load_own_variables(self, store):
            self.kernel.assign(2 * store["half"])
            self.bias.assign(store["1"])

    models = [kerastorch.Sequential([kerastorch.Input((4,)), Halved(3)]) for _ in range(2)]
    models[0].save_weights(tmp_path / "a.weights.h5")
    models[1].load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(models[0].get_weights()[0], models[1].get_weights()[0])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda m: m.load_weights("nowhere.weights.h5"),
            MissingFileError,
            "File not found: filepath=nowhere",
        ),
        (lambda m: m.load_weights("nowhere"), FileNotFoundError, "File not found: filepath=nowhere"),
        (lambda m: m.save_weights("a.keras"), InvalidArgumentError, "Use `model.save`"),
        (
            lambda m: m.save_weights("a.h5", save_format="pickle"),
            InvalidArgumentError,
            "must be 'h5', 'keras' or 'tf'",
        ),
        (
            lambda m: m.save_weights("a.h5", max_shard_size=1),
            InvalidArgumentError,
            r"must end in `\.weights\.json`",
        ),
        (lambda m: m.load_weights("a.weights.h5", by_nmae=True), UnknownArgumentError, "by_nmae"),
    ],
    ids=["missing", "missing prefix", "keras", "format", "shards", "keyword"],
)
def test_wrong_arguments_are_errors(call, error, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=text):
        call(row(2))
    assert os.listdir(tmp_path) == []


def test_models_without_weights_are_errors(tmp_path):
    model = kerastorch.Sequential([layers.Dense(2)])
    with pytest.raises(NotBuiltError, match=r"You are saving weights .* not yet been built"):
        model.save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(NotBuiltError, match=r"You are loading weights .* not yet been built"):
        model.load_weights(tmp_path / "a.weights.h5")


def test_by_name_does_not_go_with_the_layout_of_keras_3(tmp_path):
    row(2).save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(InvalidArgumentError, match=r"`by_name` only goes with `.h5` files"):
        row(2).load_weights(tmp_path / "a.weights.h5", by_name=True)


def test_the_path_of_keras_says_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row(2).save_weights(tmp_path / "a.weights.h5")
