"""Embedding and masking: agreement with Keras, masks, first weights, Keras 2's arguments."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.core.embedding import Embedding
from kerastorch.layers.core.input_layer import Input
from kerastorch.layers.core.masking import Masking
from tests.layers.agreement import agree, numbers

IDS = np.array([[1, 2, 0], [3, 0, 0]])


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "uint8"])
@pytest.mark.parametrize("kwargs", [{}, {"mask_zero": True}, {"embeddings_constraint": "non_neg"}])
def test_agrees_with_keras(kwargs, dtype):
    kwargs = {"input_dim": 5, "output_dim": 4, **kwargs}
    agree("Embedding", kwargs, IDS.astype(dtype), Embedding)


def test_first_values_are_drawn_as_keras_draws_them():
    layer = Embedding(2000, 4)
    layer.build()
    assert layer.embeddings.abs().max() <= 0.05
    assert layer.embeddings.std().item() == pytest.approx(0.05 / 3**0.5, rel=0.1)


def test_zeros_are_masked_if_asked_for():
    assert Embedding(5, 4, mask_zero=True)(IDS)._keras_mask.tolist() == (IDS != 0).tolist()
    assert not hasattr(Embedding(5, 4)(IDS), "_keras_mask")


def test_the_mask_of_a_symbolic_input_is_symbolic():
    assert Embedding(5, 4, mask_zero=True)(Input((3,), dtype="int32"))._keras_mask.shape == (None, 3)
    assert Embedding(5, 4)(Input((None,), dtype="int32")).shape == (None, None, 4)


@pytest.mark.parametrize("wrap", [lambda w: w, lambda w: [w], torch.tensor])
def test_weights_are_set_at_once(wrap):
    values = numbers(5, 4)
    layer = Embedding(5, 4, weights=wrap(values))
    assert layer.built
    np.testing.assert_array_equal(layer(IDS).detach(), values[IDS])


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match=r"\(5, 4\) is not compatible with provided weight shape \(5, 3\)"):
        Embedding(5, 4, weights=[numbers(5, 3)])


def test_arguments_of_keras_2_are_taken():
    layer = Embedding(5, 4, input_length=3, activity_regularizer="l2")
    assert layer._input_shape_arg == (None, 3)
    layer(IDS)
    assert len(layer.losses) == 1
    with pytest.warns(UserWarning, match=r"accepts \['sparse'\]"):
        Embedding(5, 4, sparse=True)


def test_large_integers_survive_a_half_precision_policy():
    layer = Embedding(4001, 2, dtype="mixed_float16")
    outputs = layer(np.array([[4000.0]], "float32"))
    assert outputs.dtype is torch.float16
    assert torch.equal(outputs[0, 0], layer.embeddings[4000].half())


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"input_dim": 0}, r"`input_dim` must be a positive integer.*input_dim=0 \(of type int\)"),
        ({"output_dim": 1.5}, r"`output_dim` must be a positive integer.*of type float"),
        ({"input_dim": True}, r"`input_dim` must be a positive integer.*of type bool"),
        ({"lora_rank": 2}, r"`lora_rank` must be None"),
    ],
)
def test_wrong_arguments_are_named(kwargs, message):
    with pytest.raises(InvalidArgumentError, match=message):
        Embedding(**{"input_dim": 5, "output_dim": 4, **kwargs})


def test_an_integer_out_of_range_names_the_layer():
    with pytest.raises((IndexError, ValueError), match=r"when calling layer 'words'"):
        Embedding(5, 4, name="words")(np.array([[5]]))


@pytest.mark.parametrize("mask_zero", [False, True])
def test_exports_and_compiles_with_any_batch_size(mask_zero):
    layer = Embedding(5, 4, mask_zero=mask_zero)
    layer.build()
    x = torch.tensor(IDS)
    torch.compiler.reset()
    assert torch.equal(torch.compile(layer, fullgraph=True, backend="eager")(x), layer(x))
    exported = torch.export.export(layer, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    more = torch.randint(0, 5, (7, 3))
    assert torch.equal(exported.module()(more), layer(more))


@pytest.mark.parametrize("value", [0.0, 2.0, -1])
def test_masking_agrees_with_keras(value):
    x = numbers(2, 4, 3)
    x[0, 2:] = value
    x[1, 0, 1] = value
    ours, theirs = agree("Masking", {"mask_value": value}, x, Masking)
    wanted = theirs.compute_mask(torch.tensor(x))
    assert torch.equal(ours.compute_mask(torch.tensor(x)), wanted)
    assert torch.equal(ours(x)._keras_mask, wanted)
    assert keras.backend.backend() == "torch"


def test_masking_works_on_symbolic_inputs():
    outputs = Masking()(Input((None, 3)))
    assert outputs.shape == (None, None, 3)
    assert outputs._keras_mask.shape == (None, None)
