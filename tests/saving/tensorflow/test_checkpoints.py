"""Checkpoints of TensorFlow are read into models; what does not fit is named, and changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.compat.tensorflow import train
from kerastorch.errors import CorruptModelError, InvalidArgumentError, NotBuiltError, ShapeError
from tests.saving.tensorflow.corpus import (
    CUSTOM,
    Blocks,
    checkpoint,
    checkpoints,
    expected,
    numbers,
    outputs,
    saved_model,
    unpacked,
)

OTHER = {"kinds", "by_name", "words", "with_operator", "tracked", "mixed"}
NAMES = [name for name in checkpoints() if name not in OTHER and not name.startswith("both_")]
TRAINED = [name for name in NAMES if name.startswith("trained_")]
FIRST = {"nested", "attention", "trained_adam", "trained_old_adam"}


def rows(names):
    return [name if name in FIRST else pytest.param(name, marks=pytest.mark.sweep) for name in names]


def fresh(name, folder):
    """A model like the saved one, with other weights."""
    if name == "blocks":
        model = Blocks()
        model.build((None, 5))
        model(np.zeros((1, 5), "float32"))
        return model
    saved = keras.models.load_model(saved_model(name, folder), custom_objects=CUSTOM, compile=False)
    with keras.saving.custom_object_scope(CUSTOM):
        return keras.models.clone_model(saved)


@pytest.mark.parametrize("name", rows(NAMES))
def test_the_weights_are_those_of_tf_keras(name, tmp_path):
    model = fresh(name, tmp_path)
    model.load_weights(checkpoint(name, tmp_path)).assert_consumed()
    for ours, theirs in zip(outputs(model, name), expected(name), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("both", ["", "both_"], ids=["weights", "checkpoint"])
@pytest.mark.parametrize("name", rows(TRAINED))
def test_the_state_of_the_optimizer_goes_on(name, both, tmp_path):
    model = keras.models.load_model(saved_model(name, tmp_path))
    config = model.get_compile_config()
    model = keras.models.clone_model(model)
    model.compile_from_config(config)
    model.load_weights(checkpoint(both + name, tmp_path))
    recorded = numbers(name)
    loss = model.train_on_batch(recorded["batch"], recorded["target"], return_dict=True)["loss"]
    np.testing.assert_allclose(loss, recorded["loss"], rtol=1e-5)
    for i, weight in enumerate(model.get_weights()):
        np.testing.assert_allclose(weight, recorded[f"after{i}"], rtol=1e-5, atol=1e-6)


def test_the_weights_of_a_saved_model_are_read_alone(tmp_path):
    model = fresh("nested", tmp_path)
    model.load_weights(saved_model("nested", tmp_path))
    np.testing.assert_allclose(outputs(model, "nested")[0], expected("nested")[0], rtol=1e-6, atol=1e-6)


def three_layers(units):
    row = [keras.layers.Dense(n) for n in units]
    return keras.Sequential([keras.Input((4,)), row[0], keras.layers.BatchNormalization(), *row[1:]])


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ((3, 5), r"dense_1/kernel: the model expects shape \(3, 5\), the file has \(3, 2\)"),
        ((3, 2, 2), r"dense_2/kernel: the model expects shape \(2, 2\), the file does not have it"),
        ((3,), r"layer_with_weights-2/kernel: the file has shape \(3, 2\), the model does not have it"),
    ],
    ids=["other shape", "missing", "unexpected"],
)
def test_what_does_not_fit_is_named_and_changes_nothing(units, text, tmp_path):
    keras.backend.clear_session()
    model = three_layers(units)
    before = model.get_weights()
    with pytest.raises(ShapeError, match=text):
        model.load_weights(checkpoint("trained_sgd", tmp_path))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_fits_is_loaded_where_the_rest_may_differ(tmp_path):
    model, recorded = three_layers((3, 5)), train.load_checkpoint(checkpoint("trained_sgd", tmp_path))
    with pytest.warns(UserWarning, match="is not loaded: the model expects shape"):
        model.load_weights(checkpoint("trained_sgd", tmp_path), skip_mismatch=True)
    kernel = recorded["layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE"]
    np.testing.assert_array_equal(model.layers[0].kernel.numpy(), kernel)


def test_arguments_of_other_files_are_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match="`by_name` does not go with checkpoints of TensorFlow"):
        three_layers((3, 2)).load_weights(checkpoint("trained_sgd", tmp_path), by_name=True)


def test_checkpoints_of_tensorflow_1_have_no_objects(tmp_path):
    with pytest.raises(CorruptModelError, match="has no graph of objects"):
        three_layers((3, 2)).load_weights(checkpoint("by_name", tmp_path))
    assert train.list_variables(checkpoint("by_name", tmp_path)) == [("w", [2])]


def test_every_kind_of_value_is_read(tmp_path):
    reader = train.load_checkpoint(checkpoint("kinds", tmp_path))
    values = {name.partition("/")[0]: value for name, value in reader.items() if "/" in name}
    assert values.pop("text").tolist() == [b"a", b"b c"]
    assert values.pop("half").tolist() == [1.5, 2.0]
    for kind in ("bool", "int8", "uint16", "int64", "float16"):
        value = values[kind]
        assert value.dtype == kind
        np.testing.assert_array_equal(value, np.array([[0, 1]], kind))
    shapes = reader.get_variable_to_shape_map()
    assert shapes["bool/.ATTRIBUTES/VARIABLE_VALUE"] == [1, 2]
    assert reader.has_tensor("half/.ATTRIBUTES/VARIABLE_VALUE")
    assert reader.get_tensor("half/.ATTRIBUTES/VARIABLE_VALUE").tolist() == [1.5, 2.0]


def managed(folder):
    """The folder of a `CheckpointManager` that has saved three times and kept two."""
    return unpacked("checkpoint/managed/", folder) / "checkpoint" / "managed"


def trained_model(folder):
    """A compiled model like the saved one, with other weights."""
    model = keras.models.load_model(saved_model("trained_adam", folder))
    config = model.get_compile_config()
    model = keras.models.clone_model(model)
    model.compile_from_config(config)
    return model


def assert_next_step(model):
    recorded = numbers("trained_adam")
    model.train_on_batch(recorded["batch"], recorded["target"])
    for i, weight in enumerate(model.get_weights()):
        np.testing.assert_allclose(weight, recorded[f"after{i}"], rtol=1e-5, atol=1e-6)


def test_a_model_under_any_name_is_found(tmp_path):
    model = trained_model(tmp_path)
    model.load_weights(managed(tmp_path) / "ckpt-2")
    assert_next_step(model)


def test_the_latest_of_several_checkpoints_is_restored(tmp_path):
    folder, model = managed(tmp_path), trained_model(tmp_path)
    latest = train.latest_checkpoint(folder)
    assert latest == str(folder / "ckpt-3")
    objects = train.Checkpoint(net=model, optimizer=model.optimizer, step=tf.Variable(0, dtype="int64"))
    objects.restore(latest)
    assert (int(objects.step), int(objects.save_counter)) == (7, 3)
    assert_next_step(model)


@pytest.mark.parametrize("name", rows(TRAINED))
def test_a_checkpoint_of_objects_is_restored(name, tmp_path):
    model = keras.models.load_model(saved_model(name, tmp_path))
    config = model.get_compile_config()
    model = keras.models.clone_model(model)
    model.compile_from_config(config)
    objects = train.Checkpoint(model=model, optimizer=model.optimizer)
    objects.restore(str(checkpoint(f"both_{name}", tmp_path))).expect_partial()
    recorded = numbers(name)
    loss = model.train_on_batch(recorded["batch"], recorded["target"], return_dict=True)["loss"]
    np.testing.assert_allclose(loss, recorded["loss"], rtol=1e-5)
    for i, weight in enumerate(model.get_weights()):
        np.testing.assert_allclose(weight, recorded[f"after{i}"], rtol=1e-5, atol=1e-6)


def test_variables_of_a_checkpoint_are_restored(tmp_path):
    half, whole = tf.Variable([0.0, 0.0]), tf.Variable([[0, 0]], dtype="int64")
    train.Checkpoint(half=half, int64=whole).read(checkpoint("kinds", tmp_path)).expect_partial()
    assert half.numpy().tolist() == [1.5, 2.0]
    assert whole.numpy().tolist() == [[0, 1]]


def test_a_model_without_weights_cannot_take_a_checkpoint_of_tensorflow(tmp_path):
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(NotBuiltError, match="which has no weights yet"):
        train.Checkpoint(model=model).read(checkpoint("both_trained_sgd", tmp_path))
