"""Zero padding, cropping and upsampling: agreement with Keras, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch.errors import ShapeError
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.reshaping import padding, up_sampling
from tests.layers.agreement import agree, numbers

SHAPES = {1: (2, 6, 3), 2: (2, 5, 6, 3), 3: (2, 5, 6, 4, 3)}
FIRST = {1: (2, 3, 6), 2: (2, 3, 5, 6), 3: (2, 3, 5, 6, 4)}
EDGES = [
    ("ZeroPadding1D", {}),
    ("ZeroPadding1D", {"padding": (0, 2)}),
    ("ZeroPadding1D", {"padding": 2, "data_format": "channels_first"}),
    ("ZeroPadding2D", {}),
    ("ZeroPadding2D", {"padding": 2}),
    ("ZeroPadding2D", {"padding": ((1, 0), (2, 3))}),
    ("ZeroPadding2D", {"padding": (1, 2), "data_format": "channels_first"}),
    ("ZeroPadding3D", {}),
    ("ZeroPadding3D", {"padding": ((1, 0), (2, 3), (0, 0))}),
    ("ZeroPadding3D", {"padding": (1, 2, 3), "data_format": "channels_first"}),
    ("Cropping1D", {}),
    ("Cropping1D", {"cropping": (2, 0)}),
    ("Cropping1D", {"cropping": 2}),
    ("Cropping2D", {}),
    ("Cropping2D", {"cropping": 1}),
    ("Cropping2D", {"cropping": ((1, 0), (2, 3))}),
    ("Cropping2D", {"cropping": (1, 2), "data_format": "channels_first"}),
    ("Cropping3D", {}),
    ("Cropping3D", {"cropping": ((1, 0), (2, 3), (0, 1))}),
    ("Cropping3D", {"cropping": (1, 2, 1), "data_format": "channels_first"}),
]
UP_SAMPLING = [
    ("UpSampling1D", {}),
    ("UpSampling1D", {"size": 3}),
    ("UpSampling2D", {}),
    ("UpSampling2D", {"size": (1, 3)}),
    ("UpSampling2D", {"size": (3, 2), "interpolation": "bilinear"}),
    ("UpSampling2D", {"data_format": "channels_first", "interpolation": "bilinear"}),
    ("UpSampling2D", {"data_format": "channels_first"}),
    ("UpSampling3D", {}),
    ("UpSampling3D", {"size": (1, 2, 3)}),
    ("UpSampling3D", {"data_format": "channels_first"}),
]


def layer_class(name):
    return getattr(padding, name, None) or getattr(up_sampling, name)


def input_shape(name, kwargs):
    return (FIRST if kwargs.get("data_format") == "channels_first" else SHAPES)[int(name[-2])]


@pytest.mark.parametrize(("name", "kwargs"), EDGES + UP_SAMPLING)
def test_agrees_with_keras(name, kwargs):
    agree(name, kwargs, numbers(*input_shape(name, kwargs)), layer_class(name))


@pytest.mark.parametrize(("name", "kwargs"), EDGES + UP_SAMPLING)
def test_symbolic_shape_is_the_declared_one(name, kwargs):
    layer = layer_class(name)(**kwargs)
    shape = (None, *input_shape(name, kwargs)[1:])
    assert layer(Input(batch_shape=shape)).shape == layer.compute_output_shape(shape)
    unknown = (None,) * len(shape)
    assert layer.compute_output_shape(unknown) == unknown


@pytest.mark.parametrize(("name", "kwargs"), [EDGES[3], EDGES[14], UP_SAMPLING[0], *UP_SAMPLING[2:5]])
def test_exports_and_compiles_with_any_batch_size(name, kwargs):
    layer = layer_class(name)(**kwargs)
    x, more = (torch.randn(n, *input_shape(name, kwargs)[1:]) for n in (2, 5))
    torch.compiler.reset()
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="eager")(x), layer(x))
    exported = torch.export.export(layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    assert torch.equal(exported.module()(more), layer(more))


@pytest.mark.parametrize("name", ["ZeroPadding2D", "UpSampling1D", "UpSampling2D", "UpSampling3D"])
def test_integers_stay_integers(name):
    layer = layer_class(name)()
    x = np.arange(np.prod(SHAPES[int(name[-2])])).reshape(SHAPES[int(name[-2])])
    outputs = layer(x)
    assert outputs.dtype is torch.int64
    np.testing.assert_array_equal(outputs, layer(x.astype("float32")))


def cubic(distance):
    """Keys's kernel with a = -0.5, which TensorFlow's bicubic resizing documents."""
    d = abs(distance)
    near, far = 1.5 * d**3 - 2.5 * d**2 + 1, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def test_bicubic_is_tensorflows_kernel():
    # Keras on torch takes torch's kernel with a = -0.75.
    x = numbers(1, 6, 5, 1)
    sampled = x[0, :, :, 0]
    for axis, size in ((0, 6), (1, 5)):
        centres = (np.arange(2 * size) + 0.5) / 2 - 0.5
        weights = cubic(centres[:, None] - np.arange(size)[None, :])
        weights /= weights.sum(1, keepdims=True)
        sampled = np.moveaxis(np.tensordot(weights, sampled, (1, axis)), 0, axis)
    outputs = up_sampling.UpSampling2D(interpolation="bicubic")(x)
    np.testing.assert_allclose(outputs[0, :, :, 0], sampled, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("ZeroPadding1D", {"padding": -1}, r"`padding` argument must be a tuple of 2 integers.*>= 0"),
        ("ZeroPadding2D", {"padding": (1, 2, 3)}, r"`padding` should have two elements"),
        ("ZeroPadding2D", {"padding": "a"}, r"`padding` should have two elements"),
        ("ZeroPadding2D", {"padding": None}, r"`padding` should be either an int, a tuple of 2 ints"),
        (
            "ZeroPadding2D",
            {"padding": ((1, 2, 3), 1)},
            r"`1st entry of padding` argument must be a tuple of 2",
        ),
        ("ZeroPadding3D", {"padding": (1, 2)}, r"`padding` should have 3 elements"),
        ("Cropping1D", {"cropping": (1, -1)}, r"`cropping` argument must be a tuple of 2 integers"),
        ("Cropping2D", {"cropping": -1}, r"`cropping` cannot be negative"),
        ("Cropping3D", {"cropping": (1, 2, (1, "a"))}, r"`3rd entry of cropping` argument must be a tuple"),
        ("UpSampling1D", {"size": 0}, r"`size` should be a positive integer.*size=0"),
        ("UpSampling1D", {"size": 1.5}, r"Expected an integer value for `size`.*size=1\.5"),
        ("UpSampling2D", {"size": (0, 1)}, r"`size` argument must be a tuple of 2 integers.*> 0"),
        ("UpSampling2D", {"interpolation": "bilinar"}, r"Did you mean 'bilinear'"),
    ],
)
def test_wrong_arguments_are_named(name, kwargs, message):
    with pytest.raises(ValueError, match=message):
        layer_class(name)(**kwargs)


@pytest.mark.parametrize("name", ["Cropping1D", "Cropping2D", "Cropping3D"])
def test_cropping_everything_is_refused(name):
    layer = layer_class(name)(3)
    shape = SHAPES[int(name[-2])]
    with pytest.raises(ShapeError, match=f"of `{name}` layer must be smaller than the input"):
        layer(torch.ones(shape))
    with pytest.raises(ShapeError, match=f"of `{name}` layer must be smaller than the input"):
        layer.compute_output_shape(shape)


@pytest.mark.parametrize("name", ["ZeroPadding2D", "Cropping2D", "UpSampling2D"])
def test_inputs_with_other_axes_are_refused(name):
    with pytest.raises(ShapeError, match="expected ndim=4, found ndim=3"):
        layer_class(name)()(torch.ones(2, 3, 4))
