"""What files say of the calls of layers: `training`, which Keras writes although nobody gave it, and arrays."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import torch

import kerastorch
from tests.saving.pairs import BOTH

FILES = ["model.keras", "model.h5"]
WRITERS = {k.__name__: k for k in BOTH}
LONG = np.ones((4, 60), "float32")
SQUARES = np.random.default_rng(0).uniform(0, 255, (4, 6, 6, 3)).astype("float32")


def own(k):
    """A layer as users write them, whose `call` says that it does not train where nobody says it does."""

    class Own(k.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dropout = k.layers.Dropout(0.5)

        def build(self, input_shape):
            self.dropout.build(input_shape)
            self.built = True

        def call(self, x, training=False):
            return self.dropout(x, training=training)

    return Own


LAYERS = {
    "a layer of the user's": (lambda k: own(k)(name="own"), LONG),
    "dropout": (lambda k: k.layers.Dropout(0.5), LONG),
    "an image layer": (lambda k: k.layers.RandomContrast(0.5), SQUARES),
    "images that are turned": (lambda k: k.layers.RandomRotation(0.5), SQUARES),
}


def model_of(k, make, x, **call):
    inputs = k.Input(x.shape[1:], name="x")
    return k.Model(inputs, make(k)(inputs, **call), name="model")


def changed(model, x, **call):
    return bool(torch.any(torch.abs(model(x, **call) - torch.tensor(x)) > 1e-3))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_of_a_file_draws_in_training_and_never_else(name, writer, file, tmp_path):
    make, x = LAYERS[name]
    model_of(WRITERS[writer], make, x).save(tmp_path / file)
    read = kerastorch.models.load_model(tmp_path / file, custom_objects={"Own": own(kerastorch)})
    assert changed(read, x, training=True)
    assert not changed(read, x, training=False)
    np.testing.assert_array_equal(read.predict(x, verbose=0), x)


@pytest.mark.parametrize("name", LAYERS)
def test_calls_are_written_as_keras_writes_them(name):
    make, x = LAYERS[name]
    calls = [
        json.loads(model_of(k, make, x).to_json())["config"]["layers"][1]["inbound_nodes"][0] for k in BOTH
    ]
    assert calls[0] == calls[1]


@pytest.mark.parametrize(
    ("name", "training"),
    [("a layer of the user's", True), ("a layer of the user's", False), ("an image layer", True)],
)
def test_a_choice_of_the_user_s_stays(name, training, tmp_path):
    make, x = LAYERS[name]
    model_of(kerastorch, make, x, training=training).save(tmp_path / "model.keras")
    read = kerastorch.models.load_model(
        tmp_path / "model.keras", custom_objects={"Own": own(kerastorch), "own": own(kerastorch)}
    )
    assert [changed(read, x, training=other) for other in (False, True)] == [training, training]


ALLOWED = np.tril(np.ones((1, 5, 5), bool))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("writer", WRITERS)
def test_an_array_among_the_arguments_is_part_of_the_file(writer, file, tmp_path):
    k = WRITERS[writer]
    inputs = k.Input((5, 3))
    outputs = k.layers.MultiHeadAttention(2, 4)(inputs, inputs, attention_mask=ALLOWED)
    model = k.Model(inputs, outputs)
    model.save(tmp_path / file)
    x = np.random.default_rng(1).normal(size=(2, 5, 3)).astype("float32")
    for reader in BOTH:
        read = reader.models.load_model(tmp_path / file)
        np.testing.assert_allclose(
            read.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6
        )


def test_a_mask_may_be_an_array():
    inputs = kerastorch.Input((2, 3))
    mask = np.array([[[True, True, False]]])
    outputs = kerastorch.layers.Softmax()(inputs, mask=mask)
    model = kerastorch.Model(inputs, outputs)
    zeros = np.zeros((1, 2, 3), "float32")
    np.testing.assert_allclose(model.predict(zeros, verbose=0)[0], [[0.5, 0.5, 0.0]] * 2, atol=1e-6)
    read = keras.models.model_from_json(model.to_json())
    np.testing.assert_allclose(read.predict(zeros, verbose=0)[0], [[0.5, 0.5, 0.0]] * 2, atol=1e-6)
