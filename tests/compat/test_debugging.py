"""`tf.debugging`: what passes and what raises."""

from __future__ import annotations

import pytest
import torch

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError

NAN = torch.tensor([1.0, float("nan")])


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("assert_equal", ([1, 2], [1, 2]), ([1, 2], [1, 3])),
        ("assert_none_equal", ([1, 2], [3, 3]), ([1, 2], [1, 3])),
        ("assert_less", (1, [2, 3]), (2, [2, 3])),
        ("assert_less_equal", (2, [2, 3]), (3, [2, 3])),
        ("assert_greater", (3.5, 3), (3, 3)),
        ("assert_greater_equal", (3, 3), (2, 3)),
        ("assert_positive", ([1, 2],), ([0, 2],)),
        ("assert_negative", ([-1, -2],), ([0, -2],)),
        ("assert_non_negative", ([0, 2],), ([-1, 2],)),
        ("assert_non_positive", ([0, -2],), ([1, 2],)),
        ("assert_near", ([1.0], [1.0000001]), ([1.0], [1.1])),
    ],
)
def test_values(name, good, bad):
    getattr(tf.debugging, name)(*good)
    with pytest.raises(InvalidArgumentError, match=r"my text .*Received: x="):
        getattr(tf.debugging, name)(*bad, message="my text")


@pytest.mark.parametrize(
    ("name", "good", "bad", "error"),
    [
        ("assert_rank", ([[1]], 2), ([1], 2), ShapeError),
        ("assert_rank_in", ([[1]], [1, 2]), ([[1]], [3]), ShapeError),
        ("assert_rank_at_least", ([[1]], 1), ([1], 2), ShapeError),
        ("assert_scalar", (1.0,), ([1.0],), ShapeError),
        ("assert_type", ([1.0], tf.float32), ([1], tf.float32), ArgumentTypeError),
        ("check_numerics", ([1.0], "my text"), (NAN, "my text"), InvalidArgumentError),
        ("assert_all_finite", ([1.0], "my text"), (NAN, "my text"), InvalidArgumentError),
    ],
)
def test_shapes_and_types(name, good, bad, error):
    getattr(tf.debugging, name)(*good)
    message = {} if "my text" in bad[1:] else {"message": "my text"}
    with pytest.raises(error, match="my text"):
        getattr(tf.debugging, name)(*bad, **message)


def test_sizes_with_one_letter_are_equal():
    x, y = torch.ones(2, 3), torch.ones(3)
    tf.debugging.assert_shapes([(x, ("N", "D")), (y, "D"), (x, (None, 3))])
    with pytest.raises(
        ShapeError, match=r"Expected shape \('N',\) with \{'N': 2, 'D': 3\}. Received: \(3,\)"
    ):
        tf.debugging.assert_shapes([(x, ("N", "D")), (y, ("N",))])


def test_conditions_show_their_data():
    tf.Assert(torch.tensor([True, True]), ["unused"])
    with pytest.raises(InvalidArgumentError, match=r"Assertion failed: .*the loss is.*7"):
        tf.debugging.Assert(torch.tensor(False), ["the loss is", torch.tensor(7)])


def test_gradients_that_become_nan_are_found():
    tf.debugging.enable_check_numerics()
    v = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        y = torch.sqrt(v) * 0.0
    with (
        pytest.warns(UserWarning, match="Error detected"),
        pytest.raises(RuntimeError, match="returned nan values"),
    ):
        tape.gradient(y, v)
    tf.debugging.disable_check_numerics()


def test_logging_of_devices_says_what_to_do():
    with pytest.warns(UserWarning, match="ask a tensor for its `device`"):
        tf.debugging.set_log_device_placement(True)


def test_kinds_of_tensors():
    assert tf.debugging.is_numeric_tensor(torch.ones(2))
    assert not tf.debugging.is_numeric_tensor(torch.tensor(True))
