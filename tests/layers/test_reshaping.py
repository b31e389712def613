"""Layers that move values beyond what holds for every layer: no copies, unknown sizes, faults."""

from __future__ import annotations

import keras
import pytest
import torch

from kerastorch import Input, layers

X = torch.arange(2 * 3 * 4 * 5, dtype=torch.float32).reshape(2, 3, 4, 5)


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (layers.Flatten(), X),
        (layers.Reshape((4, -1)), X),
        (layers.Permute((2, 1, 3)), X),
        (layers.RepeatVector(7), X[:, 0, 0]),
        (layers.Identity(), X),
    ],
)
def test_nothing_is_copied(layer, x):
    assert layer(x).untyped_storage().data_ptr() == x.untyped_storage().data_ptr()


@pytest.mark.parametrize(
    ("name", "kwargs", "shape", "expected"),
    [
        ("Flatten", {}, (None, None, 4), (None, None)),
        ("Flatten", {}, (None,), (None, 1)),
        ("Flatten", {}, (8, 3, 4), (8, 12)),
        ("Flatten", {"data_format": "channels_first"}, (None, 3, None), (None, None)),
        ("Reshape", {"target_shape": (-1, 4)}, (None, None, 8), (None, None, 4)),
        ("Reshape", {"target_shape": (2, 4)}, (None, None, 8), (None, 2, 4)),
        ("Reshape", {"target_shape": (-1, 4)}, (None, 2, 8), (None, 4, 4)),
        ("Reshape", {"target_shape": (2, 0, 4)}, (None, 0, 8), (None, 2, 0, 4)),
        ("Permute", {"dims": (2, 1)}, (None, None, 8), (None, 8, None)),
        ("RepeatVector", {"n": 3}, (None, None), (None, 3, None)),
    ],
)
def test_symbolic_shapes_are_keras_s(name, kwargs, shape, expected):
    ours = getattr(layers, name)(**kwargs)
    theirs = getattr(keras.layers, name)(**kwargs)
    assert ours(Input(batch_shape=shape)).shape == expected
    assert tuple(theirs(keras.Input(batch_shape=shape)).shape) == expected
    assert ours.compute_output_shape(shape) == expected


def test_none_in_a_target_shape_is_what_is_left():
    assert layers.Reshape((None, 4))(X).shape == (2, 15, 4)


def test_identity_passes_structures_on():
    structure = {"a": X, "b": [X, X]}
    assert layers.Identity()(structure)["b"][1] is X
    symbolic = layers.Identity()({"a": Input((3,)), "b": Input((2,))})
    assert symbolic["a"].shape == (None, 3)


def test_an_empty_batch_gives_an_empty_batch():
    assert layers.Flatten()(X[:0]).shape == (0, 60)
    assert layers.Reshape((-1, 5))(X[:0]).shape == (0, 12, 5)


def test_exports_with_any_batch_size():
    model = torch.nn.Sequential(layers.Permute((3, 1, 2)), layers.Reshape((-1, 4)), layers.Flatten())
    batch = torch.export.Dim("batch")
    program = torch.export.export(model, (X,), dynamic_shapes=({0: batch},))
    x = torch.randn(7, 3, 4, 5)
    assert torch.equal(program.module()(x), model(x))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Flatten("channels_middle"), ValueError, "`data_format` argument must be one of"),
        (lambda: layers.Flatten()(torch.tensor(1.0)), ValueError, "expected min_ndim=1, found ndim=0"),
        (lambda: layers.Reshape((-2, 3)), ValueError, "must be a non-negative integer, or `-1`"),
        (lambda: layers.Reshape((-1, -1)), ValueError, "at most one unknown dimension"),
        (lambda: layers.Reshape((-1, None)), ValueError, "at most one unknown dimension"),
        (lambda: layers.Reshape((7, 7))(X), ValueError, "total size of the tensor must be unchanged"),
        (lambda: layers.Reshape((7, -1))(X), ValueError, "total size of the tensor must be unchanged"),
        (
            lambda: layers.Reshape((7,))(Input((3, 4))),
            ValueError,
            "total size of the tensor must be unchanged",
        ),
        (lambda: layers.Permute((1, 3)), ValueError, "must be consecutive and start from 1"),
        (lambda: layers.Permute((0, 1)), ValueError, "must be consecutive and start from 1"),
        (lambda: layers.Permute((2, 1))(X), ValueError, "expected ndim=3, found ndim=4"),
        (lambda: layers.RepeatVector(2.0), TypeError, "Expected an integer value for `n`"),
        (lambda: layers.RepeatVector(True), TypeError, "Expected an integer value for `n`"),
        (lambda: layers.RepeatVector(0), ValueError, "`n` should be a positive integer"),
        (lambda: layers.RepeatVector(2)(X), ValueError, "expected ndim=2, found ndim=4"),
    ],
)
def test_faults_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()
