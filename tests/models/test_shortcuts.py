"""What a graph shows to be unnecessary is left out: repeated outputs that nobody reads, masks made twice."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import Input, Model
from kerastorch.layers import GRU, LSTM, Bidirectional, Dense, Masking, SimpleRNN, TimeDistributed

UNREAD = "call_unread"


def ragged_batch():
    x = np.random.default_rng(0).standard_normal((4, 6, 3)).astype("float32")
    x[np.arange(6) >= np.array([[6], [2], [4], [1]])] = 0
    return torch.tensor(x)


def model(*layers, more=()):
    inputs = x = Input((6, 3))
    outputs = []
    for layer in (Masking(), *layers):
        x = layer(x)
        outputs += [x] if layer in more else []
    return Model(inputs, [*outputs, x] if outputs else x)


STACKS = {
    "LSTM after LSTM": (LSTM, LSTM),
    "GRU after LSTM": (LSTM, GRU),
    "LSTM after SimpleRNN": (SimpleRNN, LSTM),
    "a loop after LSTM": (LSTM, lambda units: LSTM(units, recurrent_dropout=0.5)),
}


@pytest.mark.parametrize("name", STACKS)
def test_a_recurrent_layer_after_another_reads_no_masked_steps(name):
    first, second = STACKS[name]
    layers = first(5, return_sequences=True), second(4)
    found, x = model(*layers), ragged_batch()
    assert UNREAD in found.code
    torch.testing.assert_close(found(x), layers[1](layers[0](Masking()(x))))


def test_the_next_layer_gets_outputs_that_are_not_repeated():
    second = LSTM(4)
    found, seen = model(LSTM(5, return_sequences=True), second), []
    second.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    found(ragged_batch())
    assert not torch.allclose(seen[0][3, 1:], seen[0][3, :1].expand(5, 5))


def test_gradients_are_those_of_repeated_outputs():
    layers = LSTM(5, return_sequences=True), LSTM(4)
    found, x = model(*layers), ragged_batch()
    weights = found.trainable_weights
    mine = torch.autograd.grad(found(x).square().sum(), weights)
    other = torch.autograd.grad(layers[1](layers[0](Masking()(x))).square().sum(), weights)
    for a, b in zip(mine, other, strict=True):
        torch.testing.assert_close(a, b)


READ = {
    "a result": lambda: model(first := LSTM(5, return_sequences=True), LSTM(4), more=[first]),
    "a dense layer": lambda: model(LSTM(5, return_sequences=True), Dense(2), LSTM(4)),
    "steps of a layer": lambda: model(LSTM(5, return_sequences=True), TimeDistributed(Dense(2))),
    "zeros": lambda: model(LSTM(5, return_sequences=True, zero_output_for_mask=True), LSTM(4)),
    "the end": lambda: model(LSTM(5, return_sequences=True)),
}


@pytest.mark.parametrize("name", READ)
def test_what_others_read_is_repeated(name):
    assert UNREAD not in READ[name]().code


def test_a_layer_with_a_call_of_its_own_may_read_all_steps():
    class Own(LSTM):
        def call(self, sequences, mask=None):
            return sequences.sum(1)

    assert UNREAD not in model(LSTM(5, return_sequences=True), Own(4)).code


def test_a_mask_of_the_users_may_read_other_steps():
    inputs, other = Input((6, 3)), Input((6,), dtype="bool")
    x = LSTM(5, return_sequences=True)(Masking()(inputs))
    assert UNREAD not in Model([inputs, other], LSTM(4)(x, mask=other)).code


def test_a_hook_sees_repeated_outputs():
    first = LSTM(5, return_sequences=True)
    found, seen = model(first, LSTM(4)), []
    first.register_forward_hook(lambda module, args, output: seen.append(output))
    found(ragged_batch())
    torch.testing.assert_close(seen[0][3, 1:], seen[0][3, :1].expand(5, 5))


def test_gaps_and_padding_in_front_give_the_same():
    layers = LSTM(5, return_sequences=True), Bidirectional(LSTM(4))
    found, x = model(*layers), ragged_batch().flip(1)
    x[:, 2] = 0
    torch.testing.assert_close(found(x), layers[1](layers[0](Masking()(x))))


def test_a_layer_that_makes_masks_makes_each_once():
    class Counting(Masking):
        made = 0

        def compute_mask(self, inputs, previous_mask=None):
            Counting.made += 1
            return super().compute_mask(inputs, previous_mask)

    inputs = Input((6, 3))
    found, x = Model(inputs, LSTM(4)(Counting()(inputs))), ragged_batch()
    first = found(x)
    Counting.made = 0
    torch.testing.assert_close(found(x), first)
    assert Counting.made == 1
