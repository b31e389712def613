"""The life of a layer: when it counts as built, how its types change, and what its shapes are without a call."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import layers
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import InvalidArgumentError, MissingMethodError, SerializationError

WEIGHTLESS = [
    (layers.ReLU, ()),
    (layers.Dropout, (0.5,)),
    (layers.Identity, ()),
    (layers.Masking, ()),
    (layers.MaxPooling2D, ()),
    (layers.GlobalAveragePooling1D, ()),
    (layers.ZeroPadding2D, ()),
    (layers.UpSampling1D, ()),
]


@pytest.mark.parametrize(("cls", "args"), WEIGHTLESS, ids=lambda v: getattr(v, "__name__", ""))
def test_layers_without_weights_are_built_unless_a_subclass_builds(cls, args):
    class Building(cls):
        def build(self, input_shape):
            self.made_for = input_shape

    assert cls(*args).built
    assert not Building(*args).built


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_trainable_must_be_a_boolean(value):
    with pytest.raises(InvalidArgumentError, match=f"expected to be a boolean.*trainable={value!r}"):
        layers.Dense(2, trainable=value)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_a_policy_can_be_set_by_name(policy):
    layer = layers.Dense(2)
    layer(torch.ones(1, 3))
    layer.dtype_policy = policy
    assert (layer.dtype_policy.name, layer.compute_dtype) == (policy, "bfloat16")
    assert layer.get_config()["dtype"]["config"] == {"name": policy}


def test_a_new_policy_counts_for_the_next_call():
    layer = layers.Dense(2)
    layer(torch.ones(1, 3))
    layer.dtype_policy = "mixed_bfloat16"
    assert layer(torch.ones(1, 3)).dtype == torch.bfloat16


@pytest.mark.parametrize("layer", [layers.Dense(2), layers.Conv1D(2, 1)], ids=["Dense", "Conv1D"])
def test_an_activation_may_be_set_to_none(layer):
    layer.activation = None
    assert layer(-torch.ones(1, 3, 4)).shape == (1, 3, 2)


def test_masks_may_be_arrays():
    softmax = layers.Softmax()(np.zeros((1, 2), "float32"), mask=np.array([[True, False]]))
    merged = layers.Add().compute_mask([np.ones((1, 2))] * 2, [np.array([True]), np.array([False])])
    assert (softmax.tolist(), merged.tolist()) == ([[1.0, 0.0]], [True])


class Opaque(layers.Layer):
    def call(self, x):
        raise RuntimeError("not for symbolic tensors")


class Single(Opaque):
    def compute_output_shape(self, input_shape):
        return (input_shape[0], 7)


class Pair(Opaque):
    def compute_output_shape(self, input_shape):
        return (input_shape, input_shape)


class Named(Opaque):
    def compute_output_shape(self, input_shape):
        return {"a": input_shape}


@pytest.mark.parametrize(
    ("cls", "expected"), [(Single, (2, 7)), (Pair, ((2, 3), (2, 3))), (Named, {"a": (2, 3)})]
)
def test_compute_output_shape_is_enough_for_symbolic_calls(cls, expected):
    outputs = cls().compute_output_spec(KerasTensor((2, 3)))
    if isinstance(outputs, dict):
        assert {k: v.shape for k, v in outputs.items()} == expected
    elif isinstance(outputs, tuple):
        assert tuple(v.shape for v in outputs) == expected
    else:
        assert outputs.shape == expected


class Inheriting(Opaque):
    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(input_shape)


def test_compute_output_shape_that_asks_the_base_class_does_not_loop():
    with pytest.raises(InvalidArgumentError, match="not for symbolic tensors"):
        Inheriting()(KerasTensor((2, 3)))


class NoSuffix(layers.Layer):
    def build(self, first_shape, second):
        pass

    def call(self, first, second):
        return first + second


class OtherName(layers.Layer):
    def build(self, first_shape, third_shape):
        pass

    def call(self, first, second):
        return first + second


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (NoSuffix, "argument `second`, which does not end in `_shape`"),
        (OtherName, r"argument `third_shape`, but `call\(\)` does not have argument `third`"),
    ],
)
def test_build_arguments_are_named_after_those_of_call(cls, message):
    with pytest.raises(InvalidArgumentError, match=message):
        cls()(torch.ones(2, 3), torch.ones(2, 3))


def test_a_layer_without_call_says_so():
    with pytest.raises(MissingMethodError, match="does not have a `call` method implemented"):
        layers.Layer()(torch.ones(2, 3))


def test_wrong_values_in_a_config_are_told_with_the_config():
    with pytest.raises(
        SerializationError, match=r"class 'Embedding'.*3\.7.*`input_dim` must be a positive integer"
    ):
        layers.Embedding.from_config({"input_dim": 3.7, "output_dim": 8})
