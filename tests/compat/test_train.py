"""`tf.train`: checkpoints in real files."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import (
    ArgumentTypeError,
    CorruptModelError,
    InvalidArgumentError,
    MissingFileError,
    ShapeError,
)

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


class Net(keras.Model):
    """A model whose weights are made by the first call."""

    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(4, activation="tanh")
        self.out = keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden(x))


def train(net, optimizer, steps):
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = ((net(torch.tensor(X), training=True) - 1.0) ** 2).mean()
        grads = tape.gradient(loss, net.trainable_variables)
        optimizer.apply_gradients(zip(grads, net.trainable_variables, strict=True))
    return float(loss.detach())


def objects():
    return {"step": tf.Variable(1), "optimizer": keras.optimizers.Adam(0.1), "net": Net()}


def test_training_goes_on_where_the_checkpoint_was_written(tmp_path):
    first = tf.train.Checkpoint(**objects())
    train(first.net, first.optimizer, 3)
    first.step.assign_add(3)
    path = first.save(tmp_path / "ckpt")
    expected = train(first.net, first.optimizer, 3)

    second = tf.train.Checkpoint(**objects())
    train(second.net, second.optimizer, 1)
    second.restore(path).assert_consumed()
    assert int(second.step) == 4
    assert train(second.net, second.optimizer, 3) == pytest.approx(expected, rel=1e-6)


def test_weights_that_do_not_exist_yet_are_restored_when_they_are_made(tmp_path):
    first = tf.train.Checkpoint(**objects())
    train(first.net, first.optimizer, 3)
    path = first.save(tmp_path / "ckpt")
    expected = train(first.net, first.optimizer, 3)

    second = tf.train.Checkpoint(**objects())
    status = second.restore(path)
    with pytest.raises(InvalidArgumentError, match="values without a place"):
        status.assert_consumed()
    assert train(second.net, second.optimizer, 3) == pytest.approx(expected, rel=1e-6)
    status.assert_consumed().assert_nontrivial_match()


def test_parts_of_a_checkpoint_may_be_restored(tmp_path):
    whole = tf.train.Checkpoint(**objects())
    whole.net(X)
    path = whole.write(tmp_path / "whole")
    net = Net()
    net(X)
    status = tf.train.Checkpoint(net=net).read(path).expect_partial()
    np.testing.assert_array_equal(net.get_weights()[0], whole.net.get_weights()[0])
    with pytest.raises(InvalidArgumentError, match="values without a place"):
        status.assert_consumed()


@pytest.mark.parametrize(
    "make",
    [
        lambda: tf.Variable([1.0, 2.0]),
        lambda: torch.nn.Linear(2, 1),
        lambda: [tf.Variable(1.0), {"b": tf.Variable(2.0)}],
        lambda: tf.train.Checkpoint(inner=tf.Variable(1.0)),
        lambda: keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()]),
        lambda: keras.Sequential([keras.Input((2,)), keras.layers.Dropout(0.5, seed=3)]),
    ],
    ids=["variable", "module", "collection", "checkpoint", "model", "seeds"],
)
def test_many_objects_can_be_kept(tmp_path, make):
    path = tf.train.Checkpoint(value=make()).write(tmp_path / "one")
    fresh = tf.train.Checkpoint(value=make())
    fresh.read(path).assert_consumed()
    assert len(tf.train.list_variables(path)) >= 2


def test_metrics_keep_their_totals(tmp_path):
    metric, other = keras.metrics.Mean(), keras.metrics.Mean()
    metric.update_state([1.0, 3.0])
    tf.train.Checkpoint(other=other).read(tf.train.Checkpoint(other=metric).write(tmp_path / "m"))
    assert float(other.result()) == 2.0


def test_names_that_the_file_lacks_are_reported(tmp_path):
    path = tf.train.Checkpoint(a=tf.Variable(1.0)).write(tmp_path / "a")
    status = tf.train.Checkpoint(b=tf.Variable(1.0)).read(path)
    with pytest.raises(InvalidArgumentError, match=r"no values for: \['b'\]"):
        status.assert_existing_objects_matched()


def test_other_shapes_change_nothing(tmp_path):
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable([1.0, 2.0])).write(tmp_path / "a")
    kept = tf.Variable(7.0)
    with pytest.raises(ShapeError, match=r"'b' has shape \(2,\) in the file and \(3,\) here"):
        tf.train.Checkpoint(a=kept, b=tf.Variable([1.0, 2.0, 3.0])).read(path)
    assert float(kept.numpy()) == 7.0


def test_restoring_nothing_is_allowed_at_the_first_start():
    status = tf.train.Checkpoint(step=tf.Variable(1)).restore(tf.train.latest_checkpoint("nowhere"))
    with pytest.raises(InvalidArgumentError, match="Nothing of the checkpoint was restored"):
        status.assert_nontrivial_match()


def test_the_last_checkpoint_is_found(tmp_path):
    checkpoint = tf.train.Checkpoint(step=tf.Variable(1))
    paths = [checkpoint.save(os.path.join(tmp_path, "ckpt")) for _ in range(2)]
    assert tf.train.latest_checkpoint(tmp_path) == paths[1] == str(tmp_path / "ckpt-2")
    assert tf.train.get_checkpoint_state(tmp_path).all_model_checkpoint_paths == paths
    assert int(tf.train.load_variable(str(tmp_path), "save_counter")) == 2


def test_the_last_weights_of_a_model_are_found(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.warns(UserWarning, match=r"weights\.h5"):
        model.save_weights(tmp_path / "cp-0001.ckpt")
    latest = tf.train.latest_checkpoint(tmp_path)
    twin = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    twin.load_weights(latest)
    np.testing.assert_array_equal(twin.get_weights()[0], model.get_weights()[0])


def test_the_manager_keeps_the_last_ones(tmp_path):
    checkpoint = tf.train.Checkpoint(step=tf.Variable(0))
    manager = tf.train.CheckpointManager(checkpoint, directory=tmp_path, max_to_keep=2)
    for _ in range(4):
        checkpoint.step.assign_add(1)
        manager.save()
    assert [os.path.basename(p) for p in manager.checkpoints] == ["ckpt-3", "ckpt-4"]
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "ckpt-3.ckpt.h5", "ckpt-4.ckpt.h5"]

    fresh = tf.train.Checkpoint(step=tf.Variable(0))
    again = tf.train.CheckpointManager(fresh, tmp_path, max_to_keep=2)
    assert again.restore_or_initialize() == manager.latest_checkpoint
    assert int(fresh.step) == 4
    assert os.path.basename(again.save()) == "ckpt-5"


def test_the_manager_waits_for_its_interval(tmp_path):
    step, started = tf.Variable(0), []
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(step=step),
        tmp_path,
        max_to_keep=None,
        checkpoint_name="model",
        step_counter=step,
        checkpoint_interval=2,
        init_fn=lambda: started.append(1),
    )
    assert manager.restore_or_initialize() is None
    written = []
    for _ in range(5):
        written.append(manager.save() is not None)
        step.assign_add(1)
    assert (started, written) == ([1], [True, False, True, False, True])
    assert manager.save(checkpoint_number=99, check_interval=False).endswith("model-99")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda d: tf.train.CheckpointManager(None, d, 0), InvalidArgumentError, "must be positive or None"),
        (
            lambda d: tf.train.CheckpointManager(None, d, 1, checkpoint_interval=3),
            InvalidArgumentError,
            "needs a `step_counter`",
        ),
        (lambda d: tf.train.Checkpoint(a=3).write(d / "a"), ArgumentTypeError, "keeps models, layers"),
        (lambda d: tf.train.Checkpoint().read(d / "a"), MissingFileError, "There is no such file"),
        (lambda d: tf.train.load_checkpoint(d), MissingFileError, "has no checkpoint"),
    ],
    ids=["kept", "interval", "number", "absent", "folder"],
)
def test_mistakes_are_explained(tmp_path, call, error, text):
    with pytest.raises(error, match=text):
        call(tmp_path)


def test_damaged_files_of_tensorflow_are_named(tmp_path):
    (tmp_path / "theirs.index").touch()
    with pytest.raises(CorruptModelError, match="is no index of TensorFlow"):
        tf.train.Checkpoint().read(tmp_path / "theirs")


def test_iterators_are_left_out_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="place of the iterator 'data'"):
        tf.train.Checkpoint(data=iter([1])).write(tmp_path / "a")


def test_moving_averages_follow_slowly():
    weight = tf.Variable([0.0, 1.0])
    ema = tf.train.ExponentialMovingAverage(0.5)
    for value in ([0.0, 1.0], [4.0, 1.0], [4.0, 1.0]):
        weight.assign(value)
        ema.apply([weight])
    assert ema.average(weight).tolist() == [3.0, 1.0]
    with pytest.raises(InvalidArgumentError, match="has not been called for this variable"):
        ema.average(tf.Variable(1.0))


def test_absent_names_say_what_to_use():
    with pytest.raises(AttributeError, match="TFRecord files are not written"):
        tf.train.Example  # noqa: B018
