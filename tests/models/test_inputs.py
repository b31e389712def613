"""What models of a graph make of their inputs: types, names, missing ones."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch import layers
from kerastorch.errors import ShapeError


@pytest.mark.parametrize(
    ("dtype", "given"), [("float16", "float32"), ("int32", "float64"), ("float32", "float64")]
)
def test_inputs_take_the_declared_type(dtype, given):
    x = keras.Input((2,), dtype=dtype)
    outputs = keras.Model(x, x + 2)(np.ones((3, 2), given))
    assert str(outputs.dtype) == f"torch.{dtype}"


def two_named():
    a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
    return keras.Model({"a": a, "b": b}, layers.Add()([a, b]))


@pytest.mark.parametrize(
    "given", [[np.ones((1, 2))] * 2, dict.fromkeys("abc", np.ones((1, 2)))], ids=["list", "another-key"]
)
def test_inputs_of_another_structure_are_warned_of(given):
    with pytest.warns(UserWarning, match="structure of `inputs` doesn't match"):
        two_named()(given)


def test_a_missing_input_that_is_not_optional_is_told():
    with pytest.raises(ShapeError, match=r"Input 1 .*is None, but it is not optional"):
        two_named()({"a": np.ones((1, 2)), "b": None})


class Untraceable(layers.Layer):
    def call(self, x):
        return x + 1.0

    def compute_output_spec(self, *args, **kwargs):
        raise NotImplementedError("shapes are not known before the call")


def test_a_sequential_of_layers_without_shapes_runs_layer_by_layer():
    model = keras.Sequential([Untraceable()])
    assert model(np.zeros((1, 2))).tolist() == [[1.0, 1.0]]


def test_the_layers_of_a_sequential_change_by_its_methods_alone():
    with pytest.raises(AttributeError, match=r"Use `add\(\)` and `pop\(\)`"):
        keras.Sequential().layers = []
