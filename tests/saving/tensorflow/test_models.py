"""SavedModels of tf_keras are loaded without TensorFlow: the same outputs, and the same next step of training."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch.errors import CorruptModelError, KerasTorchError, UnsafeModelError
from tests.saving.tensorflow.corpus import CUSTOM, expected, models, numbers, outputs, saved_model

REFUSED = {
    "code": (UnsafeModelError, r"the layer 'lambda' of the class Lambda, which holds the bytecode"),
    "with_operator": (
        UnsafeModelError,
        r"the class TFOpLambda\(linalg.expm\), made of a function of TensorFlow",
    ),
}
PLAIN = [name for name in models() if name not in REFUSED]
TRAINED = [name for name in PLAIN if name.startswith("trained_")]
FIRST = {"nested", "sentences", "words_to_numbers", "blocks", "trained_adam", "trained_old_momentum"}


def rows(names):
    return [name if name in FIRST else pytest.param(name, marks=pytest.mark.sweep) for name in names]


@pytest.mark.parametrize("name", rows(PLAIN))
def test_the_outputs_are_those_of_tf_keras(name, tmp_path):
    model = keras.models.load_model(saved_model(name, tmp_path), custom_objects=CUSTOM)
    close = 1e-3 if name == "mixed" else 1e-6  # float16 is rounded elsewhere on other processors
    for ours, theirs in zip(outputs(model, name), expected(name), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=close, atol=close)


@pytest.mark.parametrize("name", rows(TRAINED))
def test_the_next_step_of_training_is_that_of_tf_keras(name, tmp_path):
    model = keras.models.load_model(saved_model(name, tmp_path))
    recorded = numbers(name)
    loss = model.train_on_batch(recorded["batch"], recorded["target"], return_dict=True)["loss"]
    np.testing.assert_allclose(loss, recorded["loss"], rtol=1e-5)
    for i, weight in enumerate(model.get_weights()):
        np.testing.assert_allclose(weight, recorded[f"after{i}"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_meaning_without_tensorflow_is_named(name, tmp_path):
    error, text = REFUSED[name]
    with pytest.raises(error, match=text):
        keras.models.load_model(saved_model(name, tmp_path))


@pytest.mark.parametrize("name", ["graph", "exported"])
def test_a_graph_without_a_model_is_an_error(name, tmp_path):
    with pytest.raises(CorruptModelError, match=r"without a model of Keras: a `tf.Module`.*`model.export`"):
        keras.models.load_model(saved_model(name, tmp_path))


def test_a_class_of_the_user_must_be_given(tmp_path):
    with pytest.raises(UnsafeModelError, match="Could not locate class 'corpus>Blocks'"):
        keras.models.load_model(saved_model("blocks", tmp_path))


def test_metrics_of_the_users_model_go_on(tmp_path):
    model = keras.models.load_model(saved_model("tracked", tmp_path), custom_objects=CUSTOM)
    assert float(model.tracker.result()) == 3.0


def test_a_model_is_compiled_with_the_metric_of_the_user(tmp_path):
    model = keras.models.load_model(saved_model("measured", tmp_path), custom_objects=CUSTOM)
    x, y = np.zeros((2, 4), "float32"), np.full((2, 2), 5.0, "float32")
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    largest = np.abs(y - model.predict(x, verbose=0)).max()
    assert found["largest"] == pytest.approx(float(largest), abs=1e-6)
    assert set(found) == {"loss", "largest", "root"}


def test_the_scale_of_the_loss_goes_on(tmp_path):
    model = keras.models.load_model(saved_model("mixed", tmp_path))
    assert float(model.optimizer.dynamic_scale) == 2.0**16
    assert int(model.optimizer.step_counter) == 1
    assert int(model.optimizer.inner_optimizer.iterations) == 3


def test_a_model_may_stay_uncompiled(tmp_path):
    model = keras.models.load_model(saved_model("trained_adam", tmp_path), compile=False)
    assert not model.compiled


def test_a_vocabulary_without_its_graph_is_an_error(tmp_path):
    folder = saved_model("words", tmp_path)
    (folder / "saved_model.pb").unlink()
    with pytest.raises(
        CorruptModelError, match="which holds the vocabulary of the layer 'text_vectorization'"
    ):
        keras.models.load_model(folder)


@pytest.mark.parametrize("name", ["keras_metadata.pb", "variables/variables.index"])
def test_a_missing_file_is_an_error(name, tmp_path):
    folder = saved_model("dense", tmp_path)
    (folder / name).unlink()
    with pytest.raises(KerasTorchError, match=r"without a model of Keras|has no file"):
        keras.models.load_model(folder)
