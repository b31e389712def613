"""`tf.summary`, read back from real event files."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError


def read(folder):
    """Tag -> the steps and values written under it."""
    reader = EventAccumulator(str(folder))
    reader.Reload()
    return {
        tag: [(event.step, tensor_util.make_ndarray(event.tensor_proto)) for event in reader.Tensors(tag)]
        for tag in reader.Tags()["tensors"]
    }


@pytest.mark.parametrize(
    ("write", "shape"),
    [
        (lambda: tf.summary.scalar("tag", torch.tensor(0.5), step=3), ()),
        (lambda: tf.summary.histogram("tag", [0.0, 1.0], step=3, buckets=4), (4, 3)),
        (lambda: tf.summary.image("tag", np.zeros((2, 4, 4, 1)), step=3), (4,)),
        (lambda: tf.summary.audio("tag", np.zeros((1, 8, 1)), 8000, step=3), (1, 2)),
        (lambda: tf.summary.text("tag", tf.constant(["a", "b"]), step=3), (2,)),
    ],
    ids=["scalar", "histogram", "image", "audio", "text"],
)
def test_everything_lands_in_the_current_writer(tmp_path, write, shape):
    with tf.summary.create_file_writer(tmp_path).as_default():
        assert write() is True
    (entry,) = read(tmp_path)["tag"]
    assert (entry[0], entry[1].shape) == (3, shape)
    assert write() is False


def test_a_training_loop_of_the_guides(tmp_path):
    writers = {name: tf.summary.create_file_writer(str(tmp_path / name)) for name in ("train", "test")}
    for epoch in range(3):
        for name, writer in writers.items():
            with writer.as_default():
                tf.summary.scalar("loss", 1.0 / (epoch + 1), step=epoch)
                tf.summary.scalar(f"{name}_only", epoch, step=epoch)
    assert [step for step, _ in read(tmp_path / "train")["loss"]] == [0, 1, 2]
    assert sorted(read(tmp_path / "test")) == ["loss", "test_only"]


def test_the_step_may_be_set_before(tmp_path):
    step = tf.Variable(7)
    with tf.summary.create_file_writer(tmp_path).as_default(step=step):
        tf.summary.scalar("a", 1.0)
        step.assign_add(1)
        tf.summary.scalar("a", 1.0)
    assert [at for at, _ in read(tmp_path)["a"]] == [7, 8]


def test_a_step_is_needed(tmp_path):
    with tf.summary.create_file_writer(tmp_path).as_default():
        with pytest.raises(InvalidArgumentError, match="No step set for the summary 'a'"):
            tf.summary.scalar("a", 1.0)
        tf.summary.experimental.set_step(5)
        assert tf.summary.scalar("a", 1.0)
        assert tf.summary.experimental.get_step() == 5


@pytest.mark.parametrize(
    ("condition", "written"),
    [(True, True), (lambda: False, False), (torch.tensor(False), False)],
    ids=["yes", "function", "tensor"],
)
def test_conditions(tmp_path, condition, written):
    with tf.summary.create_file_writer(tmp_path).as_default(), tf.summary.record_if(condition):
        assert tf.summary.scalar("a", 1.0, step=0) is written


def test_a_writer_may_stay_the_current_one(tmp_path):
    with tf.summary.create_noop_writer().as_default():  # restores what was before
        tf.summary.create_file_writer(tmp_path).set_as_default()
        tf.summary.scalar("a", 1.0, step=0)
        tf.summary.flush()
        assert list(read(tmp_path)) == ["a"]
    assert tf.summary.scalar("a", 1.0, step=0) is False


def test_profiles_are_written(tmp_path):
    tf.summary.trace_on(graph=True, profiler=True)
    torch.ones(2) + 1
    tf.summary.trace_export("step", step=0, profiler_outdir=tmp_path)
    assert os.listdir(tmp_path) == ["step.pt.trace.json"]
