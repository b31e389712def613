"""Transposed, depthwise, separable and local convolutions beyond what holds for every layer: layout, sizes, faults."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input, layers
from kerastorch.core.spatial import cut_off
from kerastorch.errors import InvalidArgumentError, ShapeError
from tests.layers.agreement import agree, numbers

SHAPES = {1: (2, 9, 4), 2: (2, 7, 8, 4), 3: (2, 4, 5, 3, 4)}
FAMILY = {
    "Conv1D": {"filters": 6},
    "Conv2D": {"filters": 6},
    "Conv3D": {"filters": 6},
    "Conv1DTranspose": {"filters": 6},
    "Conv2DTranspose": {"filters": 6},
    "Conv3DTranspose": {"filters": 6},
    "DepthwiseConv1D": {"depth_multiplier": 2},
    "DepthwiseConv2D": {"depth_multiplier": 2},
    "SeparableConv1D": {"filters": 6},
    "SeparableConv2D": {"filters": 6},
    "LocallyConnected1D": {"filters": 6},
    "LocallyConnected2D": {"filters": 6},
}
IN_TORCHS_ORDER = [name for name in FAMILY if not name.startswith("Local")]
IN_KERAS_2 = [name for name in FAMILY if name.startswith("Local")]


def made(name, **kwargs):
    return getattr(layers, name)(**{"kernel_size": 3, **FAMILY[name], **kwargs})


def rank_of(name):
    return int(next(c for c in name if c.isdigit()))


def channels_first(x):
    return x.movedim(-1, 1)


@pytest.mark.parametrize(
    "kwargs", [{}, {"strides": 2}, {"activation": "relu"}], ids=["plain", "strides", "relu"]
)
@pytest.mark.parametrize("name", IN_TORCHS_ORDER)
def test_both_data_formats_give_the_same(name, kwargs):
    last, first = made(name, **kwargs), made(name, data_format="channels_first", **kwargs)
    x = torch.tensor(numbers(*SHAPES[rank_of(name)]))
    expected = last(x)
    first.build(tuple(channels_first(x).shape))
    first.set_weights(last.get_weights())
    assert torch.allclose(first(channels_first(x)), channels_first(expected), atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_convolution_is_the_gradient_of_a_convolution(kernel, stride, padding):
    layer = layers.Conv1DTranspose(2, kernel, strides=stride, padding=padding, use_bias=False)
    x = torch.randn(1, 4, 3)
    outputs = layer(x)
    forward = layers.Conv1D(3, kernel, strides=stride, padding=padding, use_bias=False)
    probe = torch.zeros_like(outputs, requires_grad=True)
    forward.build(tuple(probe.shape))
    forward.set_weights(layer.get_weights())
    result = forward(probe)
    assert result.shape == x.shape
    (gradient,) = torch.autograd.grad(result, probe, x)
    torch.testing.assert_close(outputs, gradient)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ((3, 2, "valid", None), (0, 0)),
        ((2, 3, "valid", None), (0, -1)),
        ((3, 2, "valid", 1), (0, -1)),
        ((3, 2, "same", None), (0, 1)),
        ((4, 2, "same", None), (1, 1)),
        ((2, 3, "same", None), (0, -1)),
        ((3, 2, "same", 1), (0, 1)),
        ((3, 2, "same", 0), (1, 1)),
        ((5, 3, "same", 2), (1, 1)),
    ],
)
def test_what_is_cut_off_is_as_in_tensorflow(settings, expected):
    assert cut_off(*settings) == expected


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_transposed_convolution_agrees_with_keras(rank, padding, kernel, stride):
    name = f"Conv{rank}DTranspose"
    kwargs = {"filters": 2, "kernel_size": kernel, "strides": stride, "padding": padding}
    agree(name, kwargs, numbers(2, *([3] * rank), 2), getattr(layers, name))


@pytest.mark.parametrize("positions", [(None, "channels_first"), ("channels_first", None)])
def test_both_orders_of_arguments_of_a_transposed_convolution_are_understood(positions):
    layer = layers.Conv3DTranspose(2, 2, 2, "valid", *positions)
    assert (layer.output_padding, layer.data_format) == (None, "channels_first")


@pytest.mark.parametrize("name", IN_TORCHS_ORDER)
def test_kernels_reach_torch_without_a_copy(name):
    layer = made(name)
    layer(torch.randn(SHAPES[rank_of(name)]))
    rank = rank_of(name)
    order = (rank, rank + 1, *range(rank)) if name[0] in "DS" else (rank + 1, *range(rank + 1))
    kernel = next(iter(layer.weights))
    assert kernel.permute(order).is_contiguous()


@pytest.mark.parametrize("name", [n for n in IN_TORCHS_ORDER if "Transpose" not in n])
def test_strides_and_dilation_in_one_are_as_the_class_allows(name):
    if name.startswith("Conv"):
        with pytest.raises(InvalidArgumentError, match=r"`strides > 1` not supported in conjunction"):
            made(name, strides=2, dilation_rate=2)
        return
    x = torch.tensor(numbers(*SHAPES[rank_of(name)]))
    dense = made(name, dilation_rate=2)
    expected = dense(x)
    sparse = made(name, dilation_rate=2, strides=2)
    sparse.build(tuple(x.shape))
    sparse.set_weights(dense.get_weights())
    picked = expected[(slice(None), *[slice(None, None, 2)] * rank_of(name))]
    torch.testing.assert_close(sparse(x), picked)


@pytest.mark.parametrize(("name", "shape"), [("Conv1D", (2, 3, 9, 4)), ("Conv2D", (2, 1, 3, 7, 8, 4))])
@pytest.mark.parametrize("kwargs", [{}, {"padding": "same", "strides": 2, "activation": "relu"}])
def test_several_batch_axes_are_convolved_apart_as_in_keras_2(name, shape, kwargs):
    layer = made(name, **kwargs)
    x = torch.tensor(numbers(*shape))
    outputs = layer(x)
    batch = shape[: -rank_of(name) - 1]
    single = layer(x.reshape(-1, *shape[len(batch) :]))
    torch.testing.assert_close(outputs, single.reshape(*batch, *single.shape[1:]))
    assert layer.compute_output_shape(shape) == tuple(outputs.shape)
    symbolic = layer(Input(batch_shape=(None, *shape[1:])))
    assert symbolic.shape == (None, *outputs.shape[1:])


def test_separable_convolution_can_be_causal_as_in_keras_2():
    layer = layers.SeparableConv1D(2, 3, padding="causal", dilation_rate=2)
    x = torch.randn(1, 8, 3)
    before = layer(x)
    x[:, 5:] += 1.0
    after = layer(x)
    assert after.shape == (1, 8, 2)
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5:], after[:, 5:])


@pytest.mark.parametrize("name", FAMILY)
def test_an_empty_batch_gives_an_empty_batch(name):
    shape = SHAPES[rank_of(name)][1:]
    assert made(name)(torch.ones(0, *shape)).shape[0] == 0


@pytest.mark.parametrize("implementation", [2, 3])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_all_implementations_of_a_local_convolution_agree(implementation, padding, data_format):
    kwargs = {"strides": 2, "padding": padding, "data_format": data_format, "use_bias": False}
    dense = made("LocallyConnected2D", implementation=2, **kwargs)
    other = made("LocallyConnected2D", implementation=implementation, **kwargs)
    x = torch.randn(2, 5, 4, 3)
    dense(x)
    other.build(tuple(x.shape))
    if implementation == 3:  # the values that the mask keeps, by output and then by input
        reached = (dense.kernel * dense._mask).flatten(3).flatten(0, 2).t()
        kept = dense._mask.expand_as(dense.kernel).flatten(3).flatten(0, 2).t()
        other.set_weights([reached[kept].detach().numpy()])
    else:
        other.set_weights(dense.get_weights())
    torch.testing.assert_close(other(x), dense(x))


def test_the_tables_of_a_local_convolution_are_not_saved():
    layer = made("LocallyConnected2D", implementation=3, padding="same")
    layer(torch.randn(1, 5, 4, 3))
    assert sorted(layer.state_dict()) == ["bias", "kernel"]
    assert len(layer.weights) == 2


@pytest.mark.parametrize(
    ("name", "kwargs", "message"),
    [
        ("Conv2DTranspose", {"filters": 0}, r"Invalid value for argument `filters`.*filters=0"),
        ("Conv2DTranspose", {"kernel_size": 0}, r"`kernel_size` argument must be a tuple of 2 integers.*> 0"),
        (
            "Conv2DTranspose",
            {"strides": 2, "dilation_rate": 2},
            r"`strides > 1` not supported in conjunction",
        ),
        (
            "Conv2DTranspose",
            {"strides": 2, "output_padding": 2},
            r"`output_padding` must be strictly less than",
        ),
        ("Conv2DTranspose", {"output_padding": (1, 2, 3)}, r"`output_padding` argument must be a tuple of 2"),
        ("Conv1DTranspose", {"padding": "causal"}, r"`padding` argument must be one of.*'causal'"),
        ("Conv3DTranspose", {"groups": 2}, r"Unrecognized keyword arguments passed to Conv3DTranspose"),
        ("DepthwiseConv2D", {"depth_multiplier": 0}, r"argument `depth_multiplier`.*depth_multiplier=0"),
        ("DepthwiseConv1D", {"padding": "causal"}, r"`padding` argument must be one of.*'causal'"),
        ("DepthwiseConv2D", {"filters": 2}, r"Unrecognized keyword arguments passed to DepthwiseConv2D"),
        ("SeparableConv1D", {"filters": -1}, r"Invalid value for argument `filters`.*filters=-1"),
        ("SeparableConv2D", {"depth_multiplier": 1.5}, r"argument `depth_multiplier`.*1\.5"),
        ("SeparableConv2D", {"padding": "causal"}, r"`padding` argument must be one of.*'causal'"),
        ("SeparableConv2D", {"data_format": "last"}, r"`data_format` argument must be one of"),
        ("LocallyConnected2D", {"implementation": 4}, r"Unrecognized implementation mode: 4"),
        (
            "LocallyConnected1D",
            {"padding": "same"},
            r"Only padding='valid' is supported if implementation is 1",
        ),
        ("LocallyConnected1D", {"dilation_rate": 2}, r"Unrecognized keyword arguments.*LocallyConnected1D"),
    ],
)
def test_wrong_arguments_are_named(name, kwargs, message):
    with pytest.raises(ValueError, match=message):
        made(name, **kwargs)


@pytest.mark.parametrize("name", FAMILY)
def test_inputs_with_too_few_axes_are_refused(name):
    rank = rank_of(name)
    with pytest.raises(ShapeError, match=rf"ndim={rank + 2}, found ndim={rank + 1}"):
        made(name)(torch.ones(SHAPES[rank][1:]))


@pytest.mark.parametrize("name", [name for name in FAMILY if "Transpose" in name or name[0] in "DSL"])
def test_inputs_with_too_many_axes_are_refused(name):
    rank = rank_of(name)
    with pytest.raises(ShapeError, match=rf"{rank + 2} axes|expected ndim={rank + 2}"):
        made(name)(torch.ones(1, *SHAPES[rank]))


@pytest.mark.parametrize("name", FAMILY)
def test_other_channels_than_at_first_are_refused(name):
    layer, shape = made(name), SHAPES[rank_of(name)]
    layer(torch.ones(shape))
    with pytest.raises(ShapeError, match="expected axis -1 of input shape to have value 4"):
        layer(torch.ones(*shape[:-1], 5))


@pytest.mark.parametrize("name", FAMILY)
def test_unknown_channels_are_refused(name):
    shape = (None, *SHAPES[rank_of(name)][1:-1], None)
    with pytest.raises(InvalidArgumentError, match="channel dimension of the inputs should be defined"):
        made(name)(Input(batch_shape=shape))


@pytest.mark.parametrize("name", [name for name in FAMILY if "Transpose" not in name])
def test_a_window_larger_than_the_input_is_refused(name):
    with pytest.raises(ShapeError, match="output size would be zero or negative"):
        made(name, kernel_size=9)(torch.ones(1, *([8] * rank_of(name)), 4))


def test_a_transposed_convolution_that_leaves_nothing_is_refused():
    layer = layers.Conv1DTranspose(2, 2, strides=2, padding="same", output_padding=0)
    with pytest.raises(ShapeError, match=r"output size would be zero or negative.*output_padding=\(0,\)"):
        layer(torch.ones(1, 1, 3))


@pytest.mark.parametrize("name", IN_KERAS_2)
def test_local_weights_need_known_sizes(name):
    shape = (None, None, *SHAPES[rank_of(name)][2:])
    with pytest.raises(ShapeError, match="spatial dimensions of the inputs should be fully-defined"):
        made(name)(Input(batch_shape=shape))


def test_weights_of_a_local_convolution_differ_from_place_to_place():
    layer = layers.LocallyConnected1D(1, 1, use_bias=False)
    layer.build((None, 3, 1))
    layer.set_weights([np.array([1.0, 10.0, 100.0]).reshape(3, 1, 1)])
    assert layer(torch.tensor([[[1.0], [2.0], [3.0]]])).flatten().tolist() == [1.0, 20.0, 300.0]
