"""States that are given, returned and kept: seq2seq models, stateful layers, custom cells."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from tests.layers.rnn.twins import numbers

X = torch.tensor(numbers(4, 6, 3))


class MinimalCell(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")

    def call(self, inputs, states):
        output = inputs @ self.kernel + 0.5 * states[0]
        return output, [output]


class SummingCell:
    state_size = 3

    def call(self, inputs, states, constants=None):
        total = states[0] + inputs + (0 if constants is None else constants[0])
        return total, [total]


def seq2seq():
    source, target = kerastorch.Input((None, 3)), kerastorch.Input((None, 3))
    _, hidden, carry = layers.LSTM(4, return_state=True)(source)
    outputs = layers.LSTM(4, return_sequences=True)(target, initial_state=[hidden, carry])
    return kerastorch.Model([source, target], layers.Dense(2)(outputs))


def test_an_encoder_hands_its_states_to_a_decoder():
    model = seq2seq()
    source, target = numbers(8, 5, 3), numbers(8, 4, 3, seed=1)
    assert model.output_shape == (None, None, 2)
    model.compile("adam", "mse")
    history = model.fit([source, target], np.zeros((8, 4, 2)), epochs=3, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    copy = kerastorch.Model.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    np.testing.assert_array_equal(
        copy.predict([source, target], verbose=0), model.predict([source, target], verbose=0)
    )


def test_states_may_follow_the_sequences_in_a_list_as_in_keras_2():
    layer, state = layers.GRU(4), torch.ones(4, 4)
    assert torch.equal(layer([X, state]), layer(X, initial_state=state))


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
def test_a_stateful_layer_goes_on_where_it_stopped(name):
    stateful = getattr(layers, name)(4, stateful=True)
    plain = getattr(layers, name)(4)
    first, second = stateful(X[:, :2]), stateful(X[:, 2:])
    plain(X)
    plain.set_weights(stateful.get_weights())
    assert torch.allclose(first, plain(X[:, :2]), atol=1e-6)
    assert torch.allclose(second, plain(X), atol=1e-6)
    stateful.reset_state()
    assert torch.allclose(stateful(X[:, :2]), first, atol=1e-6)


def test_kept_states_are_no_weights_and_let_gradients_pass():
    layer = layers.LSTM(4, stateful=True)
    (layer(X).sum() + layer(X).sum()).backward()
    assert [w.name for w in layer.weights] == ["kernel", "recurrent_kernel", "bias"]
    assert not [key for key in layer.state_dict() if "state" in key]
    assert [tuple(s.shape) for s in layer.states] == [(4, 4), (4, 4)]


def test_kept_states_can_be_set():
    layer = layers.GRU(4, stateful=True)
    layer(X)
    layer.reset_states([np.ones((4, 4))])
    assert torch.allclose(layer(X), layer(X, initial_state=torch.ones(4, 4)), atol=1e-6)


def test_both_directions_keep_their_states():
    layer = layers.Bidirectional(layers.GRU(4, stateful=True))
    layer(X)
    assert len(layer.states) == 2
    layer.reset_states()
    assert all((s == 0).all() for s in layer.states)


def test_states_follow_a_copy_and_a_type():
    layer = layers.GRU(4, stateful=True)
    layer(X)
    assert layer.double().states[0].dtype is torch.float64


@pytest.mark.parametrize("sizes", [4, [5, 4]], ids=["one", "stacked"])
def test_cells_run_symbolically_as_on_data(sizes):
    cells = [MinimalCell(n) for n in sizes] if isinstance(sizes, list) else MinimalCell(sizes)
    layer = layers.RNN(cells, return_sequences=True)
    outputs = layer(kerastorch.Input((None, 3)))
    assert outputs.shape == (None, None, 4)
    assert layer(X).shape == (4, 6, 4)


def test_a_cell_of_ones_own_is_run_step_by_step():
    layer = layers.RNN(MinimalCell(4), return_sequences=True, return_state=True)
    outputs, state = layer(X)
    expected = torch.zeros(4, 4)
    for t in range(6):
        expected = X[:, t] @ layer.cell.kernel + 0.5 * expected
    assert torch.allclose(outputs[:, -1], expected, atol=1e-5)
    assert torch.equal(outputs[:, -1], state)


def test_a_cell_need_not_be_a_layer_and_may_take_constants():
    assert torch.allclose(layers.RNN(SummingCell())(X), X.sum(1), atol=1e-5)
    constant = torch.ones(4, 3)
    assert torch.allclose(layers.RNN(SummingCell())(X, constants=[constant]), X.sum(1) + 6, atol=1e-5)


def test_stacked_cells_are_layers_on_top_of_each_other():
    stack = layers.RNN([layers.LSTMCell(4), layers.GRUCell(2)], return_sequences=True)
    first, second = layers.LSTM(4, return_sequences=True), layers.GRU(2, return_sequences=True)
    outputs = stack(X)
    second(first(X))
    first.set_weights(stack.get_weights()[:3])
    second.set_weights(stack.get_weights()[3:])
    assert torch.allclose(outputs, second(first(X)), atol=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.LSTM(0), InvalidArgumentError, r"`units`, expected a positive integer, got 0"),
        (lambda: layers.GRU(2, use_cudnn=3), InvalidArgumentError, r"`use_cudnn`.*Received: use_cudnn=3"),
        (
            lambda: layers.GRU(2, reset_after=False, use_cudnn=True),
            InvalidArgumentError,
            r"use_cudnn=True.*reset_after=False",
        ),
        (lambda: layers.RNN(object()), InvalidArgumentError, r"`cell` should have a `call` method"),
        (lambda: layers.RNN(layers.Dense(2)), InvalidArgumentError, r"`state_size` attribute"),
        (
            lambda: layers.LSTM(2)(X, initial_state=[torch.ones(4, 2)]),
            ShapeError,
            r"has 2 states.*with 1 tensors",
        ),
        (
            lambda: layers.GRU(2)(X, initial_state=torch.ones(4, 3)),
            ShapeError,
            r"the shape \(4, 2\).*\(4, 3\)",
        ),
        (
            lambda: layers.GRU(2)(X, mask=torch.ones(4, 5)),
            ShapeError,
            r"its input.*\(4, 6.*\(4, 5\)",
        ),
        (lambda: layers.GRU(2)(X[0]), ShapeError, r"expected ndim=3"),
        (lambda: layers.LSTM(2)(X, constants=[X]), InvalidArgumentError, r"LSTM takes no `constants`"),
        (
            lambda: layers.GRU(2, stateful=True)(kerastorch.Input((6, 3))),
            InvalidArgumentError,
            r"the batch size must be static",
        ),
        (lambda: layers.GRU(2).reset_states([X]), NotBuiltError, r"must be stateful and built"),
        (lambda: layers.Bidirectional(3), InvalidArgumentError, r"with a `kerastorch.layers.Layer`"),
        (
            lambda: layers.Bidirectional(layers.GRU(2), "max"),
            InvalidArgumentError,
            r"Received: merge_mode='max'",
        ),
        (
            lambda: layers.Bidirectional(layers.GRU(2), backward_layer=layers.GRU(2)),
            InvalidArgumentError,
            r"different `go_backwards` values",
        ),
        (lambda: layers.TimeDistributed(layers.Dense(2))(X[0]), ShapeError, r"at least 3 axes"),
    ],
    ids=range(16),
)
def test_errors_say_what_is_wrong(make, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        make()


def test_another_batch_size_of_a_stateful_layer_is_refused():
    layer = layers.LSTM(2, stateful=True)
    layer(X)
    with pytest.raises(ShapeError, match=r"Expected batch size: 4\n- Received batch size: 2"):
        layer(X[:2])
