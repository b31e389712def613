"""`tf.function` and what surrounds it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError


@pytest.mark.parametrize(
    "make",
    [tf.function, tf.function(), tf.function(autograph=False, reduce_retracing=True)],
    ids=["bare", "called", "options"],
)
def test_functions_run_as_they_are(make):
    def double(x):
        return 2 * x

    made = make(double)
    assert made(torch.tensor(3)) == 6
    assert made.__name__ == "double"
    assert made.python_function is double
    assert made.get_concrete_function(tf.TensorSpec([]))(4) == 8


def test_control_flow_is_pythons():
    @tf.function
    def collatz(n):
        steps = 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        return steps

    assert collatz(torch.tensor(6)) == 8


class Counter:
    """A class with a decorated method."""

    def __init__(self):
        self.total = 0

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def add(self, x):
        self.total += float(x.sum())
        return self.total


def test_methods_keep_their_object():
    first, second = Counter(), Counter()
    first.add([1.0, 2.0])
    second.add.python_function(torch.ones(1))
    assert (first.total, second.total) == (3.0, 1.0)
    assert second.add.get_concrete_function()([2.0]) == 3.0


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((torch.ones(2, 2),), r"expected TensorSpec.*received shape \(2, 2\)"),
        ((torch.ones(2, dtype=torch.float64),), r"type torch\.float64"),
        ((torch.ones(2), torch.ones(2)), "names 1 arguments. Received: 2"),
    ],
    ids=["shape", "type", "number"],
)
def test_arguments_must_fit_the_signature(args, text):
    with pytest.raises(InvalidArgumentError, match=text):
        Counter().add(*args)


def test_python_functions_get_tensors():
    assert tf.py_function(lambda x: x + 1, inp=[[1, 2]], Tout=tf.float32).tolist() == [2.0, 3.0]


def test_numpy_functions_get_arrays():
    first, second = tf.numpy_function(
        lambda x: (np.sum(x), np.max(x)), [torch.ones(3)], [tf.float32, tf.int64]
    )
    assert (first, second) == (3.0, 1)
    assert second.dtype is torch.int64


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("a", 1), "a 1\n"),
        ((torch.tensor([1.0, 2.5]),), "[1 2.5]\n"),
        ((torch.arange(10),), "[0 1 2 ... 7 8 9]\n"),
        (({"x": torch.tensor(1)},), "{'x': 1}\n"),
        (([torch.tensor(1), 2],), "[1, 2]\n"),
    ],
    ids=["text", "tensor", "long", "dictionary", "list"],
)
def test_printing(values, expected):
    stream = io.StringIO()
    tf.print(*values, output_stream=stream)
    assert stream.getvalue() == expected


def test_printing_to_a_file(tmp_path):
    path = tmp_path / "log.txt"
    tf.print("a", "b", sep="-", end="!", output_stream=f"file://{path}")
    tf.print(torch.arange(10), summarize=-1, end="", output_stream=f"file://{path}")
    assert path.read_text() == "a-b![0 1 2 3 4 5 6 7 8 9]"


def test_printing_to_nowhere_is_explained():
    with pytest.raises(InvalidArgumentError, match="`output_stream` is a stream"):
        tf.print("a", output_stream="nowhere")


def test_blocks_that_do_nothing():
    called = []
    with tf.init_scope(), tf.control_dependencies([lambda: called.append(1)]), tf.name_scope("block"):
        assert tf.executing_eagerly()
    assert called == [1]


def test_autograph_has_nothing_to_convert():
    @tf.autograph.experimental.do_not_convert
    def double(x):
        return 2 * x

    assert tf.autograph.to_graph(double)(2) == 4
