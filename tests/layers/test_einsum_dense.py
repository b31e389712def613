"""EinsumDense: equations, the kernels they run on, errors."""

from __future__ import annotations

import keras
import pytest
import torch
from torch.profiler import profile

from kerastorch.errors import InvalidArgumentError, ShapeError, UnknownArgumentError
from kerastorch.layers.core.einsum_dense import EinsumDense
from kerastorch.layers.core.input_layer import Input

X = (2, 5, 8)


def operations(layer, x):
    layer(x)
    with profile() as record:
        layer(x)
    return {event.name for event in record.events()}


@pytest.mark.parametrize(
    ("equation", "output_shape", "shape"),
    [
        ("ab,bc->ac", 4, (2, 8)),
        ("abc,cd->abd", (None, 4), X),
        ("abc,dc->abd", (None, 4), X),
        ("abc,cde->abde", (None, 4, 3), X),
        ("abcd,cde->abe", (None, 4), (2, 5, 3, 4)),
        ("...x,xy->...y", 4, (2, 3, 5, 8)),
    ],
)
@pytest.mark.parametrize("biased", [True, False])
def test_products_of_matrices_run_as_one(equation, output_shape, shape, biased):
    made = "".join(
        c for c in equation.split(">")[1] if c.isalpha() and c in equation.split("-")[0].split(",")[1]
    )
    layer = EinsumDense(equation, output_shape, bias_axes=made if biased else None)
    found = operations(layer, torch.randn(shape))
    assert ("aten::addmm" if biased else "aten::mm") in found
    assert not found & {"aten::einsum", "aten::bmm", "aten::add"}


@pytest.mark.parametrize(
    ("equation", "output_shape", "shape"),
    [
        ("abc,bd->adc", (4, 8), X),
        ("ab...,bc->ac...", 4, X),
        ("aab,bc->ac", 3, (4, 4, 5)),
        ("ab,bc->ca", 2, (2, 4)),
    ],
)
def test_other_equations_are_torchs_einsum(equation, output_shape, shape):
    layer = EinsumDense(equation, output_shape)
    assert layer._parsed.summed == 0


@pytest.mark.parametrize("name", ["glorot_uniform", "he_normal", "lecun_uniform"])
def test_fans_count_the_axes_that_are_summed(name):
    layer = EinsumDense("abcd,cde->abe", (None, 50), kernel_initializer=name)
    layer.build((None, 5, 40, 30))
    wanted = getattr(keras.initializers, "".join(p.title() for p in name.split("_")))(
        input_axes=(0, 1), output_axes=(2,)
    )((40, 30, 50))
    assert abs(layer.kernel.std() / wanted.std() - 1) < 0.02


def test_ellipsis_keeps_the_order_of_the_axes():  # Keras says (None, 5, 6, 4)
    layer = EinsumDense("...x,xy->...y", 4)
    assert layer.compute_output_shape((None, 6, 5, 3)) == (None, 6, 5, 4)
    assert layer(Input((6, 5, 3))).shape == (None, 6, 5, 4)


def test_symbolic_output_has_the_sizes_of_the_input():  # Keras leaves the second axis open
    assert EinsumDense("abc,cd->abd", (None, 4))(Input((5, 8))).shape == (None, 5, 4)


def test_activity_regularizer_of_keras_2():
    layer = EinsumDense("ab,bc->ac", 4, activity_regularizer="l2", kernel_initializer="ones")
    layer(torch.ones(2, 3))
    assert float(layer.losses[0]) == pytest.approx(0.01 * 4 * 9)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("ab->ac", 4), InvalidArgumentError, "Invalid einsum equation 'ab->ac'"),
        (("ab,bc->ac...", 4), InvalidArgumentError, "Invalid einsum equation"),
        ((None, 4), InvalidArgumentError, "Invalid einsum equation None"),
        (("ab,bc->ad", 4), InvalidArgumentError, "Dimension 'd' was specified in the output 'ad'"),
        (("ab,bcz->ac", 4), InvalidArgumentError, "Weight dimension 'z' did not have a match"),
        (("ab,bc->ac", 4, None, "z"), InvalidArgumentError, "Bias dimension 'z' was requested"),
        (("ab,bc->ac", 0), InvalidArgumentError, "`output_shape` must be a positive integer.*output_shape=0"),
        (("ab,bc->ac", None), InvalidArgumentError, "`output_shape` must be a positive integer"),
        (("ab,bc->ac", "4"), InvalidArgumentError, "Received: output_shape='4'"),
    ],
)
def test_arguments_are_checked(arguments, error, message):
    with pytest.raises(error, match=message):
        EinsumDense(*arguments)


@pytest.mark.parametrize(
    ("equation", "output_shape", "shape", "message"),
    [
        ("abc,cd->abd", (None, 4), (2, 8), "takes inputs with 3 dimensions.*input_shape=.2, 8."),
        ("ab...,bc->ac...", 4, (2,), "takes inputs with at least 2 dimensions"),
        ("abc,cd->abd", 4, X, "`output_shape` must have 2 dimensions"),
        (
            "abc,cd->abd",
            (6, 4),
            X,
            "do not match at shared dimension 'b'.*Input shape is 5, and output shape is 6",
        ),
        ("abc,cd->abd", (None, 4), (2, 5, None), "must be known"),
        ("abc,cd->abd", (None, None), X, "must be known.*kernel of shape .8, None."),
    ],
)
def test_shapes_are_checked(equation, output_shape, shape, message):
    with pytest.raises(ShapeError, match=message):
        EinsumDense(equation, output_shape).build(shape)


def test_another_rank_than_at_first_is_an_error():
    layer = EinsumDense("...x,xy->...y", 4, name="dense")
    layer(torch.ones(2, 3))
    with pytest.raises(ShapeError, match="dense"):
        layer(torch.ones(2, 5, 3))


def test_adaptation_is_refused():
    with pytest.raises(InvalidArgumentError, match="`lora_rank` must be None"):
        EinsumDense("ab,bc->ac", 4, lora_rank=2)
    with pytest.raises(UnknownArgumentError, match="use_bias"):
        EinsumDense("ab,bc->ac", 4, use_bias=True)
