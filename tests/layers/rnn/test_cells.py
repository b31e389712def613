"""Cells of one's own: those of Keras 2, those derived from torch's, and stacks; weights of Keras 2's cuDNN layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import layers
from kerastorch.errors import MissingMethodError
from tests.layers.rnn.twins import GAPS, LEFT, RIGHT, numbers

X = torch.tensor(numbers(5, 6, 3))


class MeanCell(layers.AbstractRNNCell):
    state_size = output_size = 3

    def call(self, inputs, states):
        output = (inputs + states[0]) / 2
        return output, output


class OldCell(MeanCell):
    def get_initial_state(self, inputs, batch_size, dtype):
        return torch.ones((batch_size, 3), dtype=dtype)


class PairCell(layers.Layer):
    state_size = ([3, 3], 3)
    output_size = 3

    def call(self, inputs, states):
        (first, second), third = states
        return inputs + third, ([inputs, first], second)


class DoublingCell(layers.LSTMCell):
    def step(self, projected, states, training=False):
        output, states = super().step(projected, states, training)
        return 2 * output, states


class StartingCell(layers.GRUCell):
    def get_initial_state(self, batch_size=None):
        return [torch.ones(batch_size, self.units)]


@pytest.mark.parametrize(("cell", "first"), [(MeanCell, 0.0), (OldCell, 1.0)])
def test_cells_of_keras_2_run(cell, first):
    expected = torch.full((5, 3), first)
    for t in range(6):
        expected = (X[:, t] + expected) / 2
    assert torch.allclose(layers.RNN(cell())(X), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["state_size", "output_size"])
def test_an_abstract_cell_says_which_size_it_lacks(name):
    with pytest.raises(MissingMethodError, match=f"Define the property `{name}` in AbstractRNNCell"):
        getattr(layers.AbstractRNNCell(), name)


def test_an_abstract_cell_has_no_step():
    with pytest.raises(MissingMethodError, match=r"Define `call\(self, inputs, states\)` in AbstractRNNCell"):
        layers.AbstractRNNCell()(X, [X])


def test_abstract_cells_take_their_first_states_from_a_batch_of_inputs():
    assert MeanCell().get_initial_state(inputs=X[:, 0].double()).dtype is torch.float64
    assert MeanCell().get_initial_state(batch_size=2, dtype="float16").dtype is torch.float16


def test_states_may_be_nested():
    outputs, pair, third = layers.RNN(PairCell(), return_sequences=True, return_state=True)(X)
    assert torch.allclose(outputs[:, 5], X[:, 5] + X[:, 2])
    assert torch.equal(pair[0], X[:, 5])
    assert torch.equal(third, X[:, 3])


def test_a_cell_that_changes_the_step_runs_in_the_loop():
    layer = layers.RNN(DoublingCell(4))
    plain = layers.LSTM(4)
    layer(X)
    plain(X)
    plain.set_weights(layer.get_weights())
    assert layer.kernel_in_use == "loop: DoublingCell has a step of its own"
    assert torch.allclose(layer(X), 2 * plain(X), atol=1e-6)


def test_first_states_of_a_derived_cell_reach_the_kernel():
    layer, plain = layers.RNN(StartingCell(4)), layers.GRU(4)
    layer(X)
    plain(X)
    plain.set_weights(layer.get_weights())
    assert layer.kernel_in_use == "fused"
    assert torch.allclose(layer(X), plain(X, initial_state=torch.ones(5, 4)), atol=1e-6)


@pytest.mark.parametrize("mask", [None, RIGHT, LEFT, GAPS], ids=["none", "right", "left", "gaps"])
def test_a_stack_on_kernels_is_the_stack_in_a_loop(mask):
    cells = [layers.LSTMCell(4, dropout=0.3, seed=1), layers.GRUCell(3), layers.SimpleRNNCell(2)]
    options = {"return_sequences": True, "return_state": True}
    fused, loop = layers.RNN(cells, **options), layers.RNN(cells, unroll=True, **options)
    states = [[torch.ones(5, 4), torch.zeros(5, 4)], torch.ones(5, 3), torch.ones(5, 2)]
    call = {"initial_state": states, "mask": None if mask is None else torch.tensor(mask, dtype=torch.bool)}
    assert (fused.kernel_in_use, loop.kernel_in_use) == ("fused", "loop: unroll=True")
    for a, b in zip(flat(fused(X, **call)), flat(loop(X, **call)), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def flat(outputs):
    return [x for part in outputs for x in (part if isinstance(part, list) else [part])]


def test_weights_of_keras_2_s_cudnn_layers_fit():
    rng = np.random.default_rng(0)
    kernel, recurrent, bias = (rng.normal(size=s).astype("float32") for s in ((3, 16), (4, 16), (32,)))
    layer = layers.CuDNNLSTM(4)
    layer.build((None, 6, 3))
    layer.set_weights([kernel, recurrent, bias])
    found = layer.get_weights()
    np.testing.assert_array_equal(found[0][:, :4], kernel[:, :4].reshape(4, 3).T)
    np.testing.assert_array_equal(found[1][:, 4:8], recurrent[:, 4:8].T)
    np.testing.assert_array_equal(found[2], bias[:16] + bias[16:])


def test_a_gru_keeps_both_biases_of_keras_2_s_cudnn_layer():
    layer = layers.CuDNNGRU(4)
    layer.build((None, 6, 3))
    bias = np.arange(24, dtype="float32")
    layer.set_weights([np.ones((3, 12)), np.ones((4, 12)), bias])
    np.testing.assert_array_equal(layer.get_weights()[2], bias.reshape(2, 12))
