"""Adagrad's accumulators hold the epsilon while training; whoever reads or sets them sees Keras's values."""

from __future__ import annotations

import keras
import numpy as np
import torch

from kerastorch import optimizers
from tests.optimizers.training import keras_arrays


def follow(optimizer, weight, steps, scale):
    for step in range(steps):
        optimizer.apply([torch.linspace(-1.0, 2.0, 20).roll(step) * scale], [weight])


def test_small_gradients_from_zero_follow_keras():
    """The epsilon rules then, not the sum."""
    ours = optimizers.Adagrad(0.01, initial_accumulator_value=0.0)
    theirs = keras.optimizers.Adagrad(0.01, initial_accumulator_value=0.0)
    mine, other = torch.nn.Parameter(torch.ones(20)), keras.Variable(np.ones(20, "float32"))
    follow(ours, mine, 20, 1e-4)
    follow(theirs, other, 20, 1e-4)
    np.testing.assert_allclose(mine.detach().numpy(), keras_arrays([other])[0], rtol=1e-5)
    np.testing.assert_allclose(
        ours.variables[2].numpy(), keras_arrays(theirs.variables)[2], rtol=1e-5, atol=1e-13
    )


def test_accumulators_set_by_hand_count():
    used, fresh = (optimizers.Adagrad(0.1, initial_accumulator_value=0.0) for _ in range(2))
    weight, other = torch.nn.Parameter(torch.ones(20)), torch.nn.Parameter(torch.ones(20))
    follow(used, weight, 3, 1.0)
    used.variables[2].assign(np.zeros(20))
    weight.data.fill_(1.0)
    follow(used, weight, 1, 1.0)
    follow(fresh, other, 1, 1.0)
    torch.testing.assert_close(weight.data, other.data)
