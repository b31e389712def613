"""The functions of `keras.quantizers`: values, types, shapes and gradients are Keras's."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
import torch

from kerastorch import KerasTensor, quantizers
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.quantization.scaling import dequantized, quantization_parameters
from tests.ops.cases import array

FLOATS = ["float16", "bfloat16", "float32", "float64"]


def tensors(*shape: int, dtype: str = "float32", seed: int = 1) -> torch.Tensor:
    return torch.as_tensor(array(*shape, seed=seed)).to(getattr(torch, dtype))


def assert_same(ours, theirs):
    ours, theirs = (x if isinstance(x, (tuple, list)) else [x] for x in (ours, theirs))
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.dtype, mine.shape) == (other.dtype, other.shape)
        if mine.dtype is torch.float64:  # Keras computes in float32 in between
            torch.testing.assert_close(mine, other, rtol=1e-6, atol=0)
        else:
            assert torch.equal(mine.to(torch.float32), other.to(torch.float32))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("host", [False, True], ids=["device", "host"])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((5,), 0),
        ((3, 4), 0),
        ((3, 4), -1),
        ((3, 4), (0, 1)),
        ((2, 3, 4), (0, 2)),
        ((2, 2, 2, 3), 1),
    ],
    ids=str,
)
def test_largest_absolute_values_scale_as_in_keras(shape, axis, host, dtype):
    x = tensors(*shape, dtype=dtype)
    for limits in [(-127, 127), (-8, 7)]:
        arguments = {"axis": axis, "value_range": limits, "to_numpy": host}
        assert_same(
            quantizers.abs_max_quantize(x, **arguments), keras.quantizers.abs_max_quantize(x, **arguments)
        )


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("host", [False, True], ids=["device", "host"])
@pytest.mark.parametrize(("rows", "block"), [(8, 4), (7, 4), (3, 4), (5, 1), (6, 6)], ids=str)
def test_groups_are_keras_s(rows, block, host, dtype):
    x = tensors(rows, 3, dtype=dtype)
    ours = quantizers.abs_max_quantize_grouped_with_zero_point(x, block, to_numpy=host)
    assert_same(ours, keras.quantizers.abs_max_quantize_grouped_with_zero_point(x, block, to_numpy=host))


def test_no_numbers_are_quantized():
    for host in (False, True):
        values, scale = quantizers.abs_max_quantize(torch.ones(2, 0), axis=0, to_numpy=host)
        assert (values.shape, scale.shape) == ((2, 0), (1, 0))


def test_equal_numbers_are_quantized():
    for host in (False, True):
        ours = quantizers.abs_max_quantize_grouped_with_zero_point(torch.ones(4, 2), 2, to_numpy=host)
        theirs = keras.quantizers.abs_max_quantize_grouped_with_zero_point(torch.ones(4, 2), 2, to_numpy=host)
        assert_same(ours, theirs)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((4,), 0),
        ((5,), -1),
        ((3, 4), 0),
        ((4, 3), 0),
        ((4, 3), 1),
        ((2, 3, 5), 1),
        ((2, 3, 5), -1),
        ((0, 2), 0),
    ],
    ids=str,
)
def test_packed_halves_are_keras_s_and_come_back(shape, axis, dtype):
    low = -8 if dtype == "int8" else 0
    x = torch.as_tensor(np.random.default_rng(0).integers(low, low + 16, shape).astype(dtype))
    packed, made, size = quantizers.pack_int4(x, axis, dtype)
    theirs = keras.quantizers.pack_int4(x, axis, dtype)
    assert_same(packed, theirs[0])
    assert (made, size) == (theirs[1], theirs[2])
    again = quantizers.unpack_int4(packed, size, axis, dtype)
    assert_same(again, x)
    assert_same(again, keras.quantizers.unpack_int4(packed, size, axis, dtype))


LIMITS = [(-1.0, 1.0), (-0.4, 2.1), (0.1, 0.9), (-3.0, -0.2)]


@pytest.mark.parametrize(
    ("limits", "bits", "narrow"), itertools.product(LIMITS, [2, 8], [False, True]), ids=str
)
def test_pretended_quantization_has_keras_s_values_and_gradients(limits, bits, narrow):
    found = []
    for library in (quantizers, keras.quantizers):
        given = [tensors(3, 5).requires_grad_(), *(torch.tensor(x, requires_grad=True) for x in limits)]
        result = library.fake_quant_with_min_max_vars(*given, num_bits=bits, narrow_range=narrow)
        found.append([result.detach(), *torch.autograd.grad(result, given, torch.arange(15.0).view(3, 5))])
    for mine, other in zip(*found, strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_each_channel_can_have_limits_of_its_own(axis):
    x = tensors(3, 4)
    size = x.shape[axis]
    low, high = -torch.linspace(0.2, 1.0, size), torch.linspace(0.5, 1.5, size)
    rows = [
        quantizers.fake_quant_with_min_max_vars(row, a, b)
        for row, a, b in zip(x.unbind(axis), low, high, strict=True)
    ]
    given = [low.requires_grad_(), high.requires_grad_()]
    found = quantizers.fake_quant_with_min_max_vars(x, *given, axis=axis)
    torch.testing.assert_close(found, torch.stack(rows, axis))
    assert [g.shape for g in torch.autograd.grad(found.sum(), given)] == [(size,), (size,)]


@pytest.mark.parametrize("amax", [0.0, 3.0, np.inf, np.nan], ids=str)
@pytest.mark.parametrize("margin", [0, 2])
def test_scales_of_eight_bits_are_keras_s(amax, margin):
    given = torch.tensor(amax), torch.tensor(0.5), torch.tensor(448.0), margin
    assert_same(quantizers.compute_float8_scale(*given), keras.quantizers.compute_float8_scale(*given))


@pytest.mark.parametrize("dtype", FLOATS)
def test_histories_of_largest_values_are_keras_s(dtype):
    x, history = tensors(2, 3, dtype=dtype), torch.tensor([1.0, 2.0, 3.0])
    ours = quantizers.compute_float8_amax_history(x, history)
    assert_same(ours, keras.quantizers.compute_float8_amax_history(x, history))


@pytest.mark.parametrize("small", ["float8_e4m3fn", "float8_e5m2"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_the_way_through_eight_bits_is_keras_s(small, dtype):
    x, scale = tensors(4, 5, dtype=dtype) * 300, torch.tensor(0.7)
    ours = quantizers.quantize_and_dequantize(x, scale, small, dtype)
    assert_same(ours, keras.quantizers.quantize_and_dequantize(x, scale, small, dtype))


NAMES = ("symmetric", "per_channel", "signed")
OPTIONS = [dict(zip(NAMES, values, strict=True)) for values in itertools.product([False, True], repeat=3)]


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("group", [-1, 2, 3])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_scales_and_zero_points_are_keras_s(options, group, bits):
    x = tensors(3, 7)
    ours = quantization_parameters(x, bits, group_size=group, **options)
    theirs = keras.src.quantizers.compute_quantization_parameters(x, bits=bits, group_size=group, **options)
    assert_same(ours, theirs)


@pytest.mark.parametrize("axis", [0, -1])
def test_integers_in_groups_stand_for_keras_s_numbers(axis):
    values = torch.randint(-8, 7, (6, 6), dtype=torch.int8, generator=torch.Generator().manual_seed(0))
    scale, groups = tensors(*((2, 6) if axis == 0 else (6, 2))), torch.tensor([0.0, 0, 0, 1, 1, 1])
    zero = (scale * 3).to(torch.int8)
    ours = dequantized(values, scale, zero, groups, axis)
    assert_same(
        ours, keras.src.quantizers.dequantize_with_sz_map(values, scale, zero, groups, group_axis=axis)
    )


def test_symbolic_tensors_pass():
    x = KerasTensor((None, 4))
    values, scale = quantizers.abs_max_quantize(x, axis=-1)
    assert (values.shape, values.dtype, scale.shape) == ((None, 4), "int8", (None, 1))
    assert quantizers.fake_quant_with_min_max_vars(x, -1.0, 1.0).shape == (None, 4)
    assert quantizers.quantize_and_dequantize(x, 1.0, "float8_e4m3fn", "float32").shape == (None, 4)


def quantized(**kwargs):
    return quantizers.abs_max_quantize(torch.ones(2), **kwargs)


def grouped(rows):
    return quantizers.abs_max_quantize_grouped_with_zero_point(rows, 2)


FLOAT = torch.ones(2)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: quantizers.pack_int4(FLOAT), ArgumentTypeError, "int8 tensor for packing, got float32"),
        (lambda: quantizers.pack_int4(FLOAT, 0, "int16"), InvalidArgumentError, "'uint8', but got 'int16'"),
        (lambda: quantizers.unpack_int4(FLOAT, 2), ArgumentTypeError, "uint8 tensor for unpacking"),
        (lambda: quantizers.unpack_int4(FLOAT, 2, 0, "int4"), InvalidArgumentError, "but got 'int4'"),
        (lambda: quantized(axis=3), InvalidArgumentError, "`keras.quantizers.abs_max_quantize` failed"),
        (lambda: grouped(FLOAT), ShapeError, "Expected a matrix"),
        (lambda: quantization_parameters(torch.ones(2, 0), 4), ShapeError, "cannot be empty"),
    ],
    ids=["pack", "pack type", "unpack", "unpack type", "axis", "matrix", "empty"],
)
def test_wrong_arguments_say_so(call, error, text):
    with pytest.raises(error, match=text):
        call()
