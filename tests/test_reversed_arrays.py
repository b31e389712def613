"""An array that NumPy reversed, or that must not be written to, is data as any other: torch refuses the first."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch.compat import tensorflow as tf

VALUES = np.arange(6, dtype="float32").reshape(2, 3)
ARRAYS = {
    "rows": VALUES[::-1],
    "columns": VALUES[:, ::-1],
    "np.flip": np.flip(VALUES),
    "np.rot90": np.rot90(VALUES, 2),
    "read-only": np.broadcast_to(VALUES[:1], (2, 3)),
}
K = keras.backend

# What takes an array and gives its values back.
TAKERS = {
    "layer": lambda a: keras.layers.Activation("linear")(a),
    "Rescaling": lambda a: keras.layers.Rescaling(1.0)(a),
    "Sequential": lambda a: keras.Sequential([keras.Input((3,)), keras.layers.Activation("linear")])(a),
    "predict": lambda a: keras.Sequential([keras.layers.Activation("linear")]).predict(a, verbose=0),
    "symbolic": lambda a: _symbolic(a),
    "activation": lambda a: keras.activations.linear(keras.activations.relu(a)),
    "convert_to_tensor": lambda a: keras.ops.convert_to_tensor(a),
    "ops": lambda a: keras.ops.add(a, 0),
    "ops of a list": lambda a: keras.ops.concatenate([a, a])[:2],
    "beside a tensor": lambda a: keras.ops.zeros((2, 3)) + a,
    "Variable": lambda a: keras.Variable(a),
    "assign": lambda a: keras.Variable(np.zeros((2, 3), "float32")).assign(a),
    "assign_add": lambda a: keras.Variable(np.zeros((2, 3), "float32")).assign_add(a),
    "set_weights": lambda a: _with_weights(a),
    "Constant": lambda a: keras.initializers.Constant(a)((2, 3)),
    "constraint": lambda a: keras.constraints.NonNeg()(a),
    "K.constant": lambda a: K.constant(a),
    "K.variable": lambda a: K.variable(a),
    "K.set_value": lambda a: _set(K.zeros((2, 3)), a),
    "tf.constant": lambda a: tf.constant(a),
    "tf.Variable": lambda a: tf.Variable(a),
    "tf.data": lambda a: next(iter(tf.data.Dataset.from_tensors(a))),
    "batches": lambda a: next(iter(tf.data.Dataset.from_tensor_slices(a).batch(2))),
}


def _symbolic(array):
    inputs = keras.Input((3,), batch_size=2)
    return keras.Model(inputs, inputs * 0 + array)(np.ones((2, 3), "float32"))


def _with_weights(array):
    layer = keras.layers.Dense(3, use_bias=False)
    layer.build((None, 2))
    layer.set_weights([array])
    return layer.kernel


def _set(variable, array):
    K.set_value(variable, array)
    return variable


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize("name", ARRAYS)
def test_the_values_arrive(name, taker):
    np.testing.assert_array_equal(np.asarray(TAKERS[taker](ARRAYS[name])), ARRAYS[name])


def test_training_takes_reversed_arrays():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(VALUES[::-1], VALUES[::-1, :1], verbose=0)
    model.train_on_batch(VALUES[:, ::-1], VALUES[::-1, :1])
    assert np.isfinite(model.evaluate(VALUES[::-1], VALUES[::-1, :1], verbose=0))
    keras.layers.Normalization().adapt(VALUES[::-1])
