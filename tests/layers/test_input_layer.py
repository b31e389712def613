"""`Input` and `InputLayer`: what they take, what they refuse, and symbolic tensors given to stand for."""

from __future__ import annotations

import numpy as np
import pytest

from kerastorch import Input, Model
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.layers import Dense, InputLayer


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"shape": (2,), "batch_shape": (4, 2)}, "both `shape` and `batch_shape`"),
        ({"batch_size": 4, "batch_shape": (4, 2)}, "both `batch_size` and `batch_shape`"),
        ({}, "You must pass a `shape` argument"),
        ({"shape": (2,), "sparse": True}, "`sparse=True` is not supported"),
        ({"shape": (2,), "ragged": True}, "`ragged=True` is not supported"),
    ],
)
def test_refused_arguments(kwargs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        InputLayer(**kwargs)


@pytest.mark.parametrize(
    ("name", "value"),
    [("shape", (4,)), ("batch_shape", (2, 4)), ("batch_size", 5), ("dtype", "float16"), ("sparse", True)],
)
def test_arguments_must_agree_with_the_tensor_to_stand_for(name, value):
    with pytest.raises(InvalidArgumentError, match=f"cannot provide an incompatible `{name}` argument"):
        InputLayer(**{name: value}, input_tensor=KerasTensor((2, 3)))


def test_a_tensor_to_stand_for_must_be_symbolic():
    with pytest.raises(ArgumentTypeError, match=r"`input_tensor` must be a KerasTensor.*ndarray"):
        InputLayer(input_tensor=np.zeros((2, 3)))


def test_a_symbolic_tensor_without_a_past_becomes_the_input():
    x = KerasTensor((None, 3))
    y = Dense(2)(x)
    assert Input(tensor=x) is x
    assert Model(x, y).predict(np.ones((4, 3)), verbose=0).shape == (4, 2)


def test_the_result_of_a_layer_keeps_its_past():
    x = Input((3,))
    y = Dense(2)(x)
    assert Input(tensor=y) is not y
    assert Model(x, y).input_shape == (None, 3)


def test_the_old_name_of_the_shape_is_warned_of():
    with pytest.warns(UserWarning, match="`input_shape` is deprecated. Use `shape`"):
        layer = InputLayer(input_shape=(3,), batch_size=4)
    assert layer.batch_shape == (4, 3)


def test_an_input_layer_called_by_hand_returns_what_it_gets():
    assert InputLayer(shape=(3,)).call() is None
