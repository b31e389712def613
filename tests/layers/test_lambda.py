"""`Lambda`: functions, shapes, masks, training, configs without code."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import Input, layers
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import SerializationError, UnsafeModelError
from tests.catalog.functions import double_and_shift, scale_by, step_mask

X = torch.arange(6.0).reshape(2, 3)


def needs_values(x):
    return torch.as_tensor(x.numpy()[:, :2])


def test_it_calls_the_function_with_its_arguments():
    assert torch.equal(layers.Lambda(scale_by, arguments={"factor": 2.0})(X), 2 * X)


def test_it_takes_and_returns_structures():
    layer = layers.Lambda(lambda pair: {"sum": pair[0] + pair[1]})
    assert torch.equal(layer([X, X])["sum"], 2 * X)
    assert layer([Input((3,)), Input((3,))])["sum"].shape == (None, 3)


def test_the_function_learns_whether_it_trains():
    layer = layers.Lambda(lambda x, training: x if training else -x)
    assert torch.equal(layer(X), -X)
    assert torch.equal(layer(X, training=True), X)


def test_the_function_gets_the_mask():
    x = X.clone()
    x._keras_mask = torch.tensor([True, False])
    layer = layers.Lambda(lambda x, mask: torch.where(mask[:, None], x, 0.0))
    assert torch.equal(layer(x), torch.where(x._keras_mask[:, None], X, 0.0))


@pytest.mark.parametrize("mask", [torch.tensor([True, False]), lambda inputs, mask: inputs[:, 0] > 1])
def test_the_mask_of_the_output_is_given(mask):
    results = []
    for library in (layers, keras.layers):
        out = library.Lambda(lambda x: x + 1, mask=mask)(X)
        results.append(out._keras_mask)
    assert torch.equal(*results)


def test_without_a_mask_of_its_own_it_warns_that_a_mask_is_lost():
    x = X.clone()
    x._keras_mask = torch.tensor([True, False])
    with pytest.warns(UserWarning, match="does not support masking and will therefore destroy the mask"):
        layers.Lambda(lambda x: x + 1)(x)


@pytest.mark.parametrize("output_shape", [(2,), [2], lambda shape: (shape[0], 2)])
def test_a_declared_shape_helps_functions_that_need_values(output_shape):
    assert layers.Lambda(needs_values, output_shape=output_shape)(Input((3,))).shape == (None, 2)


@pytest.mark.parametrize("output_shape", [None, (2,), lambda shape: (shape[0], 2)])
def test_compute_output_shape_is_keras_s(output_shape):
    shapes = [
        library.Lambda(lambda x: x[:, :2], output_shape=output_shape).compute_output_shape((None, 3))
        for library in (layers, keras.layers)
    ]
    assert tuple(shapes[0]) == tuple(shapes[1]) == (None, 2)


def test_a_function_that_needs_values_and_declares_no_shape_is_refused():
    with pytest.raises(ValueError, match="Please specify the `output_shape` argument"):
        layers.Lambda(needs_values)(Input((3,)))


def test_function_must_be_callable():
    with pytest.raises(ValueError, match="`function` of a Lambda layer must be callable"):
        layers.Lambda(3)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"function": lambda x: x},
        {"function": double_and_shift, "output_shape": lambda s: s},
        {"function": double_and_shift, "mask": lambda x, m: m},
    ],
)
def test_lambdas_are_never_written(kwargs):
    with pytest.raises(SerializationError, match="A lambda cannot be written to a config"):
        layers.Lambda(**kwargs).get_config()


def test_code_in_a_config_of_keras_is_refused():
    config = keras.layers.Lambda(lambda x: x + 1).get_config()
    with pytest.raises(UnsafeModelError, match="bytecode of a Python lambda, which is never executed"):
        layers.Lambda.from_config(config, safe_mode=False)


@pytest.mark.parametrize("key", ["function", "mask", "output_shape"])
def test_code_in_a_config_of_keras_2_is_refused(key):
    config = {
        "name": "old",
        "function": "double_and_shift",
        "function_type": "function",
        "module": "__main__",
    }
    config[key] = ["4wEAAAABAAAA", None, None]
    config[f"{key}_type"] = "lambda"
    with pytest.raises(UnsafeModelError, match=f"bytecode of its `{key}`, which is never executed"):
        layers.Lambda.from_config(config, custom_objects={"double_and_shift": double_and_shift})


def test_functions_named_in_a_config_of_keras_2_are_read():
    config = {
        "name": "old",
        "trainable": True,
        "dtype": "float32",
        "function": "double_and_shift",
        "function_type": "function",
        "module": "somewhere",
        "output_shape": None,
        "output_shape_type": "raw",
        "output_shape_module": None,
        "arguments": {},
    }
    layer = layers.Lambda.from_config(config, custom_objects={"double_and_shift": double_and_shift})
    assert torch.equal(layer(X), 2 * X + 1)


def test_unknown_functions_are_refused():
    config = {**layers.Lambda(double_and_shift).get_config(), "function": "os.system"}
    with pytest.raises(UnsafeModelError, match=r"names the function 'os\.system', which is not registered"):
        layers.Lambda.from_config(config)


def test_registered_functions_survive_a_round_trip():
    layer = layers.Lambda(scale_by, output_shape=(3,), mask=step_mask, arguments={"factor": 4.0})
    copy = deserialize_keras_object(serialize_keras_object(layer))
    assert copy.function is scale_by
    assert copy.mask is step_mask
    assert copy.compute_output_shape((None, 3)) == (None, 3)
    np.testing.assert_array_equal(copy(X), 4 * X)
