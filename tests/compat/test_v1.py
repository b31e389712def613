"""`tf.compat.v1`, and `tf.saved_model`: what older scripts use."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ArgumentTypeError, CorruptModelError


def test_the_module_can_be_the_whole_of_tf():
    v1 = importlib.import_module("kerastorch.compat.tensorflow.compat.v1")
    assert v1 is tf.compat.v1
    assert v1.keras.layers is keras.layers
    assert v1.float32 is tf.float32
    assert tf.compat.v2 is tf


@pytest.mark.parametrize("name", ["disable_eager_execution", "disable_v2_behavior"])
def test_graph_mode_is_refused_in_a_warning(name):
    with pytest.warns(UserWarning, match="everything runs eagerly"):
        getattr(tf.compat.v1, name)()


@pytest.mark.parametrize("name", ["Session", "placeholder"])
@pytest.mark.parametrize("home", [tf, tf.compat.v1], ids=["tf", "v1"])
def test_graphs_and_sessions_say_what_to_use(home, name):
    with pytest.raises(AttributeError, match=r"Everything runs eagerly|`tf\.keras\.Input`"):
        getattr(home, name)


def test_settings_of_sessions_are_accepted():
    settings = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    settings.gpu_options.allow_growth = True
    tf.compat.v1.global_variables_initializer().run()
    assert tf.compat.v1.executing_eagerly()


def test_seeds_hold():
    tf.compat.v1.set_random_seed(3)
    first = torch.rand(2)
    tf.compat.v1.set_random_seed(3)
    assert torch.equal(torch.rand(2), first)


def test_scopes_name_variables():
    with tf.compat.v1.variable_scope("a"), tf.compat.v1.variable_scope(None, default_name="b"):
        assert tf.Variable(1.0, name="w").path == "a/b/w"
    with pytest.warns(UserWarning, match="shares no variables"), tf.compat.v1.variable_scope("a", reuse=True):
        pass


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            lambda: tf.compat.v1.train.AdamOptimizer(0.1, beta1=0.5),
            lambda: keras.optimizers.Adam(0.1, 0.5, epsilon=1e-8),
        ),
        (lambda: tf.train.GradientDescentOptimizer(learning_rate=0.1), lambda: keras.optimizers.SGD(0.1)),
        (lambda: tf.train.MomentumOptimizer(0.1, 0.9), lambda: keras.optimizers.SGD(0.1, momentum=0.9)),
        (
            lambda: tf.train.RMSPropOptimizer(0.1, decay=0.8),
            lambda: keras.optimizers.RMSprop(0.1, rho=0.8, epsilon=1e-10),
        ),
        (lambda: tf.train.AdagradOptimizer(0.1), lambda: keras.optimizers.Adagrad(0.1)),
    ],
    ids=["adam", "sgd", "momentum", "rmsprop", "adagrad"],
)
def test_optimizers_are_those_of_keras(old, new):
    values = []
    for make in (old, new):
        variable, optimizer = tf.Variable([1.0, 2.0]), make()
        for _ in range(3):
            optimizer.minimize(lambda v=variable: (v * v).sum(), [variable])
        values.append(variable.numpy())
    np.testing.assert_allclose(values[0], values[1], rtol=1e-6)


def test_logging_has_levels():
    before = tf.compat.v1.logging.get_verbosity()
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    assert tf.get_logger().getEffectiveLevel() == tf.logging.ERROR
    tf.compat.v1.logging.set_verbosity(before)


@pytest.mark.parametrize(("function", "expected"), [("as_bytes", b"a"), ("as_str", "a"), ("as_text", "a")])
@pytest.mark.parametrize("value", ["a", b"a"])
def test_text_and_bytes(function, expected, value):
    assert getattr(tf.compat, function)(value) == expected


def test_models_are_saved_as_folders(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    tf.saved_model.save(model, tmp_path / "model")
    assert tf.saved_model.contains_saved_model(tmp_path / "model")
    loaded = tf.saved_model.load(tmp_path / "model")
    x = torch.ones(3, 2)
    assert torch.equal(loaded(x), model(x))


def test_other_objects_are_not_saved_as_models(tmp_path):
    with pytest.raises(ArgumentTypeError, match=r"tf\.train\.Checkpoint"):
        tf.saved_model.save(tf.Module(), tmp_path / "module")


def test_graphs_of_tensorflow_are_not_loaded(tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(CorruptModelError, match="SavedModel without a model of Keras"):
        tf.saved_model.load(tmp_path)
