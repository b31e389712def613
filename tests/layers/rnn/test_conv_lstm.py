"""ConvLSTM: states, masks, dropout and errors; the catalogue compares its outputs with Keras's."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import InvalidArgumentError, ShapeError
from tests.layers.rnn.twins import numbers

X = torch.tensor(numbers(2, 4, 5, 6, 3))
MASK = torch.tensor([[True, False, True, True], [False, False, False, False]])


def twins(**kwargs):
    ours, theirs = (module.layers.ConvLSTM2D(2, 3, **kwargs) for module in (kerastorch, keras))
    ours(X)
    theirs(X)
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def agree(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.detach(), b.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("zero", [False, True], ids=["kept", "zero"])
def test_masked_steps_are_keras_s(zero):
    ours, theirs = twins(return_sequences=True, return_state=True, zero_output_for_mask=zero)
    agree(ours(X, mask=MASK), theirs(X, mask=MASK))


def test_first_states_are_keras_s():
    ours, theirs = twins(return_state=True, padding="same")
    states = [torch.tensor(numbers(2, 5, 6, 2, seed=seed)) for seed in (1, 2)]
    agree(ours(X, initial_state=states), theirs(X, initial_state=states))


def test_a_stateful_layer_goes_on_where_it_stopped():
    stateful = layers.ConvLSTM2D(2, 3, stateful=True)
    plain = layers.ConvLSTM2D(2, 3)
    stateful(X[:, :2])
    whole = stateful(X[:, 2:])
    plain(X)
    plain.set_weights(stateful.get_weights())
    assert torch.allclose(whole, plain(X), atol=1e-6)


@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout"])
def test_what_is_dropped_is_the_same_at_each_step(name):
    layer = layers.ConvLSTM1D(2, 1, seed=1, return_sequences=True, **{name: 0.5})
    x = torch.ones(1, 40, 3, 4)
    outputs = layer(x, training=True)
    assert torch.allclose(outputs[:, -1], outputs[:, -2], atol=1e-2)
    assert not torch.allclose(outputs[:, -1], layer(x)[:, -1], atol=1e-2)


def test_both_directions_run():
    layer = layers.Bidirectional(layers.ConvLSTM2D(2, 3, padding="same", return_sequences=True))
    assert layer(X).shape == layer.compute_output_shape(X.shape) == (2, 4, 5, 6, 4)


def test_it_runs_the_loop_and_says_so():
    assert layers.ConvLSTM1D(2, 3).kernel_in_use == "loop: torch has no kernel for convolutional LSTMs"


ERRORS = {
    "rank": (lambda: layers.ConvLSTM2D(2, 3)(X[0]), ShapeError, r"expected ndim=5, found ndim=4"),
    "open axis": (
        lambda: layers.ConvLSTM1D(2, 3)(kerastorch.Input((4, None, 3))),
        ShapeError,
        r"size of all spatial axes",
    ),
    "filters": (lambda: layers.ConvLSTM1D(0, 3), InvalidArgumentError, r"a positive integer, got 0"),
    "window": (lambda: layers.ConvLSTM2D(2, (3, 3, 3)), InvalidArgumentError, r"`kernel_size`.*2 integers"),
    "padding": (lambda: layers.ConvLSTM1D(2, 3, padding="causal"), InvalidArgumentError, r"padding='causal'"),
    "strides": (
        lambda: layers.ConvLSTM2D(2, 3, strides=2, dilation_rate=2),
        InvalidArgumentError,
        r"`strides > 1` not supported",
    ),
    "state": (
        lambda: layers.ConvLSTM2D(2, 3)(X, initial_state=[torch.ones(2, 2), torch.ones(2, 2)]),
        ShapeError,
        r"must have the shape \(2, 3, 4, 2\).*\(2, 2\)",
    ),
    "small": (lambda: layers.ConvLSTM1D(2, 9)(torch.ones(2, 4, 5, 3)), ShapeError, r"zero or negative"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    make, error, message = ERRORS[case]
    with pytest.raises(error, match=f"(?s){message}"):
        make()
