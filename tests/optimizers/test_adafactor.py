"""Adafactor: row and column means in place of a mean for each element, and steps relative to the variable."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from kerastorch import optimizers
from tests.optimizers.training import keras_arrays, train, train_keras, weights


def test_its_state_has_the_names_shapes_and_order_of_keras():
    ours, theirs = optimizers.Adafactor(), keras.optimizers.Adafactor()
    train(ours, 1)
    train_keras(theirs, 1)
    assert [v.name for v in ours.variables] == [v.name for v in theirs.variables]
    assert [tuple(v.shape) for v in ours.variables] == [tuple(v.shape) for v in theirs.variables]


def test_weights_of_keras_can_be_set():
    theirs, ours = keras.optimizers.Adafactor(), optimizers.Adafactor()
    train_keras(theirs, 3)
    ours.build(weights())
    ours.set_weights(keras_arrays(theirs.variables))
    for mine, other in zip(ours.get_weights(), keras_arrays(theirs.variables), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_mean_squares_of_a_matrix_follow_from_its_rows_and_columns():
    weight = torch.nn.Parameter(torch.ones(3, 2))
    grad = torch.arange(1.0, 7.0).reshape(3, 2)
    optimizer = optimizers.Adafactor(0.1)
    optimizer.apply([grad], [weight])
    rows, columns, squares = optimizer.variables[2:]
    torch.testing.assert_close(rows.detach(), (grad**2).mean(-1))
    torch.testing.assert_close(columns.detach(), (grad**2).mean(-2))
    torch.testing.assert_close(
        squares.detach(), torch.outer((grad**2).mean(-1), (grad**2).mean(-2)) / (grad**2).mean()
    )


def test_a_step_is_relative_to_the_size_of_the_variable():
    small, large = torch.nn.Parameter(torch.ones(4)), torch.nn.Parameter(torch.full((4,), 100.0))
    optimizers.Adafactor(0.1).apply([torch.ones(4), torch.ones(4)], [small, large])
    torch.testing.assert_close(small.data, torch.full((4,), 0.9))
    torch.testing.assert_close(large.data, torch.full((4,), 90.0))


def test_a_variable_of_zeros_moves_by_the_least_size():
    weight = torch.nn.Parameter(torch.zeros(4))
    optimizers.Adafactor(0.5, epsilon_2=0.01).apply([torch.ones(4)], [weight])
    torch.testing.assert_close(weight.data, torch.full((4,), -0.005))


def test_the_step_is_limited_by_the_threshold():
    weight = torch.nn.Parameter(torch.ones(4))
    optimizers.Adafactor(0.1, clip_threshold=0.5).apply([torch.ones(4)], [weight])
    torch.testing.assert_close(weight.data, torch.full((4,), 0.95))


@pytest.mark.parametrize("relative", [True, False])
def test_the_rate_falls_with_the_step_in_any_case_as_in_keras(relative):
    """A fifth step at a rate of 1 is 1 / sqrt(5) of the size of the variable."""
    weight = torch.nn.Parameter(torch.ones(4))
    optimizer = optimizers.Adafactor(1.0, relative_step=relative)
    optimizer.build([weight])
    optimizer.iterations = 4
    optimizer.apply([torch.ones(4)])
    torch.testing.assert_close(weight.data, torch.full((4,), 1.0 - 5**-0.5))


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_zero_gradients_move_nothing(shape, dtype):
    weight = torch.nn.Parameter(torch.ones(shape, dtype=dtype))
    optimizers.Adafactor(0.1).apply([torch.zeros(shape, dtype=dtype)], [weight])
    assert torch.equal(weight.data, torch.ones(shape, dtype=dtype))


def test_rows_and_columns_follow_a_change_of_type():
    layer = torch.nn.Linear(3, 2)
    optimizer = optimizers.Adafactor(0.1)
    optimizer.build(layer.parameters())
    for dtype in (torch.float32, torch.float64):
        layer.to(dtype)
        for parameter in layer.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
    assert [v.dtype for v in optimizer.variables[2:5]] == [torch.float64] * 3
