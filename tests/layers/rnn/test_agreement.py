"""SimpleRNN, GRU, LSTM, RNN and Bidirectional give what Keras gives, whatever runs them and whatever the mask."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import layers
from tests.catalog.row import Inner
from tests.layers.rnn.twins import GAPS, MASKS, assert_agree, numbers, twins

KINDS = {
    "LSTM": Inner("LSTM", {"units": 4}),
    "LSTM without bias": Inner("LSTM", {"units": 4, "use_bias": False}),
    "LSTM in a loop": Inner("LSTM", {"units": 4, "use_cudnn": False}),
    "LSTM of relu": Inner("LSTM", {"units": 4, "activation": "relu"}),
    "GRU": Inner("GRU", {"units": 4}),
    "GRU without bias": Inner("GRU", {"units": 4, "use_bias": False}),
    "GRU resetting before": Inner("GRU", {"units": 4, "reset_after": False}),
    "GRU in a loop": Inner("GRU", {"units": 4, "use_cudnn": False}),
    "SimpleRNN": Inner("SimpleRNN", {"units": 4}),
    "SimpleRNN of relu": Inner("SimpleRNN", {"units": 4, "activation": "relu"}),
    "SimpleRNN without activation": Inner("SimpleRNN", {"units": 4, "activation": None}),
    "RNN": Inner("RNN", {"cell": Inner("LSTMCell", {"units": 4})}),
}
RETURNS = {
    "last": {},
    "all": {"return_sequences": True},
    "states": {"return_state": True},
    "everything": {"return_sequences": True, "return_state": True, "go_backwards": True},
    "zeroed": {"return_sequences": True, "return_state": True, "zero_output_for_mask": True},
}


def changed(spec, options):
    return Inner(spec.name, {**spec.kwargs, **options})


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("returned", RETURNS)
@pytest.mark.parametrize("kind", KINDS)
def test_layers_are_keras_s(kind, returned, mask):
    assert_agree(changed(KINDS[kind], RETURNS[returned]), MASKS[mask])


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN", "LSTM in a loop"])
def test_first_states_are_keras_s(kind, mask):
    spec = changed(KINDS[kind], RETURNS["everything"])
    assert_agree(spec, MASKS[mask], states=2 if spec.name == "LSTM" else 1)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("returned", ["last", "all", "states"])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN", "GRU resetting before"])
def test_both_directions_are_keras_s(kind, returned, mask):
    inner = changed(KINDS[kind], RETURNS[returned])
    assert_agree(Inner("Bidirectional", {"layer": inner}), MASKS[mask])


@pytest.mark.parametrize("merge_mode", ["sum", "mul", "ave", "concat", None])
def test_merges_are_keras_s(merge_mode):
    inner = changed(KINDS["LSTM"], {"return_sequences": True, "return_state": True})
    assert_agree(Inner("Bidirectional", {"layer": inner, "merge_mode": merge_mode}), GAPS)
    assert_agree(Inner("Bidirectional", {"layer": inner, "merge_mode": merge_mode}), states=4)


def test_a_backward_layer_of_its_own_is_keras_s():
    forward = changed(KINDS["LSTM"], {"return_sequences": True})
    backward = changed(KINDS["GRU"], {"return_sequences": True, "go_backwards": True})
    assert_agree(Inner("Bidirectional", {"layer": forward, "backward_layer": backward}), GAPS)


@pytest.mark.parametrize("cell", ["LSTMCell", "GRUCell", "SimpleRNNCell"])
def test_cells_alone_are_keras_s(cell):
    ours, theirs = twins(Inner(cell, {"units": 4}), (5, 3))
    x, states = numbers(5, 3), [numbers(5, 4, seed=i) for i in range(2 if cell == "LSTMCell" else 1)]
    mine, wanted = ours(torch.tensor(x), list(map(torch.tensor, states))), theirs(x, states)
    np.testing.assert_allclose(mine[0].detach(), wanted[0].detach(), atol=1e-5)
    for a, b in zip(mine[1], wanted[1], strict=True):
        np.testing.assert_allclose(a.detach(), b.detach(), atol=1e-5)


RUN_BY = {
    "LSTM": (lambda: layers.LSTM(2), "fused"),
    "GRU with dropout": (lambda: layers.GRU(2, dropout=0.5), "fused"),
    "SimpleRNN of relu": (lambda: layers.SimpleRNN(2, "relu"), "fused"),
    "both directions": (lambda: layers.Bidirectional(layers.GRU(2)), "fused"),
    "recurrent dropout": (lambda: layers.LSTM(2, recurrent_dropout=0.5), "loop: recurrent_dropout=0.5"),
    "hard gates": (
        lambda: layers.LSTM(2, recurrent_activation="hard_sigmoid"),
        "loop: activations other than tanh and sigmoid",
    ),
    "reset before": (lambda: layers.GRU(2, reset_after=False), "loop: reset_after=False"),
    "linear": (lambda: layers.SimpleRNN(2, None), "loop: an activation other than tanh and relu"),
    "unroll": (lambda: layers.LSTM(2, unroll=True), "loop: unroll=True"),
    "not cuDNN": (lambda: layers.GRU(2, use_cudnn=False), "loop: use_cudnn=False"),
    "RNN": (lambda: layers.RNN(layers.LSTMCell(2)), "fused"),
    "RNN of a stack": (lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)]), "fused"),
    "RNN of a stack in part": (
        lambda: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3, reset_after=False)]),
        "loop: reset_after=False",
    ),
}


@pytest.mark.parametrize("case", RUN_BY)
def test_a_layer_says_what_runs_it(case):
    make, expected = RUN_BY[case]
    assert make().kernel_in_use == expected


def test_the_slow_path_says_why_once(caplog):
    layer = layers.GRU(2, reset_after=False, name="slow")
    with caplog.at_level("INFO", logger="kerastorch"):
        layer(torch.tensor(numbers(5, 6, 3)))
        layer(torch.tensor(numbers(4, 6, 3)))
        layers.LSTM(2)(torch.tensor(numbers(5, 6, 3)))
    expected = "Layer 'slow' runs step by step and not on torch's fused kernel: reset_after=False."
    assert caplog.messages == [expected]


def test_first_values_are_keras_s_defaults():
    layer = layers.LSTM(8)
    layer.build((None, 5, 3))
    kernel, recurrent, bias = layer.get_weights()
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(8), atol=1e-5)
    assert np.abs(kernel).max() <= (6 / (3 + 32)) ** 0.5
    assert bias.tolist() == [0.0] * 8 + [1.0] * 8 + [0.0] * 16


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_time_first_is_the_transposed(name):
    batch_first = getattr(layers, name)(4, return_sequences=True)
    time_first = getattr(layers, name)(4, return_sequences=True, time_major=True)
    x = torch.tensor(numbers(5, 6, 3))
    expected = batch_first(x)
    time_first.build((6, 5, 3))
    time_first.set_weights(batch_first.get_weights())
    assert torch.allclose(time_first(x.transpose(0, 1)), expected.transpose(0, 1), atol=1e-6)
    assert time_first.compute_output_shape((6, None, 3)) == (6, None, 4)


def test_the_loop_gives_what_the_kernel_gives_in_training_with_dropout():
    fused = layers.LSTM(4, dropout=0.5, seed=3)
    loop = layers.LSTM(4, dropout=0.5, seed=3, use_cudnn=False)
    x = torch.tensor(numbers(5, 6, 3))
    fused(x)
    loop(x)
    loop.set_weights(fused.get_weights())
    assert torch.allclose(fused(x, training=True), loop(x, training=True), atol=1e-6)
    assert not torch.equal(fused(x, training=True), fused(x, training=True))


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
def test_recurrent_dropout_acts_in_training_only(name):
    layer = getattr(layers, name)(4, recurrent_dropout=0.5, seed=1)
    x = torch.tensor(numbers(5, 6, 3))
    assert torch.equal(layer(x), layer(x))
    assert not torch.allclose(layer(x, training=True), layer(x))


def test_compiles_as_one_graph():
    layer = layers.LSTM(4, return_sequences=True)
    x = torch.tensor(numbers(5, 6, 3))
    expected = layer(x)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    assert torch.allclose(compiled(x), expected, atol=1e-6)
    torch._dynamo.reset()
