"""Convolutions: agreement with Keras, memory layout, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.profiler import profile

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.convolutional.conv import Conv1D, Conv2D, Conv3D
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.pooling.pooling import MaxPooling2D
from tests.layers.agreement import agree, numbers

LAYERS = {1: Conv1D, 2: Conv2D, 3: Conv3D}
CASES = [
    (1, (2, 9, 4), {}),
    (1, (2, 9, 4), {"padding": "causal"}),
    (1, (2, 9, 4), {"padding": "causal", "dilation_rate": 2}),
    (1, (2, 9, 4), {"padding": "causal", "strides": 2}),
    (1, (2, 9, 4), {"padding": "same", "activation": "relu"}),
    (1, (2, 9, 4), {"padding": "same", "kernel_size": 4}),
    (1, (2, 9, 4), {"groups": 2, "use_bias": False}),
    (1, (2, 4, 9), {"data_format": "channels_first", "padding": "same", "activation": "relu"}),
    (2, (2, 7, 8, 4), {}),
    (2, (2, 7, 8, 4), {"padding": "same", "activation": "relu"}),
    (2, (2, 7, 8, 4), {"padding": "same", "activation": "softmax"}),
    (2, (2, 7, 8, 4), {"padding": "SAME", "strides": 2}),
    (2, (2, 8, 8, 4), {"padding": "same", "strides": (2, 1)}),
    (2, (2, 8, 9, 4), {"padding": "same", "kernel_size": (2, 4)}),
    (2, (2, 7, 8, 4), {"padding": "same", "dilation_rate": 2}),
    (2, (2, 7, 8, 4), {"padding": "same", "kernel_size": 1, "strides": 3}),
    (2, (2, 7, 8, 4), {"groups": 4, "filters": 8, "kernel_size": (3, 2)}),
    (2, (2, 4, 7, 8), {"data_format": "channels_first", "strides": 2, "activation": "tanh"}),
    (2, (2, 7, 7, 1), {"activation": "relu", "kernel_regularizer": "l2", "bias_constraint": "non_neg"}),
    (3, (2, 4, 5, 6, 2), {"activation": "relu"}),
    (3, (2, 4, 5, 6, 2), {"padding": "same", "strides": 2}),
    (3, (2, 2, 4, 5, 6), {"data_format": "channels_first", "padding": "same"}),
]


@pytest.mark.parametrize(("rank", "shape", "kwargs"), CASES)
def test_agrees_with_keras(rank, shape, kwargs):
    agree(f"Conv{rank}D", {"filters": 6, "kernel_size": 3, **kwargs}, numbers(*shape), LAYERS[rank])


@pytest.mark.parametrize(
    ("kernel", "stride", "size", "before"),
    [(3, 2, 8, 0), (3, 2, 7, 1), (2, 1, 5, 0), (5, 3, 7, 2), (4, 2, 6, 1), (1, 2, 5, 0)],
)
def test_same_padding_puts_the_odd_zero_after_as_tensorflow_does(kernel, stride, size, before):
    layer = Conv1D(1, kernel, strides=stride, padding="same", kernel_initializer="zeros")
    layer.build((None, size, 1))
    with torch.no_grad():
        layer.kernel[0, 0, 0] = 1.0  # reads the first element of the window
    x = torch.arange(1.0, size + 1).reshape(1, size, 1)
    padded = np.concatenate([np.zeros(before), x.flatten().numpy()])
    expected = [padded[i * stride] for i in range(-(-size // stride))]
    assert layer(x).flatten().tolist() == expected


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_kernel_lies_in_torchs_channels_last_order_and_so_does_its_gradient(rank):
    layer = LAYERS[rank](6, 3)
    x = torch.randn(2, *([8] * rank), 4)
    layer(x).square().sum().backward()
    order = (rank + 1, *range(rank + 1))
    assert layer.kernel.permute(order).is_contiguous()
    assert layer.kernel.grad.stride() == layer.kernel.stride()
    assert layer(x).is_contiguous()


def test_no_copy_is_made_on_the_way_forward_and_back():
    layers = [
        Conv2D(16, 3, activation="relu", padding="same"),
        MaxPooling2D(),
        Conv2D(8, 3, activation="relu"),
    ]
    x = torch.randn(2, 12, 12, 4, requires_grad=True)

    def step(h):
        for layer in layers:
            h = layer(h)
        torch.autograd.backward(h, torch.ones_like(h))

    step(x)
    x.grad = None
    for layer in layers:
        layer.zero_grad()
    with profile(record_shapes=True) as record:
        step(x)
    kernels = [list(layer.kernel.permute(3, 2, 0, 1).shape) for layer in (layers[0], layers[2])]
    copies = [
        (event.name, event.input_shapes[0])
        for event in record.events()
        if event.name in ("aten::contiguous", "aten::clone", "aten::copy_", "aten::constant_pad_nd")
        # torch's own convolution turns the gradient of the kernel into the memory order of the kernel
        and event.input_shapes[0] not in kernels
    ]
    assert copies == []


def test_relu_in_place_leaves_the_input_alone():
    layer = Conv2D(3, 1, activation="relu", kernel_initializer="ones")
    x = torch.full((1, 2, 2, 1), -1.0)
    assert layer(x).abs().sum() == 0
    assert x.sum() == -4


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_activation_can_be_replaced_afterwards(activation):
    layer = Conv2D(3, 1, activation="tanh")
    x = torch.randn(1, 2, 2, 1)
    layer(x)
    plain = Conv2D(3, 1, activation=activation)
    layer.activation = plain.activation
    plain.build(x.shape)
    plain.set_weights(layer.get_weights())
    assert torch.equal(layer(x), plain(x))


@pytest.mark.parametrize(
    ("rank", "kwargs", "shape"),
    [
        (1, {"padding": "causal"}, (None, None, 3)),
        (2, {"padding": "same", "strides": 2}, (None, None, None, 3)),
        (2, {"data_format": "channels_first"}, (None, 3, None, 9)),
        (3, {}, (None, 5, None, 6, 3)),
    ],
)
def test_symbolic_shape_is_the_declared_one(rank, kwargs, shape):
    layer = LAYERS[rank](4, 3, **kwargs)
    assert layer(Input(batch_shape=shape)).shape == layer.compute_output_shape(shape)


@pytest.mark.parametrize(("rank", "shape", "kwargs"), [CASES[1], CASES[4], CASES[9], CASES[11], CASES[19]])
def test_exports_and_compiles_with_any_batch_size(rank, shape, kwargs):
    layer = LAYERS[rank](**{"filters": 6, "kernel_size": 3, **kwargs})
    x = torch.randn(shape)
    layer(x)
    torch.compiler.reset()
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    assert torch.allclose(compiled(x), layer(x))
    exported = torch.export.export(layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randn(5, *shape[1:])
    assert torch.allclose(exported.module()(more), layer(more), atol=1e-6)


@pytest.mark.parametrize("kwargs", [{}, {"padding": "same"}, {"padding": "same", "strides": 2}])
def test_an_empty_batch_gives_an_empty_batch(kwargs):
    assert Conv2D(4, 3, **kwargs)(torch.ones(0, 8, 8, 3)).shape[0] == 0


@pytest.mark.parametrize("policy", ["float16", "mixed_bfloat16", "float64"])
def test_computes_in_the_type_of_its_policy(policy):
    layer = Conv2D(4, 3, activation="relu", dtype=policy)
    assert str(layer(torch.ones(1, 5, 5, 2)).dtype) == f"torch.{layer.compute_dtype}"


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"filters": 0}, r"Invalid value for argument `filters`.*filters=0"),
        ({"filters": 2.5}, r"Invalid value for argument `filters`.*filters=2\.5"),
        ({"groups": 0}, r"Invalid value for argument `groups`.*groups=0"),
        ({"groups": 4}, r"evenly divisible by the number of groups.*groups=4, filters=6"),
        ({"kernel_size": 0}, r"`kernel_size` argument must be a tuple of 2 integers.*> 0"),
        ({"kernel_size": (1, 2, 3)}, r"`kernel_size` argument must be a tuple of 2 integers"),
        ({"strides": (1, "a")}, r"`strides` argument must be a tuple of 2 integers"),
        ({"strides": 2, "dilation_rate": 2}, r"`strides > 1` not supported in conjunction"),
        ({"padding": "causal"}, r"`padding` argument must be one of.*'causal'"),
        ({"padding": "sam"}, r"Did you mean 'same'"),
        ({"data_format": "channels"}, r"`data_format` argument must be one of"),
        ({"unknown": 1}, r"Unrecognized keyword arguments passed to Conv2D"),
    ],
)
def test_wrong_arguments_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        Conv2D(**{"filters": 6, "kernel_size": 3, **kwargs})


@pytest.mark.parametrize(
    ("kwargs", "shape", "message"),
    [
        ({}, (1, 2, 2, 3), r"output size would be zero or negative.*\(1, 2, 2, 3\)"),
        ({}, (1, 8, 8), r"expected min_ndim=4, found ndim=3"),
        ({"groups": 2}, (1, 8, 8, 3), r"input channels must be evenly divisible.*3 channels"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(kwargs, shape, message):
    with pytest.raises(ShapeError, match=message):
        Conv2D(6, 3, **kwargs)(torch.ones(shape))


def test_an_input_with_other_channels_than_at_first_is_refused():
    layer = Conv2D(6, 3)
    layer(torch.ones(1, 8, 8, 3))
    with pytest.raises(ShapeError, match="expected axis -1 of input shape to have value 3"):
        layer(torch.ones(1, 8, 8, 4))


def test_unknown_channels_are_refused():
    with pytest.raises(InvalidArgumentError, match="channel dimension of the inputs should be defined"):
        Conv2D(6, 3)(Input(batch_shape=(None, 8, 8, None)))
