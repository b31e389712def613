"""Data types, shapes, and what tensors gain when the namespace is imported."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError, ShapeError


@pytest.mark.parametrize("same", [torch.float32, np.float32, np.dtype("float32"), "float32", tf.float32])
def test_a_type_equals_what_means_the_same(same):
    assert tf.float32 == same
    assert same == tf.float32
    assert tf.int32 != same


@pytest.mark.parametrize(
    ("dtype", "name", "floating", "integer", "size", "limits"),
    [
        ("uint8", "uint8", False, True, 1, (0, 255)),
        ("int64", "int64", False, True, 8, (-(2**63), 2**63 - 1)),
        ("bool", "bool", False, False, 1, (False, True)),
    ],
)
def test_a_type_knows_its_properties(dtype, name, floating, integer, size, limits):
    found = tf.as_dtype(dtype)
    assert (found.name, found.is_floating, found.is_integer, found.size, found.limits) == (
        name,
        floating,
        integer,
        size,
        limits,
    )


def test_types_are_keys_and_survive_pickling():
    assert {tf.int32: 1}[tf.as_dtype("int32")] == 1
    assert pickle.loads(pickle.dumps(tf.int32)) is tf.int32


def test_layers_take_these_types():
    assert keras.layers.Dense(2, dtype=tf.float64).compute_dtype == "float64"


def test_text_is_not_cast_to_numbers():
    with pytest.raises(InvalidArgumentError, match=r"tf\.strings\.to_number"):
        tf.cast("12", tf.int32)


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ([-3.0, 300.0], "uint8", [0, 255]),
        ([1e10, -1e10], "int32", [2147483647, -2147483648]),
        ([1, 2], "float32", [1.0, 2.0]),
    ],
)
def test_saturate_cast_stays_within_the_limits(value, dtype, expected):
    assert tf.saturate_cast(np.array(value), dtype).tolist() == expected


def test_shapes_have_the_methods_of_tensorflow():
    shape = tf.TensorShape([None, 3])
    assert shape.as_list() == [None, 3]
    assert (shape.rank, shape.ndims, shape.is_fully_defined(), shape.num_elements()) == (2, 2, False, None)
    assert shape.is_compatible_with((5, 3))
    assert shape.merge_with([5, None]).as_list() == [5, 3]
    assert shape.concatenate([4]).as_list() == [None, 3, 4]
    assert tf.TensorShape(None).rank is None
    assert str(tf.TensorShape([2, None])) == "(2, None)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tf.TensorShape(None).as_list(), "unknown rank"),
        (lambda: tf.TensorShape([2]).assert_is_compatible_with([3]), "incompatible"),
        (lambda: tf.TensorShape([-2]), "zero or more"),
    ],
    ids=["unknown", "incompatible", "negative"],
)
def test_shapes_that_cannot_be(call, message):
    with pytest.raises(ShapeError, match=message):
        call()


def test_tensors_have_get_shape_and_numpy_with_gradients():
    x = torch.ones(2, 3, requires_grad=True)
    assert x.get_shape().as_list() == [2, 3]
    assert (x * 2).numpy().tolist() == [[2.0] * 3] * 2
    assert keras.Input((4,)).get_shape().as_list() == [None, 4]


def test_a_tensor_without_gradients_shares_its_memory_with_numpy_as_in_torch():
    x = torch.zeros(2)
    x.numpy()[0] = 5.0
    assert x.tolist() == [5.0, 0.0]


def test_set_shape_checks():
    torch.ones(2, 3).set_shape([None, 3])
    with pytest.raises(ShapeError, match="incompatible"):
        torch.ones(2, 3).set_shape([None, 4])


def test_tensors_are_of_the_class_tensor():
    assert isinstance(tf.constant(1), tf.Tensor)
    assert tf.is_tensor(keras.Input((3,)))


def test_specs_of_tensors():
    spec = tf.TensorSpec([None, 3], tf.int32)
    assert spec.is_compatible_with(torch.zeros(5, 3, dtype=torch.int32))
    assert not spec.is_compatible_with(torch.zeros(5, 3))
    assert tf.TensorSpec.from_tensor(torch.zeros(2)) == tf.TensorSpec([2])


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, torch.int32),
        (2**40, torch.int64),
        (1.5, torch.float32),
        ([True], torch.bool),
        (1j, torch.complex128),
        (np.zeros(2), torch.float64),
        (np.float16(1), torch.float16),
        ([np.float64(1)], torch.float64),
    ],
)
def test_values_get_the_types_of_tensorflow(value, dtype):
    assert tf.convert_to_tensor(value).dtype == dtype


def test_lists_of_tensors_are_stacked():
    assert tf.convert_to_tensor([torch.ones(2), [3.0, 4.0]]).tolist() == [[1.0, 1.0], [3.0, 4.0]]


def test_a_tensor_is_not_silently_converted_to_another_type():
    with pytest.raises(InvalidArgumentError, match="requested dtype int32"):
        tf.convert_to_tensor(torch.ones(1), tf.int32)


def test_ragged_lists_are_no_tensor():
    with pytest.raises(InvalidArgumentError, match="equally long"):
        tf.constant([[1], [2, 3]])
