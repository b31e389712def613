"""`tf.Variable`: its constructor, its methods, and layers that own some."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError, ShapeError


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        (3.0, None, torch.float32),
        (3, None, torch.int32),
        (True, None, torch.bool),
        (np.zeros(2), None, torch.float64),
        (3, tf.float32, torch.float32),
        (lambda: [1.0, 2.0], None, torch.float32),
    ],
    ids=["float", "integer", "boolean", "array", "given", "function"],
)
def test_types_are_those_of_tensorflow(value, dtype, expected):
    assert tf.Variable(value, dtype=dtype).dtype is expected


@pytest.mark.parametrize(
    ("value", "trainable", "expected"),
    [(1.0, None, True), (1.0, True, True), (1.0, False, False), (1, None, False)],
    ids=["default", "yes", "no", "whole number"],
)
def test_floats_are_trained_unless_told_otherwise(value, trainable, expected):
    variable = tf.Variable(value, trainable=trainable)
    assert variable.trainable is expected
    assert isinstance(variable, torch.nn.Parameter) is expected


@pytest.mark.parametrize("trainable", [True, False], ids=["trained", "state"])
@pytest.mark.parametrize(("method", "expected"), [("assign", 2.0), ("assign_add", 5.0), ("assign_sub", 1.0)])
def test_assigning_happens_in_place(trainable, method, expected):
    variable = tf.Variable(3.0, trainable=trainable)
    assert getattr(variable, method)(2.0, read_value=False) is variable
    assert variable.numpy() == expected


@pytest.mark.parametrize("method", ["value", "read_value", "initialized_value"])
def test_values_that_were_read_stay(method):
    variable = tf.Variable([1.0, 2.0])
    read = getattr(variable, method)()
    variable.assign([5.0, 6.0])
    assert read.tolist() == [1.0, 2.0]


def test_scattered_updates():
    variable = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    variable.scatter_nd_update([[0, 1], [1, 0]], [9.0, 8.0])
    assert variable.numpy().tolist() == [[1.0, 9.0], [8.0, 4.0]]


def test_variables_work_as_tensors():
    variable = tf.Variable([1.0, 2.0])
    assert (variable * 2 + 1)[1] == 5.0
    assert variable[0] == 1.0
    assert torch.sum(variable) == 3.0


def test_references_are_keys():
    first, second = tf.Variable(1.0), tf.Variable(1.0)
    table = {first.ref(): "first", second.ref(): "second"}
    assert table[first.ref()] == "first"
    assert first.ref().deref() is first


def test_weights_of_layers_are_variables():
    layer = keras.layers.BatchNormalization()
    layer.build((None, 3))
    assert all(isinstance(weight, tf.Variable) for weight in layer.weights)
    assert not isinstance(torch.ones(1), tf.Variable)


def test_names_may_have_a_scope():
    variable = tf.Variable(1.0, name="encoder/kernel")
    assert (variable.name, variable.path) == ("kernel", "encoder/kernel")


def test_copies_are_variables_of_the_same_kind():
    variable = tf.Variable(1.0, name="w")
    clone = copy.deepcopy(variable)
    clone.assign(2.0)
    assert (type(clone), clone.name, float(variable)) == (type(variable), "w", 1.0)


class Scale(keras.layers.Layer):
    """A layer that makes its weights with `tf.Variable`, as the guides of Keras 2 do."""

    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(2.0, name="factor")
        self.calls = tf.Variable(0, trainable=False, name="calls")

    def call(self, x):
        self.calls.assign_add(1)
        return self.factor * x


def test_layers_track_variables():
    layer = Scale()
    layer(torch.ones(1, 2))
    assert [w.name for w in layer.trainable_weights] == ["factor"]
    assert [w.name for w in layer.non_trainable_weights] == ["calls"]
    assert int(layer.calls) == 1


def test_variables_are_trained_by_fit():
    model = keras.Sequential([keras.Input((2,)), Scale()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x = np.ones((32, 2), "float32")
    model.fit(x, 5 * x, epochs=30, verbose=0)
    assert float(model.trainable_weights[0].detach()) == pytest.approx(5.0, abs=0.1)


def test_constraints_hold_after_an_update():
    variable = tf.Variable(1.0, constraint=lambda w: torch.clamp(w, 0.5, 1.0))
    keras.optimizers.SGD(1.0).apply_gradients([(torch.tensor(5.0), variable)])
    assert variable.numpy() == 0.5


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: tf.Variable(), InvalidArgumentError, "needs an `initial_value`"),
        (lambda: tf.Variable("text"), InvalidArgumentError, "holds numbers"),
        (lambda: tf.Variable([1.0], shape=(2,)), ShapeError, r"has shape \(1,\), but `shape` is \(2,\)"),
        (lambda: tf.Variable(1.0).assign([1.0, 2.0]), ShapeError, "must match"),
    ],
    ids=["nothing", "text", "shape", "assign"],
)
def test_mistakes_are_explained(call, error, text):
    with pytest.raises(error, match=text):
        call()
