"""Optimizers against values that were recorded on TensorFlow (`trajectories/pinned.py` says how).

Keras 3 on TensorFlow and on torch agree on every row, so that ours agree with both. tf_keras differs in two places:
it overwrites variables by their average one step early, and its Lion begins with another learning rate.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import optimizers
from kerastorch.core.variable import Variable
from tests.optimizers.trajectories import pinned
from tests.optimizers.trajectories.table import Options, make

ROWS = pinned.rows()
KERAS, TF_KERAS = pinned.read("keras"), pinned.read("tf_keras")
SAME_IN_TF_KERAS = [
    key
    for key, values in TF_KERAS.items()
    if values is not None and not key.startswith("Lion") and "ema_overwrite" not in key
]


def train(name: str, options: Options, steps: int = pinned.STEPS) -> list[Variable]:
    variables = [Variable(value, name=n) for n, value in zip(pinned.SHAPES, pinned.start(), strict=True)]
    optimizer = make(optimizers, name, options)
    for step in range(steps):
        optimizer.apply([torch.from_numpy(gradient) for gradient in pinned.gradients(step)], variables)
    return variables


def flat(variables: list[Variable]) -> np.ndarray:
    return np.concatenate([variable.numpy().ravel() for variable in variables])


def test_every_row_is_pinned():
    assert set(KERAS) == set(TF_KERAS) == set(ROWS)
    assert None not in KERAS.values()


@pytest.mark.parametrize("row", list(KERAS))
def test_weights_are_those_of_keras_on_tensorflow(row):
    np.testing.assert_allclose(flat(train(*ROWS[row])), KERAS[row], rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("row", SAME_IN_TF_KERAS)
def test_weights_are_those_of_tf_keras(row):
    np.testing.assert_allclose(flat(train(*ROWS[row])), TF_KERAS[row], rtol=1e-5, atol=2e-6)


def test_lion_with_the_learning_rate_of_tf_keras():
    found = flat(train("Lion", {"learning_rate": 1e-4}))
    np.testing.assert_allclose(found, TF_KERAS["Lion"], rtol=1e-5, atol=2e-6)


def test_average_overwrites_variables_at_the_documented_step():
    """Every `ema_overwrite_frequency` steps, says the documentation; tf_keras begins with the step before."""
    options = {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 3}
    plain = {"use_ema": True, "ema_momentum": 0.5}
    for steps, overwritten in ((1, False), (2, False), (3, True)):
        same = np.array_equal(flat(train("SGD", options, steps)), flat(train("SGD", plain, steps)))
        assert same is not overwritten
