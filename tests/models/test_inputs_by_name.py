"""Inputs in dictionaries: later calls skip the checks of the first, whatever the order of the names."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import ShapeError

A, B = torch.arange(6.0).reshape(2, 3), torch.ones(2, 2)


def model_by_name():
    a, b = kerastorch.Input((3,), name="a"), kerastorch.Input((2,), name="b")
    total = layers.Dense(1, kernel_initializer="ones")(a) - layers.Dense(1, kernel_initializer="ones")(b)
    return kerastorch.Model({"b": b, "a": a}, total)


def model_by_place():
    named = model_by_name()
    return kerastorch.Model([named.inputs[1], named.inputs[0]], named.outputs[0])


class Ordered(layers.Layer):
    def call(self, x):
        return torch.cat(list(x.values()), 1)


EXPECTED = [[1.0], [10.0]]
WAYS = {
    "in order": {"a": A, "b": B},
    "in another order": {"b": B, "a": A},
    "an array": {"a": A.numpy(), "b": B},
    "another type": {"a": A.double(), "b": B.int()},
}


@pytest.mark.parametrize("make", [model_by_name, model_by_place])
def test_every_call_finds_its_inputs_by_their_names(make):
    model = make()
    for _ in range(2):
        for x in WAYS.values():
            assert model(x).tolist() == EXPECTED
            assert model(x).dtype is torch.float32


def test_a_missing_name_is_an_error_after_good_calls_too():
    model = model_by_name()
    for _ in range(3):
        model(WAYS["in order"])
    with pytest.raises(ShapeError, match="'b'"):
        model({"a": A})
    with pytest.raises(ShapeError, match="shape"):
        model({"a": B, "b": B})


def test_other_names_are_left_out_and_warned_of_at_each_call():
    model = model_by_name()
    model(WAYS["in order"])
    for _ in range(2):
        with pytest.warns(UserWarning, match="doesn't match the expected structure"):
            assert model({**WAYS["in order"], "c": B}).tolist() == EXPECTED


def test_a_layer_gets_the_dictionary_as_it_was_given():
    layer = Ordered()
    for _ in range(3):
        assert layer({"a": A, "b": B}).tolist() == torch.cat((A, B), 1).tolist()
        assert layer({"b": B, "a": A}).tolist() == torch.cat((B, A), 1).tolist()


def test_masks_of_inputs_by_name_arrive():
    ids = {"a": kerastorch.Input((3,), name="a", dtype="int64"), "b": kerastorch.Input((2,), name="b")}
    words = layers.Embedding(7, 4, mask_zero=True)(ids["a"])
    model = kerastorch.Model(ids, layers.LSTM(2)(words) + layers.Dense(2)(ids["b"]))
    tokens = torch.tensor([[1, 2, 0], [3, 0, 0]])
    first = model({"a": tokens, "b": B})
    changed = model({"a": tokens[:, [0, 1, 2]], "b": B})
    np.testing.assert_array_equal(first.detach(), changed.detach())


def test_fit_takes_rows_of_every_input_and_output():
    model = kerastorch.Model((inputs := model_by_name()).input, {"y": inputs.output, "z": inputs.output * 2})
    model.compile("sgd", "mse")
    x = {"b": np.ones((10, 2), "float32"), "a": np.arange(30, dtype="float32").reshape(10, 3)}
    y = {"z": np.zeros((10, 1), "float32"), "y": np.ones((10, 1), "float32")}
    expected = model.evaluate(x, y, verbose=0, batch_size=10)
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0, batch_size=5), expected, rtol=1e-5)
