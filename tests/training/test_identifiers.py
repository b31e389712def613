"""Losses, optimizers and metrics in every form that `compile` takes, and those that the shapes decide."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, losses, optimizers
from tests.training.twins import assert_close, both, dense, rows, twins

X, Y = rows(24)


def model_of(units=1, activation=None):
    return dense(kerastorch, 3, units, activation)


def set_same_weights(model):
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape).astype("float32") for w in model.get_weights()])
    return model


def squares(y_true, y_pred):
    return (y_true - y_pred) ** 2


class OldLoss(losses.Loss):
    def call(self, y_true, y_pred):
        return ((y_true - y_pred) ** 2).mean(-1)


MSE = [
    "mse",
    "MSE",
    "mean_squared_error",
    "MeanSquaredError",
    losses.MeanSquaredError(),
    losses.MeanSquaredError,
    losses.mean_squared_error,
    {"class_name": "MeanSquaredError", "config": {"reduction": "sum_over_batch_size"}},
    squares,
    lambda y_true, y_pred: squares(y_true, y_pred),
    OldLoss(),
    torch.nn.MSELoss(),
    torch.nn.MSELoss,
    torch.nn.functional.mse_loss,
    ["mse"],
    {"out": "mse"},
]


@pytest.mark.parametrize("loss", MSE)
def test_forms_of_a_loss(loss):
    x = kerastorch.Input((3,))
    model = set_same_weights(kerastorch.Model(x, layers.Dense(1, name="out")(x)))
    model.compile("sgd", loss)
    expected = ((model(X).detach().numpy() - Y) ** 2).mean()
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(expected, rel=1e-6)


OPTIMIZERS = [
    "adam",
    "Adam",
    optimizers.Adam(),
    optimizers.Adam,
    functools.partial(optimizers.Adam, learning_rate=1e-3),
    {"class_name": "Adam", "config": {"learning_rate": 1e-3}},
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_forms_of_an_optimizer(optimizer):
    model = model_of()
    model.compile(optimizer, "mse")
    model.fit(X, Y, verbose=0)
    assert type(model.optimizer) is optimizers.Adam
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-3)


def spread(y_true, y_pred):
    return (y_true - y_pred).abs()


METRICS = [
    lambda k: "mae",
    lambda k: "MAE",
    lambda k: "mean_absolute_error",
    lambda k: "MeanAbsoluteError",
    lambda k: "RootMeanSquaredError",
    lambda k: k.metrics.MeanAbsoluteError(),
    lambda k: k.metrics.MeanAbsoluteError(name="mine"),
    lambda k: k.metrics.MeanAbsoluteError,
    lambda k: k.losses.mean_absolute_error,
    lambda k: k.metrics.MeanMetricWrapper(k.losses.mean_squared_error, name="wrapped"),
    lambda k: spread,
    lambda k: "mse",
    lambda k: "cosine_similarity",
]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["metrics", "weighted_metrics"])
def test_forms_of_a_metric(metric, kind):
    """Name and value in the logs are those of Keras."""
    models = twins(dense)
    for model, k in zip(models, (kerastorch, keras), strict=True):
        model.compile("sgd", "mse", **{kind: [metric(k)]})
    assert_close(*both(models, "evaluate", X, Y, return_dict=True))


def targets(kind, count=24):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, count)
    return {
        "binary": (labels % 2)[:, None].astype("float32"),
        "binary_flat": labels % 2,
        "sparse": labels,
        "sparse_column": labels[:, None],
        "one_hot": np.eye(3, dtype="float32")[labels],
    }[kind]


UNITS = {"binary": 1, "binary_flat": 1, "sparse": 3, "sparse_column": 3, "one_hot": 3}
BY_SHAPE_LOSS = {
    "binary": "binary_crossentropy",
    "binary_flat": "binary_crossentropy",
    "sparse": "sparse_categorical_crossentropy",
    "sparse_column": "sparse_categorical_crossentropy",
    "one_hot": "categorical_crossentropy",
}


def by_shape(kind):
    return twins(lambda k: dense(k, 3, UNITS[kind], "sigmoid" if UNITS[kind] == 1 else "softmax"))


@pytest.mark.parametrize("kind", list(UNITS))
@pytest.mark.parametrize("name", ["accuracy", "acc"])
def test_accuracy_by_shape(kind, name):
    models = by_shape(kind)
    for model in models:
        model.compile("sgd", BY_SHAPE_LOSS[kind], metrics=[name], weighted_metrics=[name])
    ours, theirs = both(models, "evaluate", X, targets(kind), batch_size=10, return_dict=True)
    assert_close(ours, theirs)
    assert list(ours) == ["loss", name, f"weighted_{name}"]


@pytest.mark.parametrize("kind", list(UNITS))
@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_crossentropy_by_shape(kind, name):
    """Keras 2 knows these metrics, Keras 3 does not."""
    model, _ = by_shape(kind)
    model.compile("sgd", BY_SHAPE_LOSS[kind], metrics=[name])
    logs = model.evaluate(X, targets(kind), batch_size=10, return_dict=True, verbose=0)
    assert list(logs) == ["loss", name]
    assert logs[name] == pytest.approx(logs["loss"], rel=1e-5)


@pytest.mark.parametrize(
    "metric", [spread, lambda y, p: (y - p).abs(), "binary_crossentropy", "mae", torch.nn.L1Loss()]
)
def test_metrics_of_targets_without_the_last_axis(metric):
    """Targets of shape (24,) and an output of shape (24, 1) are never broadcast to (24, 24), as under Keras 2."""
    model = model_of(1, "sigmoid")
    y = targets("binary_flat").astype("float32")
    model.compile("sgd", "mse", metrics=[metric])
    flat = model.evaluate(X, y, verbose=0)
    assert flat == model.evaluate(X, y[:, None], verbose=0)


@pytest.mark.parametrize("kind", list(UNITS))
@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_loss_by_shape(kind, name):
    y = targets(kind)
    ours, theirs = models = by_shape(kind)
    ours.compile("sgd", name)
    theirs.compile("sgd", BY_SHAPE_LOSS[kind])
    assert_close(*both(models, "evaluate", X, y))


def test_default_optimizer_is_rmsprop():
    model = model_of()
    model.compile(loss="mse")
    assert type(model.optimizer) is optimizers.RMSprop
