"""The functions of `tf` in functional models: shapes, values, configs and training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf

FUNCTIONS = {
    "add": lambda x: tf.add(x, 1.0),
    "cast": lambda x: tf.cast(x > 0, tf.int32),
    "clip": lambda x: tf.clip_by_value(x, -1.0, 1.0),
    "concat": lambda x: tf.concat([x, tf.zeros_like(x)], axis=-1),
    "convolution": lambda x: tf.nn.conv2d(x, np.ones((3, 3, 2, 4), "float32"), 2, "SAME"),
    "crop": lambda x: tf.image.central_crop(x, 0.5),
    "dims": lambda x: tf.expand_dims(x, axis=1),
    "einsum": lambda x: tf.einsum("bhwc,bhwd->bcd", x, x),
    "gather": lambda x: tf.gather(x, [1, 0], axis=1),
    "index": lambda x: x[..., tf.newaxis],
    "matmul": lambda x: tf.matmul(x, x, transpose_b=True),
    "mean": lambda x: tf.reduce_mean(x, axis=[1, 2]),
    "argmax": lambda x: tf.argmax(x, axis=-1),
    "norm": lambda x: tf.math.l2_normalize(x, axis=-1),
    "one_hot": lambda x: tf.one_hot(tf.argmax(x, -1), 2),
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 1], [0, 0], [0, 0]]),
    "pool": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "reshape": lambda x: tf.reshape(x, [tf.shape(x)[0], -1]),
    "reshape_by_parts": lambda x: tf.reshape(x, tf.concat([tf.shape(x)[:1], [4, 12]], 0)),
    "reshape_doubled": lambda x: tf.reshape(x, [tf.shape(x)[0] * 2, 24]),
    "resize": lambda x: tf.image.resize(x, [8, 3]),
    "softmax": lambda x: tf.nn.softmax(x),
    "split": lambda x: tf.split(x, 2, axis=-1)[1],
    "stack": lambda x: tf.stack([x, x], axis=1),
    "tile": lambda x: tf.tile(tf.ones((1, 3)), [tf.shape(x)[0], 1]),
    "transpose": lambda x: tf.transpose(x, perm=[0, 3, 1, 2]),
    "where": lambda x: tf.where(x > 0, x, 0.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_recorded_and_runs_as_it_does_on_tensors(name):
    function = FUNCTIONS[name]
    inputs = keras.Input((6, 4, 2))
    outputs = function(inputs)
    model = keras.Model(inputs, outputs)
    x = torch.randn(5, 6, 4, 2)
    found, expected = model(x), function(x)
    torch.testing.assert_close(found, expected)
    assert [size for size in outputs.shape if size is not None] == list(found.shape)[-outputs.ndim + 1 :]
    again = keras.Model.from_config(model.get_config())
    torch.testing.assert_close(again(x), expected)


def test_the_sampling_of_an_autoencoder():
    mean = keras.Input((3,))
    noise = tf.random.normal(shape=(tf.shape(mean)[0], tf.shape(mean)[1]))
    model = keras.Model(mean, mean + tf.exp(0.5 * mean) * noise)
    assert model(torch.zeros(7, 3)).shape == (7, 3)
    assert not torch.equal(model(torch.zeros(7, 3)), model(torch.zeros(7, 3)))


def test_sizes_compute_as_tensors_do():
    x = keras.Input((4, 4, 1))
    side = tf.cast(tf.sqrt(tf.cast(tf.shape(x)[1] * tf.shape(x)[2], tf.float32)), tf.int32)
    batch, height, width, channels = tf.shape(x)
    y = tf.reshape(x, [batch, height * width // side, side, channels])
    assert y.shape == (None, 4, 4, 1)
    assert int(tf.reduce_prod(tf.shape(torch.ones(2, 3)))) == 6


def test_a_step_takes_the_name_that_it_is_given():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, tf.square(inputs, name="squared"))
    assert "squared" in [layer["name"] for layer in model.get_config()["layers"]]


def test_a_model_made_of_these_functions_trains():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4,))
    hidden = tf.nn.relu(keras.layers.Dense(8)(inputs))
    outputs = tf.reduce_sum(hidden, axis=-1, keepdims=True)
    model = keras.Model(inputs, outputs)
    model.compile("adam", lambda y, p: tf.reduce_mean(tf.square(tf.cast(y, p.dtype) - p), axis=-1))
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    history = model.fit(x, np.abs(x).sum(1, keepdims=True), epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_the_functions_run_in_the_call_of_a_layer():
    class Scale(keras.layers.Layer):
        def build(self, shape):
            self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

        def call(self, x):
            return tf.reshape(x * self.scale, [tf.shape(x)[0], tf.shape(x)[1] * tf.shape(x)[2]])

    inputs = keras.Input((2, 3))
    outputs = Scale()(inputs)
    assert outputs.shape == (None, 6)
    assert keras.Model(inputs, outputs).predict(np.ones((4, 2, 3)), verbose=0).shape == (4, 6)
