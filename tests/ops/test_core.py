"""Conversions, loops and choices: what rows of calls cannot say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import KerasTensor, ops
from kerastorch.errors import InvalidArgumentError, ShapeError


def twice(x):
    return x * 2


def test_conversion_to_numpy_copies_and_takes_any_tensor():
    x = torch.ones(2, requires_grad=True)
    found = ops.convert_to_numpy(x)
    found[0] = 5
    assert x[0] == 1
    assert ops.convert_to_numpy(torch.ones(1, dtype=torch.bfloat16)).dtype == np.float32
    assert ops.convert_to_numpy([x, x]).shape == (2, 2)
    with pytest.raises(ValueError, match="symbolic"):
        ops.convert_to_numpy(KerasTensor((2,)))


def test_what_is_a_tensor_and_what_is_known_of_it():
    assert [ops.is_tensor(x) for x in (torch.ones(1), np.ones(1), 1, KerasTensor((1,)))] == [
        True,
        False,
        False,
        False,
    ]
    assert ops.shape(KerasTensor((None, 3))) == (None, 3)
    assert [ops.dtype(x) for x in (KerasTensor((1,), "int8"), np.ones(1), 1.5)] == [
        "int8",
        "float64",
        "float32",
    ]


@pytest.mark.parametrize("given", [{"sparse": True}, {"ragged": True}], ids=["sparse", "ragged"])
def test_only_dense_tensors_are_made(given):
    with pytest.raises(InvalidArgumentError, match="Only dense tensors"):
        ops.convert_to_tensor([1.0], **given)


def test_a_gradient_of_ones_own():
    @ops.custom_gradient
    def in_the_form_of_torch(x, y):
        return x * y, lambda *args, upstream: (upstream * args[1] * 10, upstream)

    @ops.custom_gradient
    def in_the_form_of_tensorflow(x, y):
        return x * y, lambda upstream: (upstream * y * 10, upstream)

    for function in (in_the_form_of_torch, in_the_form_of_tensorflow):
        x, y = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
        assert function(x, y) == 6
        assert torch.autograd.grad(function(x, y), (x, y)) == (30, 1)


def test_a_gradient_of_ones_own_with_structures_and_settings():
    @ops.custom_gradient
    def scaled(pair, factor, power=1):
        results = {"a": pair[0] * factor, "b": pair[1] ** power}
        return results, lambda a, b: ([a * 7, b * 5], None)

    x = torch.tensor(2.0, requires_grad=True)
    found = scaled([x, x], 3, power=2)
    assert found == {"a": 6, "b": 4}
    assert torch.autograd.grad(found["a"] + found["b"], x) == (12,)


def test_a_gradient_is_owed_for_each_tensor():
    x = torch.tensor(2.0, requires_grad=True)
    with pytest.raises(ValueError, match="1 gradients for 2 tensors"):
        ops.custom_gradient(lambda a, b: (a * b, lambda upstream: upstream))(x, x).backward()
    with pytest.raises(TypeError, match=r"returns `\(result, gradient function\)`"):
        ops.custom_gradient(twice)(x)


def test_loops_and_choices_are_steps_of_a_model():
    x = keras.Input((3,))
    y = ops.map(twice, x)
    y = ops.vectorized_map(lambda row: row + 1, y)
    y = ops.fori_loop(0, 2, lambda i, v: v * 2 + i, y)
    _, y = ops.scan(lambda total, row: (total + row, total + row), torch.zeros(3), y)
    y = ops.while_loop(lambda v: ops.sum(v) < 1000.0, twice, y)
    y = ops.switch(ops.cast(ops.sum(y), "int32"), [twice, lambda v: -v], y)
    model = keras.Model(x, y)
    assert model.output_shape == (None, 3)
    assert model(torch.ones(2, 3)).tolist() == [[-208.0] * 3, [-416.0] * 3]


def test_a_choice_between_functions_of_symbolic_tensors_is_made_when_the_model_runs():
    x = keras.Input((2,))
    model = keras.Model(x, ops.cond(ops.sum(x) > 0, lambda: x + 1, lambda: x - 1))
    assert model(torch.ones(1, 2)).tolist() == [[2, 2]]
    assert model(-torch.ones(1, 2)).tolist() == [[-2, -2]]


def test_both_sides_of_a_symbolic_choice_are_of_one_kind():
    with pytest.raises(ValueError, match="should return outputs of the same kind"):
        ops.cond(KerasTensor((), "bool"), lambda: torch.ones(2), lambda: torch.ones(3))
    with pytest.raises(ValueError, match="should return outputs of the same kind"):
        ops.switch(KerasTensor((), "int32"), [lambda: torch.ones(2), lambda: (torch.ones(2),)])


def test_a_saved_model_may_map_a_registered_function(tmp_path):
    keras.saving.register_keras_serializable("test_core")(twice)
    x = keras.Input((3,))
    model = keras.Model(x, ops.vectorized_map(twice, x))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again(torch.ones(1, 3)).tolist() == [[2, 2, 2]]


def test_loops_over_nothing_know_the_shape_of_what_they_would_give():
    assert ops.map(twice, torch.ones(0, 2)).shape == (0, 2)
    total, rows = ops.scan(lambda c, x: (c + x, x.sum()), torch.ones(2), torch.ones(0, 2))
    assert total.tolist() == [1, 1]
    assert rows.shape == (0,)


def test_shapes_that_depend_on_values_are_unknown():
    assert ops.segment_sum(KerasTensor((10, 4)), KerasTensor((10,), "int32")).shape == (None, 4)
    assert ops.segment_max(KerasTensor((None, 4)), KerasTensor((10,), "int32"), 5).shape == (5, 4)
    start = KerasTensor((2,), "int32")
    assert ops.slice(KerasTensor((3, 4)), start, (-1, 2)).shape == (None, 2)
    assert [x.shape for x in ops.unstack(KerasTensor((None, 4)), 3)] == [(4,)] * 3


def test_torch_compile_takes_loops_and_choices_whole():
    def compute(x):
        y = ops.cond(x.sum() > 0, lambda: x + 1, lambda: x - 1)
        y = ops.fori_loop(0, 2, lambda i, v: v * 1.5 + i, y)
        _, y = ops.scan(lambda c, row: (c + row, c * row), y[0], y)
        y = ops.associative_scan(torch.add, y)
        y = ops.slice_update(y, (1, 0), ops.slice(y, (0, 0), (1, 3)))
        return ops.rearrange(ops.saturate_cast(y, "int8"), "a b -> (b a)"), ops.segment_sum(y, ids, 2)

    ids = torch.tensor([0, 0, 1, 1])
    x = torch.linspace(-1, 2, 12).reshape(4, 3)
    for given in (x, -x):
        found = torch.compile(compute, fullgraph=True, backend="eager")(given)
        for mine, plain in zip(found, compute(given), strict=True):
            torch.testing.assert_close(mine, plain)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.slice(torch.ones(2, 3), (0,), (1, 1)), "`start_indices` must match"),
        (lambda: ops.slice(torch.ones(2, 3), (0, 0), (1,)), "must match the number of dimensions in `shape`"),
        (lambda: ops.unstack(torch.ones(2, 3), 3), "has not 3 slices along axis 0"),
        (lambda: ops.unstack(torch.ones(2, 3), axis=2), "axis 2 is out of bounds"),
        (lambda: ops.unstack(KerasTensor((None, 3))), "Cannot infer argument `num`"),
        (lambda: ops.map(twice, [torch.ones(2), torch.ones(3)]), "equally many rows"),
        (lambda: ops.associative_scan(torch.add, [torch.ones(2), torch.ones(3)]), "the same first dimension"),
        (lambda: ops.rearrange(torch.ones(2, 3), "a b c -> c b a"), "has 3 axes"),
        (lambda: ops.rearrange(torch.ones(5), "(a b) -> a b", a=2), "cannot split an axis of size 5"),
        (lambda: ops.segment_sum(torch.ones(3), [[0], [1]]), "should be an 1-D vector"),
        (lambda: ops.segment_sum(torch.ones(3), [0, 1]), "should have same leading dimension"),
        (lambda: ops.cdist(torch.ones(2, 3), torch.ones(2, 4)), "last axes are equally long"),
        (lambda: ops.view_as_complex(torch.ones(3)), "Last dimension of input must be size 2"),
        (lambda: ops.fft((torch.ones(2), torch.ones(3))), "real and imaginary - of the same shape"),
        (
            lambda: ops.stft(torch.ones(8), 4, 2, 4, window=torch.ones(3)),
            "The shape of `window` must be equal",
        ),
        (lambda: ops.lstsq(torch.ones(3, 2), torch.ones(2)), "equally many rows"),
    ],
)
def test_wrong_shapes_are_named(call, text):
    with pytest.raises(ShapeError, match=text):
        call()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.scatter_update([0], [[0]], [1], "mean"), "Unknown reduction: 'mean'"),
        (lambda: ops.scan(twice, 0), "Got no `xs`"),
        (lambda: ops.scan(twice, 0, [1], unroll=0), "`unroll` must be"),
        (lambda: ops.scan(3, 0, [1]), "should be a callable"),
        (lambda: ops.associative_scan(3, [1]), "should be a callable"),
        (lambda: ops.cond(True, 1, 2), "takes two functions"),
        (lambda: ops.rearrange([1], "a"), "one arrow"),
        (lambda: ops.rearrange([1], "a? -> a"), "names and groups of names only"),
        (lambda: ops.rearrange(torch.ones(2, 3), "a b c -> a"), "has to stand once on either side"),
        (lambda: ops.fft([1.0]), "a tuple of two tensors"),
        (lambda: ops.fft(([1], [1])), "is not of type float"),
        (lambda: ops.stft(torch.ones(8, dtype=torch.int32), 4, 2, 4), "Expected `float32` or `float64`"),
        (lambda: ops.stft(torch.ones(8), 4, 2, 2), "`fft_length` must equal or larger"),
        (lambda: ops.stft(torch.ones(8), 4, 0, 4), "`sequence_stride` must be a positive integer"),
        (lambda: ops.stft(torch.ones(8), 4, 2, 4, window="kaiser"), "'hann' or 'hamming'"),
        (lambda: ops.qr(torch.ones(2, 2), "raw"), "Expected one of {'reduced', 'complete'}"),
        (lambda: ops.inv(torch.ones(2, 3)), r"keras.ops.*inv` failed.*shape \(2, 3\)"),
        (lambda: ops.cholesky(-torch.eye(2)), "cholesky` failed"),
    ],
)
def test_other_wrong_arguments_are_named(call, text):
    with pytest.raises(InvalidArgumentError, match=text):
        call()
