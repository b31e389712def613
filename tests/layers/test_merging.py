"""Merge layers beyond what holds for every layer: functions, ranks, masks, types, faults."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import Input, layers

FUNCTIONS = ["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate"]
RNG = np.random.default_rng(0)


def draw(*shapes):
    return [torch.tensor(RNG.normal(size=shape).astype("float32")) for shape in shapes]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_keras_s(name):
    inputs = draw((2, 3), (2, 3))
    ours, theirs = getattr(layers, name)(inputs), getattr(keras.layers, name)(inputs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_symbolic_tensors_and_names(name):
    output = getattr(layers, name)([Input((3,)), Input((3,))], name="merged")
    assert output.node.operation.name == "merged"


def test_dot_function_takes_normalize():
    x, y = draw((2, 3), (2, 3))
    ours = layers.dot([x, y], axes=1, normalize=True)
    np.testing.assert_allclose(ours, keras.layers.dot([x, y], axes=1, normalize=True), rtol=1e-6)


@pytest.mark.parametrize("name", ["Add", "Multiply", "Average", "Maximum", "Minimum"])
@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 3, 4, 5), (2, 5), (2, 4, 5)],
        [(2,), (2, 3)],
        [(2, 3), (2, 1)],
        [(2, 1, 5), (2, 4, 1)],
    ],
)
def test_other_ranks_are_broadcast_after_the_batch_axis(name, shapes):
    inputs = draw(*shapes)
    ours, theirs = getattr(layers, name)(), getattr(keras.layers, name)()
    np.testing.assert_allclose(ours(inputs), theirs(inputs), rtol=1e-6)
    asked = [(None, *s[1:]) for s in shapes]
    assert ours.compute_output_shape(asked) == tuple(theirs.compute_output_shape(asked))


def test_a_built_layer_takes_other_ranks_later():
    layer, (x, y, z) = layers.Add(), draw((2, 3, 4), (2, 3, 4), (2, 4))
    layer([x, y])
    assert torch.equal(layer([x, z]), x + z[:, None])


@pytest.mark.parametrize(
    ("name", "kwargs", "shapes"),
    [
        ("Add", {}, [(None, 8), (10, 8)]),
        ("Maximum", {}, [(10, 8), (None, 8)]),
        ("Concatenate", {"axis": 1}, [(None, 8), (10, 8)]),
        ("Concatenate", {}, [(None, 8), (None, 3)]),
        ("Dot", {"axes": 2}, [(None, 8), (10, 8)]),
        ("Multiply", {}, [(None, 8), (8,)]),
    ],
)
def test_unknown_and_known_sizes_mix(name, kwargs, shapes):
    ours = getattr(layers, name)(**kwargs)([Input(s) for s in shapes])
    theirs = getattr(keras.layers, name)(**kwargs)([keras.Input(s) for s in shapes])
    assert ours.shape == tuple(theirs.shape)


@pytest.mark.parametrize("which", [(0,), (1,), (2,), (0, 1), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("name", ["Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"])
def test_three_inputs_with_masks_are_keras_s(name, which):
    results = []
    for library in (layers, keras.layers):
        inputs = draw_masked(which)
        results.append(getattr(library, name)()(inputs))
    ours, theirs = results
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    left, right = (getattr(x, "_keras_mask", None) for x in results)
    assert (left is None and right is None) or torch.equal(left, right)


def draw_masked(which):
    rng = np.random.default_rng(5)
    inputs = [torch.tensor(rng.normal(size=(2, 4, 3)).astype("float32")) for _ in range(3)]
    for number in which:
        inputs[number]._keras_mask = torch.tensor(rng.random((2, 4)) < 0.5)
    return inputs


def test_masked_merges_without_masks_take_the_plain_way():
    layer, (x, y) = layers.Multiply(), draw((2, 3), (2, 3))
    assert torch.equal(layer([x, y]), x * y)
    assert getattr(layer([x, y]), "_keras_mask", None) is None


@pytest.mark.parametrize(
    ("name", "types", "expected"),
    [
        ("Add", ("int64", "int64"), torch.int64),
        ("Average", ("int64", "int64"), torch.float32),
        ("Concatenate", ("int64", "float32"), torch.float32),
        ("Dot", ("int64", "float32"), torch.float32),
    ],
)
def test_integers_stay_integers_where_they_can(name, types, expected):
    kwargs = {"axes": 1} if name == "Dot" else {}
    inputs = [torch.ones(2, 3, dtype=getattr(torch, t)) for t in types]
    assert getattr(layers, name)(**kwargs)(inputs).dtype is expected


def test_tuples_are_lists():
    x, y = draw((2, 3), (2, 3))
    assert torch.equal(layers.Add()((x, y)), x + y)


def test_masks_of_another_number_are_refused():
    x, y = draw((2, 3), (2, 3))
    with pytest.raises(ValueError, match="The lists `inputs` and `mask` should have the same length"):
        layers.Add().compute_mask([x, y], [None])


A, B, C = draw((2, 3), (2, 4), (5, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Add()(A), ValueError, "should be called on a list of inputs"),
        (lambda: layers.Add()({"a": A, "b": A}), ValueError, "should be called on a list of inputs"),
        (lambda: layers.Add()([A, B]), ValueError, "Inputs have incompatible shapes"),
        (lambda: layers.Add()([A, C]), ValueError, "Cannot merge tensors with different batch sizes"),
        (lambda: layers.Add()([Input((3,)), Input((4,))]), ValueError, "Inputs have incompatible shapes"),
        (lambda: layers.Subtract()([A, A, A]), ValueError, "should be called on exactly 2 inputs"),
        (lambda: layers.Concatenate()(A), ValueError, "should be called on a list of inputs"),
        (
            lambda: layers.Concatenate(axis=1)([A, C]),
            ValueError,
            "matching shapes except for the concatenation axis",
        ),
        (
            lambda: layers.Concatenate()([A, A[0]]),
            ValueError,
            "matching shapes except for the concatenation axis",
        ),
        (
            lambda: layers.Concatenate(axis=2)([A, A]),
            ValueError,
            "`axis` of Concatenate .* is 2, but the inputs",
        ),
        (lambda: layers.Dot(axes=1)([A, A, A]), ValueError, "should be called on a list of 2 inputs"),
        (lambda: layers.Dot(axes=1)([A, B]), ValueError, "axis values 3 .* != 4"),
        (lambda: layers.Dot(axes=1)([A, C]), ValueError, "different batch sizes"),
        (lambda: layers.Dot(axes=0)([A, A]), ValueError, "other than the batch axis"),
        (lambda: layers.Dot(axes=(1, 3))([A, A]), ValueError, "must be axes of the inputs"),
        (lambda: layers.Dot(axes="1"), TypeError, "it should be a list or an int"),
        (lambda: layers.Dot(axes=(1, 2, 3)), ValueError, "should contain two elements"),
        (lambda: layers.Dot(axes=(1, "2")), ValueError, "list elements should be integers"),
        (lambda: layers.Add().compute_output_shape([]), ValueError, "list of at least 1 input"),
    ],
)
def test_faults_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["Add", "Multiply", "Concatenate", "Dot"])
def test_calls_on_lists_reach_the_layer_without_checks_after_the_first(name, monkeypatch):
    layer = getattr(layers, name)(**({"axes": 1} if name == "Dot" else {}))
    inputs = draw((2, 3), (2, 3))
    expected = layer(inputs)
    monkeypatch.setattr(layer, "_checked_call", None)
    assert torch.equal(layer(inputs), expected)
