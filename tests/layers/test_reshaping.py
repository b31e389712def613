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


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "interpolation", ["bilinear", "bicubic", "area", "lanczos3", "gaussian", "mitchellcubic"]
)
def test_enlarging_is_the_same_in_both_data_formats(interpolation, data_format):
    layer = layers.UpSampling2D((2, 3), data_format, interpolation)
    last = layers.UpSampling2D((2, 3), "channels_last", interpolation)
    x = X if data_format == "channels_last" else X.movedim(-1, 1)
    y = layer(x)
    y = y if data_format == "channels_last" else y.movedim(1, -1)
    assert torch.equal(y, last(X))
    assert y.shape == (2, 6, 12, 5)
    assert torch.allclose(y.mean(), X.mean(), rtol=1e-4)


def test_the_mean_over_an_area_repeats_pixels_where_images_grow():
    repeated = layers.UpSampling2D(2)(X)
    assert torch.equal(layers.UpSampling2D(2, interpolation="area")(X), repeated)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_cubic_kernel_keeps_low_precision(dtype):
    layer = layers.UpSampling2D(2, interpolation="bicubic", autocast=False)
    assert layer(X.to(dtype)).dtype == dtype


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
        (lambda: layers.UpSampling2D(interpolation="lanczos"), ValueError, "Did you mean 'lanczos"),
        (lambda: layers.UpSampling2D(0), ValueError, r"`size` argument must be a tuple of 2 integers.*> 0"),
        (lambda: layers.UpSampling1D((2,)), TypeError, "Expected an integer value for `size`"),
        (lambda: layers.UpSampling3D((1, 2)), ValueError, "`size` argument must be a tuple of 3 integers"),
        (lambda: layers.UpSampling3D()(X), ValueError, "expected ndim=5, found ndim=4"),
        (lambda: layers.ZeroPadding2D(-1), ValueError, "`padding` cannot be negative"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), ValueError, "`padding` should have two elements"),
        (lambda: layers.ZeroPadding3D(((1, 2), 1)), ValueError, "`padding` should have 3 elements"),
        (lambda: layers.ZeroPadding1D((1, -2)), ValueError, r"`padding` argument.*>= 0"),
        (lambda: layers.Cropping2D("1"), ValueError, "`cropping` should have two elements"),
        (
            lambda: layers.Cropping2D(2)(X),
            ValueError,
            "should be smaller than the corresponding spatial dimension",
        ),
        (lambda: layers.Cropping1D(2)(X), ValueError, "expected ndim=3, found ndim=4"),
        (lambda: layers.RepeatVector(2)(X), ValueError, "expected ndim=2, found ndim=4"),
    ],
)
def test_faults_are_named(make, error, message):
    with pytest.raises(error, match=message):
        make()
