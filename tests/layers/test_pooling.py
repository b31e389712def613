"""Pooling: agreement with Keras, TensorFlow's padding, masks, errors."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.core.masking import Masking
from kerastorch.layers.pooling import adaptive_pooling, global_pooling, pooling
from tests.layers.agreement import agree, numbers

SHAPES = {1: (2, 9, 3), 2: (2, 7, 8, 3), 3: (2, 5, 6, 4, 3)}
FIRST = {1: (2, 3, 9), 2: (2, 3, 7, 8), 3: (2, 3, 5, 6, 4)}
POOLING = [f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3)]
GLOBAL = [f"Global{name}" for name in POOLING]
ADAPTIVE = [f"Adaptive{name}" for name in POOLING]


def expected(x, window, stride, reduce):
    """Pooling with "same" padding as TensorFlow documents it, for (N, H, W, C): what lies outside does not count."""
    sizes = [-(-d // s) for d, s in zip(x.shape[1:3], stride, strict=True)]
    starts = []
    for d, o, k, s in zip(x.shape[1:3], sizes, window, stride, strict=True):
        before = max((o - 1) * s + k - d, 0) // 2
        starts.append([i * s - before for i in range(o)])
    out = np.empty((x.shape[0], *sizes, x.shape[3]), "float32")
    for i, top in enumerate(starts[0]):
        for j, left in enumerate(starts[1]):
            part = x[:, max(top, 0) : top + window[0], max(left, 0) : left + window[1]]
            out[:, i, j] = reduce(part, axis=(1, 2))
    return out


@pytest.mark.parametrize("name", POOLING)
@pytest.mark.parametrize("kwargs", [{}, {"strides": 1}, {"pool_size": 3, "strides": 2}])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_valid_pooling_agrees_with_keras(name, kwargs, data_format):
    rank = int(name[-2])
    shape = (SHAPES if data_format == "channels_last" else FIRST)[rank]
    agree(
        name, {"pool_size": 2, **kwargs, "data_format": data_format}, numbers(*shape), getattr(pooling, name)
    )


@pytest.mark.parametrize("name", [name for name in POOLING if name.startswith("Max")])
@pytest.mark.parametrize("kwargs", [{}, {"pool_size": 3, "strides": 2}, {"pool_size": 4, "strides": 1}])
def test_same_maximum_agrees_with_keras(name, kwargs):
    rank = int(name[-2])
    agree(name, {**kwargs, "padding": "same"}, numbers(*SHAPES[rank]), getattr(pooling, name))


@pytest.mark.parametrize("kind", ["Max", "Average"])
@pytest.mark.parametrize("window", [(2, 2), (3, 3), (2, 4), (5, 2), (1, 3)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (1, 2), (3, 2), (4, 3)])
@pytest.mark.parametrize("size", [(7, 8), (6, 5)])
def test_same_pooling_does_not_count_the_padding(kind, window, stride, size):
    # Keras on torch repeats the edge where the padding is uneven; TensorFlow's documentation leaves it out.
    layer = getattr(pooling, f"{kind}Pooling2D")(window, stride, "same")
    x = numbers(2, *size, 3)
    wanted = expected(x, window, stride, np.max if kind == "Max" else np.mean)
    np.testing.assert_allclose(layer(x).numpy(), wanted, rtol=1e-5, atol=1e-6)
    assert layer.compute_output_shape(x.shape) == wanted.shape


@pytest.mark.parametrize("name", GLOBAL)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_global_pooling_agrees_with_keras(name, keepdims, data_format):
    rank = int(name[-2])
    shape = (SHAPES if data_format == "channels_last" else FIRST)[rank]
    kwargs = {"keepdims": keepdims, "data_format": data_format}
    agree(name, kwargs, numbers(*shape), getattr(global_pooling, name))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_global_average_leaves_masked_steps_out(keepdims, data_format):
    kwargs = {"keepdims": keepdims, "data_format": data_format}
    shape = (2, 9, 3) if data_format == "channels_last" else (2, 3, 9)
    mask = torch.tensor([[True] * 4 + [False] * 5, [True] * 9])
    agree("GlobalAveragePooling1D", kwargs, numbers(*shape), global_pooling.GlobalAveragePooling1D, mask=mask)


@pytest.mark.parametrize("shape", [(2, 8), (2,), (2, 9, 3)])
def test_a_mask_that_does_not_fit_is_refused(shape):
    layer = global_pooling.GlobalAveragePooling1D()
    with pytest.raises(ShapeError, match=r"Expected a mask of shape \(2, 9\)|Expected the leading axes"):
        layer(torch.ones(2, 9, 3), mask=torch.ones(shape, dtype=torch.bool))


def test_global_average_takes_the_mask_of_its_input_and_passes_none_on():
    x = torch.tensor([[[1.0], [3.0], [0.0]]])
    pooled = global_pooling.GlobalAveragePooling1D()(Masking()(x))
    assert pooled.tolist() == [[2.0]]
    assert not hasattr(pooled, "_keras_mask")


def test_global_average_passes_no_symbolic_mask_on():
    pooled = global_pooling.GlobalAveragePooling1D()(Masking()(Input((4, 2))))
    assert pooled._keras_mask is None


@pytest.mark.parametrize("name", POOLING)
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_symbolic_shape_is_the_declared_one(name, padding):
    layer = getattr(pooling, name)(3, strides=2, padding=padding)
    shape = (None, None, *([9] * (int(name[-2]) - 1)), 3)
    assert layer(Input(batch_shape=shape)).shape == layer.compute_output_shape(shape)


@pytest.mark.parametrize(
    "kwargs", [{}, {"padding": "same"}, {"pool_size": 3, "strides": 2, "padding": "same"}]
)
@pytest.mark.parametrize("name", ["MaxPooling1D", "MaxPooling2D", "AveragePooling2D"])
def test_exports_and_compiles_with_any_batch_size(name, kwargs):
    layer = getattr(pooling, name)(**kwargs)
    x, more = (torch.randn(n, *SHAPES[int(name[-2])][1:]) for n in (2, 5))
    layer(x)
    torch.compiler.reset()
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="eager")(x), layer(x))
    exported = torch.export.export(layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    assert torch.equal(exported.module()(more), layer(more))


@pytest.mark.parametrize("name", [*POOLING, *GLOBAL])
def test_an_empty_batch_gives_an_empty_batch(name):
    layer = getattr(pooling, name, None) or getattr(global_pooling, name)
    assert layer()(torch.ones(0, *SHAPES[int(name[-2])][1:])).shape[0] == 0


@pytest.mark.parametrize(
    "name", [n for n in POOLING if n != "AveragePooling3D"]
)  # torch has no kernel for it
def test_the_result_is_contiguous(name):
    layer = getattr(pooling, name)(padding="same")
    assert layer(torch.randn(SHAPES[int(name[-2])])).is_contiguous()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"pool_size": 0}, r"`pool_size` argument must be a tuple of 2 integers.*> 0"),
        ({"pool_size": (2, 2, 2)}, r"`pool_size` argument must be a tuple of 2 integers"),
        ({"strides": -1}, r"`strides` argument must be a tuple of 2 integers"),
        ({"padding": "causal"}, r"`padding` argument must be one of"),
        ({"data_format": "last"}, r"`data_format` argument must be one of"),
    ],
)
def test_wrong_arguments_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        pooling.MaxPooling2D(**kwargs)


@pytest.mark.parametrize("x", [torch.ones(1, 1, 4, 3), Input((1, 4, 3))], ids=["tensor", "symbolic"])
def test_a_window_larger_than_the_input_is_refused(x):
    with pytest.raises(ShapeError, match=r"output size would be zero or negative.*1, 4, 3\)"):
        pooling.MaxPooling2D()(x)


def test_inputs_with_other_axes_are_refused():
    with pytest.raises(ShapeError, match="expected ndim=4, found ndim=3"):
        pooling.AveragePooling2D()(torch.ones(1, 4, 3))
    with pytest.raises(ShapeError, match="expected ndim=4, found ndim=3"):
        global_pooling.GlobalMaxPooling2D()(torch.ones(1, 4, 3))


def test_ties_share_the_gradient_of_a_global_maximum_as_in_keras():
    x = np.ones((1, 2, 2, 1), "float32")
    agree("GlobalMaxPooling2D", {}, x, global_pooling.GlobalMaxPooling2D)
    assert keras.backend.backend() == "torch"


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_adaptive_pooling_agrees_with_keras(name, size, data_format):
    shape = (SHAPES if data_format == "channels_last" else FIRST)[int(name[-2])]
    kwargs = {"output_size": size, "data_format": data_format}
    agree(name, kwargs, numbers(*shape), getattr(adaptive_pooling, name))


@pytest.mark.parametrize("name", ADAPTIVE)
def test_adaptive_pooling_gives_its_size_whatever_the_input_s(name):
    layer, rank = getattr(adaptive_pooling, name)(2), int(name[-2])
    assert layer(Input(batch_shape=(None, *[None] * rank, 3))).shape == (None, *[2] * rank, 3)
    assert all(layer(torch.ones(1, *[n] * rank, 3)).shape == (1, *[2] * rank, 3) for n in (2, 5, 7))


@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        ("2", ArgumentTypeError, r"`output_size` must be an integer or a tuple of 2 integers.*'str'"),
        ((1, 2, 3), InvalidArgumentError, r"`output_size` argument must be a tuple of 2 integers"),
        (0, InvalidArgumentError, r"`output_size` argument must be a tuple of 2 integers.*> 0"),
    ],
)
def test_wrong_sizes_of_adaptive_pooling_are_named(size, error, message):
    with pytest.raises(error, match=message):
        adaptive_pooling.AdaptiveMaxPooling2D(size)


def test_adaptive_pooling_refuses_other_axes():
    with pytest.raises(ShapeError, match="expected ndim=4, found ndim=3"):
        adaptive_pooling.AdaptiveAveragePooling2D(2)(torch.ones(1, 4, 3))


@pytest.mark.parametrize("name", [name for name in POOLING if "1D" not in name])
@pytest.mark.parametrize("kwargs", [{"strides": 1}, {"strides": 2}, {"pool_size": 4, "strides": 3}])
def test_both_data_formats_stick_out_alike(name, kwargs):
    cls, x = getattr(pooling, name), torch.tensor(numbers(*SHAPES[int(name[-2])]))
    last = cls(**kwargs, padding="same")(x)
    first = cls(**kwargs, padding="same", data_format="channels_first")(x.movedim(-1, 1))
    assert torch.equal(first.movedim(1, -1), last)


@pytest.mark.parametrize("name", POOLING)
def test_windows_of_negative_numbers_do_not_see_zeros_outside(name):
    rank = int(name[-2])
    layer = getattr(pooling, name)(3, strides=2, padding="same")
    assert (layer(torch.full((1, *[4] * rank, 2), -5.0)) == -5.0).all()
