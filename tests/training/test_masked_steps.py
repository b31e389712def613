"""Time steps that are masked out change neither loss, metric, weights nor state."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch
from kerastorch import Input, Sequential, layers

SAMPLES, STEPS, FEATURES = 12, 5, 3
RNG = np.random.default_rng(0)
X = RNG.normal(size=(SAMPLES, STEPS, FEATURES)).astype("float32")
X[:4, 3:] = 0.0
Y = RNG.normal(size=(SAMPLES, STEPS, 1)).astype("float32")


def padded(array, value):
    """The same with three steps more at the end."""
    return np.concatenate([array, np.full_like(array[:, :3], value)], axis=1)


def attention():
    inputs = Input((None, 4))
    outputs = layers.MultiHeadAttention(2, 4)(inputs, inputs)
    return kerastorch.Model(inputs, layers.Add()([inputs, outputs]))


MIDDLES = {
    "LSTM": lambda: layers.LSTM(4, return_sequences=True),
    "GRU": lambda: layers.GRU(4, return_sequences=True),
    "GRU of Keras 1": lambda: layers.GRU(4, return_sequences=True, reset_after=False),
    "SimpleRNN": lambda: layers.SimpleRNN(4, return_sequences=True),
    "Bidirectional": lambda: layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
    "backwards": lambda: layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="ave"),
    "TimeDistributed": lambda: layers.TimeDistributed(layers.Dense(4)),
    "BatchNormalization": lambda: layers.BatchNormalization(momentum=0.5),
    "LayerNormalization": lambda: layers.LayerNormalization(),
    "Dense": lambda: layers.Dense(4, activation="relu"),
    "MultiHeadAttention": lambda: attention(),
    "RNN": lambda: layers.RNN(layers.LSTMCell(4, recurrent_activation="hard_sigmoid"), return_sequences=True),
}


def trained(middle, x, y):
    kerastorch.utils.set_random_seed(3)
    model = Sequential(
        [Input((None, FEATURES)), layers.Masking(), layers.Dense(4), middle(), layers.Dense(1)]
    )
    model.compile("adam", "mse", weighted_metrics=["mae", "mse"])
    history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0).history
    return model, history


@pytest.mark.parametrize("name", MIDDLES)
def test_steps_of_padding_do_not_count(name):
    short, long = trained(MIDDLES[name], X, Y), trained(MIDDLES[name], padded(X, 0.0), padded(Y, 99.0))
    assert short[1].keys() == long[1].keys()
    for key in short[1]:
        np.testing.assert_allclose(short[1][key], long[1][key], rtol=1e-4, err_msg=key)
    for a, b in zip(short[0].get_weights(), long[0].get_weights(), strict=True):
        np.testing.assert_allclose(
            a, b, rtol=1e-3, atol=5e-4
        )  # a bias before a normalization only follows rounding


@pytest.mark.parametrize("name", MIDDLES)
def test_targets_of_masked_steps_do_not_count(name):
    changed = Y.copy()
    changed[:4, 3:] = 77.0
    first, second = trained(MIDDLES[name], X, Y), trained(MIDDLES[name], X, changed)
    assert first[1] == second[1]
