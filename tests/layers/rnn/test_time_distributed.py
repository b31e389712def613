"""TimeDistributed: layers and models at every step, masks, shapes; masks through stacks of recurrent layers."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from tests.layers.rnn.twins import numbers

IDS = np.array([[[1, 2, 0], [3, 0, 0], [0, 0, 0]], [[4, 1, 2], [0, 0, 0], [0, 0, 0]]])


@pytest.mark.parametrize(
    ("name", "kwargs", "shape"),
    [
        ("Dense", {"units": 4}, (2, 5, 3)),
        ("Dense", {"units": 4}, (2, 5, 6, 3)),
        ("Conv2D", {"filters": 4, "kernel_size": 2}, (2, 3, 6, 5, 3)),
        ("Flatten", {}, (2, 3, 4, 2)),
        ("LSTM", {"units": 4}, (2, 3, 4, 2)),
    ],
)
def test_every_step_is_keras_s(name, kwargs, shape):
    x = numbers(*shape)
    ours = layers.TimeDistributed(getattr(layers, name)(**kwargs))
    theirs = keras.layers.TimeDistributed(getattr(keras.layers, name)(**kwargs))
    ours(x)
    theirs(x)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(x).detach(), theirs(x).detach(), atol=1e-5)
    open_shape = (None, None, *shape[2:])
    assert ours.compute_output_shape(open_shape) == tuple(theirs.compute_output_shape(open_shape))
    assert ours(kerastorch.Input(shape=(None, *shape[2:]))).shape == ours.compute_output_shape(open_shape)


def test_a_model_runs_at_every_step():
    model = kerastorch.Sequential([kerastorch.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3)])
    x = numbers(2, 5, 4, 4, 1)
    outputs = layers.TimeDistributed(model)(x)
    assert torch.allclose(outputs[:, 2], model(torch.tensor(x[:, 2])), atol=1e-6)


def test_several_inputs_and_outputs_are_kept_apart():
    left, right = kerastorch.Input((3,)), kerastorch.Input((2,))
    model = kerastorch.Model([left, right], [layers.Dense(4)(left), layers.Dense(5)(right)])
    first, second = layers.TimeDistributed(model)([torch.ones(2, 6, 3), torch.ones(2, 6, 2)])
    assert (first.shape, second.shape) == ((2, 6, 4), (2, 6, 5))


def test_masks_of_words_and_of_sentences_reach_their_layers():
    words = layers.Embedding(5, 3, mask_zero=True)
    sentences = layers.TimeDistributed(layers.GRU(4))
    vectors = sentences(words(IDS))
    assert vectors._keras_mask.tolist() == [[True, True, False], [True, False, False]]
    alone = sentences.layer(words.embeddings[torch.tensor(IDS[0, :1, :2])])
    assert torch.allclose(vectors[0, 0], alone[0], atol=1e-6)


def test_the_mask_of_steps_is_passed_on():
    embedded = layers.Embedding(5, 3, mask_zero=True)(IDS[0])
    outputs = layers.TimeDistributed(layers.Dense(4))(embedded)
    assert torch.equal(outputs._keras_mask, embedded._keras_mask)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: layers.LSTM(4, return_sequences=True), True),
        (lambda: layers.LSTM(4), False),
        (lambda: layers.Bidirectional(layers.GRU(4, return_sequences=True)), True),
        (lambda: layers.Bidirectional(layers.GRU(4)), False),
    ],
    ids=["sequences", "last", "both directions", "both directions, last"],
)
def test_a_mask_leaves_with_the_outputs_of_all_steps(make, expected):
    layer = make()
    symbolic = layer(layers.Embedding(5, 3, mask_zero=True)(kerastorch.Input((3,))))
    real = layer(layers.Embedding(5, 3, mask_zero=True)(IDS[0]))
    assert (getattr(symbolic, "_keras_mask", None) is not None) == expected
    assert (getattr(real, "_keras_mask", None) is not None) == expected


def test_states_carry_no_mask():
    embedded = layers.Embedding(5, 3, mask_zero=True)(IDS[0])
    outputs, state = layers.GRU(4, return_sequences=True, return_state=True)(embedded)
    assert hasattr(outputs, "_keras_mask")
    assert not hasattr(state, "_keras_mask")


@pytest.mark.parametrize("extra", [{}, {"recurrent_activation": "hard_sigmoid"}], ids=["fused", "loop"])
def test_padding_changes_nothing(extra):
    layer = layers.LSTM(4, return_state=True, **extra)
    x = torch.tensor(numbers(1, 3, 2))
    padded = torch.cat((torch.full((1, 2, 2), 7.0), x, torch.full((1, 2, 2), 7.0)), 1)
    mask = torch.tensor([[False] * 2 + [True] * 3 + [False] * 2])
    for a, b in zip(layer(padded, mask=mask), layer(x), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_weights_of_both_directions_are_set_at_once():
    source = layers.Bidirectional(layers.GRU(4))
    x = torch.tensor(numbers(2, 5, 3))
    expected = source(x)
    copy = layers.Bidirectional(layers.GRU(4), weights=source.get_weights())
    assert torch.equal(copy(x), expected)


def test_a_used_layer_lends_its_arguments_but_not_its_weights():
    layer = layers.LSTM(4, name="memory")
    x = torch.tensor(numbers(2, 5, 3))
    layer(x)
    both = layers.Bidirectional(layer)
    both(x)
    names = [both.forward_layer.name, both.backward_layer.name]
    assert names == ["forward_memory", "backward_memory"]
    assert not torch.equal(both.forward_layer.cell.kernel, layer.cell.kernel)
    assert (
        both.weights[0].path == "bidirectional/forward_memory/lstm_cell/kernel"
        or both.name != "bidirectional"
    )


def test_every_step_drops_something_else():
    outputs = layers.TimeDistributed(layers.Dropout(0.5, seed=1))(torch.ones(1, 50, 4), training=True)
    assert len({tuple(step) for step in outputs[0].tolist()}) > 5


def test_a_normalization_sees_one_step_after_the_other_in_training_as_in_keras():
    x = numbers(4, 3, 5)
    ours, theirs = (
        module.TimeDistributed(module.BatchNormalization(momentum=0.5)) for module in (layers, keras.layers)
    )
    for _ in range(2):
        np.testing.assert_allclose(
            ours(x, training=True).detach(), theirs(x, training=True).detach(), rtol=1e-5, atol=1e-5
        )
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
