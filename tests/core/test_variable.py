"""Variables are tensors with names, and ordinary parameters and buffers of modules."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch.core.context import name_scope
from kerastorch.core.variable import StateVariable, Variable
from kerastorch.errors import InvalidArgumentError, ShapeError


def test_a_trainable_variable_is_a_parameter():
    variable = Variable(np.ones((2, 3)), name="kernel")
    assert isinstance(variable, torch.nn.Parameter)
    assert variable.requires_grad
    assert variable.dtype == torch.float32 or variable.dtype == torch.float64


@pytest.mark.parametrize("value", [0.0, 3, np.zeros(2), torch.zeros(2)])
def test_state_is_a_tensor_and_no_parameter(value):
    variable = Variable(value, trainable=False)
    assert isinstance(variable, (StateVariable, Variable))
    assert not isinstance(variable, torch.nn.Parameter)
    assert not variable.requires_grad


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1.0, torch.float32),
        (1, torch.int32),
        ([1, 2], torch.int32),
        (2**40, torch.int64),
        (np.array([1, 2]), torch.int64),
        (np.float64(1), torch.float32),
        (True, torch.bool),
        (np.float16(1), torch.float16),
        ([1.0], torch.float32),
    ],
)
def test_the_type_is_that_of_the_value_and_python_floats_are_floatx(value, dtype):
    assert Variable(value, trainable=False).dtype == dtype


def test_an_initializer_may_come_by_name():
    variable = Variable("ones", shape=(2,))
    assert (variable.tolist(), variable.dtype) == ([1.0, 1.0], "float32")
    with pytest.raises(InvalidArgumentError, match="`shape` argument"):
        Variable("ones")


@pytest.mark.parametrize("trainable", [True, False])
def test_arithmetic_gives_plain_tensors(trainable):
    variable = Variable(torch.ones(3), trainable=trainable)
    assert type(variable * 2) is torch.Tensor
    assert type(variable.detach()) is torch.Tensor
    assert type(torch.relu(variable)) is torch.Tensor


@pytest.mark.parametrize("trainable", [True, False])
def test_assignment_changes_the_values_in_place(trainable):
    variable = Variable(torch.ones(3), trainable=trainable)
    before = variable.data_ptr()
    assert variable.assign([1, 2, 3]) is variable
    variable.assign_add(torch.ones(3))
    variable.assign_sub(0.5)
    assert variable.numpy().tolist() == [1.5, 2.5, 3.5]
    assert variable.data_ptr() == before


def test_assigning_another_shape_is_an_error_and_changes_nothing():
    variable = Variable(torch.ones(3), name="w")
    with pytest.raises(ShapeError, match=r"variable.shape=\(3,\), Received: value.shape=\(2,\)"):
        variable.assign([1.0, 2.0])
    assert variable.numpy().tolist() == [1, 1, 1]


def test_numpy_shares_no_memory():
    variable = Variable(torch.ones(2), trainable=False)
    array = variable.numpy()
    variable.assign([5, 5])
    assert array.tolist() == [1, 1]
    assert np.asarray(variable).tolist() == [5, 5]


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize(
    "how", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))], ids=["deepcopy", "pickle"]
)
def test_copies_keep_everything(how, trainable):
    variable = Variable(torch.randn(4, 3, 2).permute(2, 0, 1), trainable=trainable, name="kernel")
    variable.regularizer = keras.regularizers.L2(0.1)
    clone = how(variable)
    assert type(clone) is type(variable)
    assert (clone.name, clone.path, clone.requires_grad) == (
        variable.name,
        variable.path,
        variable.requires_grad,
    )
    assert clone.stride() == variable.stride()
    assert torch.equal(clone, variable)
    assert isinstance(clone.regularizer, keras.regularizers.L2)


def test_the_path_holds_the_open_scopes():
    with name_scope("encoder"), name_scope("block"):
        assert Variable(0.0, name="bias").path == "encoder/block/bias"


def test_trainable_switches_the_gradient():
    variable = Variable(torch.ones(2))
    variable.trainable = False
    assert not variable.requires_grad
    variable.trainable = True
    assert variable.requires_grad


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"initializer": 0.0, "name": "a/b"}, "cannot contain `/`"),
        ({"initializer": keras.initializers.Zeros()}, "the `shape` argument should be specified"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        Variable(**arguments)


def test_a_value_of_another_shape_than_asked_for():
    with pytest.raises(ShapeError, match=r"shape \(2,\), but `shape` is \(3,\)"):
        Variable(np.ones(2), shape=(3,))


class Holder(keras.layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(2,), initializer="ones", name="kernel")
        self.moving = self.add_weight(shape=(2,), initializer="zeros", name="moving", trainable=False)

    def call(self, x):
        return x * self.kernel + self.moving


def test_moving_a_layer_keeps_the_identity_of_its_variables():
    layer = Holder()
    layer(torch.ones(1, 2))
    kernel, moving = layer.kernel, layer.moving
    layer.to(torch.float64)
    assert layer.kernel is kernel
    assert layer.moving is moving
    assert moving.dtype == torch.float64
    assert isinstance(layer.moving, StateVariable)


def test_a_state_dict_holds_plain_tensors():
    layer = Holder()
    layer(torch.ones(1, 2))
    assert {k: type(v) for k, v in layer.state_dict().items()} == {
        "kernel": torch.Tensor,
        "moving": torch.Tensor,
    }


def test_a_scope_is_opened_once_for_a_caller_and_may_replace_those_that_are_open():
    layer = object()
    with name_scope("a", caller=layer), name_scope("a", caller=layer):
        assert Variable(0.0, name="v").path == "a/v"
        with name_scope("b", override_parent="x/y"):
            assert Variable(0.0, name="v").path == "x/y/b/v"
        with name_scope("a", caller=layer, deduplicate=False):
            assert Variable(0.0, name="v").path == "a/a/v"
    assert Variable(0.0, name="v").path == "v"


@pytest.mark.parametrize(
    "function",
    [
        np.min,
        np.mean,
        np.shape,
        lambda v: np.sum(v, axis=0),
        lambda v: np.concatenate([v, np.ones(1)]),
        round,
    ],
    ids=["min", "mean", "shape", "sum", "concatenate", "round"],
)
@pytest.mark.parametrize("trainable", [True, False])
def test_functions_of_numpy_take_variables(function, trainable):
    values = np.array([1.2, 2.6], "float32")
    variable = keras.Variable(values, trainable=trainable)
    expected = np.round(values) if function is round else function(values)
    np.testing.assert_allclose(
        np.array(function(variable).tolist() if function is round else function(variable)), expected
    )


def test_names_must_be_text():
    with pytest.raises(InvalidArgumentError, match="must be a string"):
        keras.Variable(1.0, name=3)
