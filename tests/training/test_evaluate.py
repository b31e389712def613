"""`evaluate`: what each argument means, compared with Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from kerastorch.errors import DataError
from tests.training.hooks import recorder
from tests.training.twins import assert_close, both, dense, rows, twins

X, Y = rows(30)
WEIGHT = np.linspace(0, 2, 30).astype("float32")


def compiled(**more):
    models = twins(dense)
    for model in models:
        model.compile("adam", "mse", **{"metrics": ["mae"], **more})
    return models


ARGUMENTS = [
    {},
    {"batch_size": 7},
    {"batch_size": 100},
    {"steps": 2, "batch_size": 8},
    {"sample_weight": WEIGHT},
    {"sample_weight": WEIGHT, "batch_size": 9},
]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=lambda a: "-".join(a) or "none")
@pytest.mark.parametrize("return_dict", [True, False])
def test_arguments_mean_what_they_mean_in_keras(arguments, return_dict):
    models = compiled(weighted_metrics=["mse"])
    assert_close(*both(models, "evaluate", X, Y, return_dict=return_dict, **arguments))


def test_single_value_is_a_number():
    model = compiled(metrics=None)[0]
    assert type(model.evaluate(X, Y, verbose=0)) is float


def test_values_are_in_the_order_of_their_names():
    model = compiled(metrics=["mae", "mse"], weighted_metrics=["mae"])[0]
    logs = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert list(logs) == model.metrics_names == ["loss", "mae", "mse", "weighted_mae"]
    assert all(type(value) is float for value in logs.values())


def test_penalties_and_activity_losses_count():
    def build(k):
        return k.Sequential(
            [
                k.Input((3,)),
                k.layers.Dense(4, kernel_regularizer="l2", activity_regularizer="l1"),
                k.layers.Dense(1, bias_regularizer="l1"),
            ]
        )

    models = twins(build)
    for model in models:
        model.compile("adam", "mse", metrics=["mse"])
    ours, theirs = both(models, "evaluate", X, Y, batch_size=10, return_dict=True)
    assert_close(ours, theirs)
    assert ours["loss"] > ours["mse"]


def test_hooks_are_those_of_keras():
    spies = [recorder(k) for k in (kerastorch, keras)]
    for model, spy in zip(compiled(), spies, strict=True):
        model.evaluate(X, Y, batch_size=8, callbacks=[spy], verbose=0)
    assert spies[0].seen == spies[1].seen


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto"])
def test_verbose(verbose, capsys):
    compiled()[0].evaluate(X, Y, verbose=verbose)
    shown = capsys.readouterr()
    assert ("mae:" in shown.out + shown.err) is bool(verbose)


def test_nothing_is_changed():
    """Neither weights and moving statistics nor modes, gradients or the optimizer."""
    model = kerastorch.Sequential(
        [kerastorch.Input((3,)), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    before = [np.array(w) for w in model.get_weights()]
    steps = int(model.optimizer.iterations)
    assert model.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations) == steps
    assert not model.training


def test_no_gradient_is_recorded():
    class Net(kerastorch.Sequential):
        def test_step(self, data):
            assert not torch.is_grad_enabled()
            return super().test_step(data)

    model = Net([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.evaluate(X, Y, verbose=0)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("steps", [0, -1, "2"])
def test_wrong_steps(steps):
    with pytest.raises(DataError, match="`steps` must be a positive"):
        compiled()[0].evaluate(X, Y, steps=steps, verbose=0)
