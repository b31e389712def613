"""When training stops, which weights it ends with, and what is said."""

from __future__ import annotations

import inspect
import itertools
import warnings
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from kerastorch.callbacks import EarlyStopping
from kerastorch.callbacks.monitor import MonitorCallback
from kerastorch.errors import InvalidArgumentError

NAN = float("nan")


class Model:
    """As much of a model as the callback needs; its weights are the number of the epoch."""

    metrics = ()

    def __init__(self):
        self.stop_training = False
        self.weights = [-1]

    def get_weights(self):
        return list(self.weights)

    def set_weights(self, weights):
        self.weights = list(weights)


def outcome(callback, curve, monitor="val_loss"):
    """What the callback has decided after each epoch and at the end."""
    model = Model()
    callback.set_model(model)
    callback.on_train_begin()
    trace = []
    for epoch, value in enumerate(curve):
        model.weights = [epoch]
        callback.on_epoch_end(epoch, {"loss": 0.0, monitor: value})
        trace.append((callback.wait, callback.best, callback.stopped_epoch))
        if model.stop_training:
            break
    callback.on_train_end()
    return trace, model.weights, callback.best_epoch


def curves():
    """Curves in sixteenths, so that no comparison depends on rounding."""
    fixed = [[8, 7, 6, 5], [5, 6, 7, 8, 9], [8, 8, 8, 8], [8, 4, 6, 3, 7, 7, 7], [2], [9, 1]]
    drawn = np.random.default_rng(0).integers(0, 16, (10, 12))
    return [[value / 16 for value in map(int, curve)] for curve in (*fixed, *drawn)]


SETTINGS = [
    dict(zip(("patience", "min_delta", "mode", "baseline", "start_from_epoch"), values, strict=True))
    for values in itertools.product((0, 1, 3), (0, -0.125), ("min", "max"), (None, 0.5), (0, 2))
]


@pytest.mark.parametrize("restore", [False, True])
@pytest.mark.parametrize("curve", range(len(curves())))
def test_decisions_are_those_of_keras(curve, restore):
    for settings in SETTINGS:
        ours, theirs = (
            outcome(home(restore_best_weights=restore, **settings), curves()[curve])
            for home in (EarlyStopping, keras.callbacks.EarlyStopping)
        )
        assert ours == theirs, settings


def test_a_callback_can_be_used_again():
    callback = EarlyStopping(patience=1, min_delta=0.125)
    first = outcome(callback, curves()[3])
    assert outcome(callback, curves()[3]) == first


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(home).parameters.values()]
        for home in (EarlyStopping, keras.callbacks.EarlyStopping)
    )
    assert ours == theirs


def test_nan_is_never_better_and_does_not_hide_what_follows():
    # As in tf_keras. Keras 3 takes a NaN of the first epoch as the best value, which nothing is below.
    trace, weights, best = outcome(EarlyStopping(patience=2, restore_best_weights=True), [NAN, 0.5, NAN, NAN])
    assert [wait for wait, _, _ in trace] == [1, 0, 1, 2]
    assert (trace[-1][1], trace[-1][2], weights, best) == (0.5, 3, [1], 1)


def metric(name, direction):
    return SimpleNamespace(name=name, _direction=direction)


@pytest.mark.parametrize(
    ("monitor", "metrics", "upwards"),
    [
        ("val_loss", [], False),
        ("loss", [], False),
        ("val_out_loss", [], False),
        ("val_accuracy", [], True),
        ("acc", [], True),
        ("val_auc_1", [], True),
        ("val_out_accuracy", [], True),
        ("val_mean_squared_error", [], False),
        ("mae", [], False),
        ("val_score", [metric("score", "up")], True),
        ("val_score", [metric("score", "down")], False),
        ("val_out_score", [metric("score", "up")], True),
        ("success_rate", [metric("rate", "down"), metric("success_rate", "up")], True),
        ("val_acc", [metric("accuracy", "up")], True),
        ("score", [SimpleNamespace(name="compile_metrics", metrics=[metric("score", "up")])], True),
        ("loss", [SimpleNamespace(name="loss")], False),
    ],
)
def test_automatic_mode_asks_the_metrics_and_then_the_name(monitor, metrics, upwards):
    callback = EarlyStopping(monitor=monitor, patience=1)
    model = Model()
    model.metrics = metrics
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate([0.5, 0.75, 0.75]):
        callback.on_epoch_end(epoch, {monitor: value})
    assert callback.best == (0.75 if upwards else 0.5)


@pytest.mark.parametrize("mode", ["min", "max"])
def test_an_explicit_mode_wins_over_the_name(mode):
    trace, _, _ = outcome(EarlyStopping("val_accuracy", mode=mode, patience=5), [0.5, 0.75], "val_accuracy")
    assert trace[-1][1] == {"min": 0.5, "max": 0.75}[mode]


def test_a_name_that_says_nothing_is_an_error():
    with pytest.raises(InvalidArgumentError, match=r"monitor='val_score'.* Pass `mode='max'`"):
        outcome(EarlyStopping(monitor="val_score"), [0.5], "val_score")


def test_an_unknown_mode_is_automatic_after_a_warning():
    with pytest.warns(
        UserWarning, match="EarlyStopping mode 'upwards' is unknown, fallback to auto mode"
    ) as seen:
        callback = EarlyStopping(mode="upwards")
    assert callback.mode == "auto"
    assert seen[0].filename == __file__


def test_a_missing_quantity_is_a_warning_that_names_what_there_is():
    callback = EarlyStopping()
    callback.set_model(Model())
    callback.on_train_begin()
    with pytest.warns(
        UserWarning, match="metric `val_loss` which is not available.*metrics are: loss,accuracy"
    ):
        callback.on_epoch_end(0, {"loss": 1.0, "accuracy": 0.5})
    assert callback.model.stop_training is False


@pytest.mark.parametrize(("asked", "there"), [("val_acc", "val_accuracy"), ("accuracy", "acc")])
def test_acc_and_accuracy_find_each_other(asked, there):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace, _, _ = outcome(EarlyStopping(asked, patience=2), [0.5, 0.75], there)
    assert trace[-1][1] == 0.75


def test_what_is_printed_is_what_keras_prints(capsys):
    said = []
    for home in (EarlyStopping, keras.callbacks.EarlyStopping):
        outcome(home(patience=1, verbose=1, restore_best_weights=True), [0.5, 0.25, 0.5])
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != ""


def test_best_weights_return_also_when_training_ends_by_itself():
    _, weights, _ = outcome(EarlyStopping(patience=10, restore_best_weights=True), [0.5, 0.25, 0.75])
    assert weights == [1]


def test_a_baseline_of_the_base_class_is_the_first_best():
    callback = MonitorCallback(monitor="loss", baseline=0.5)
    callback._set_monitor_op()
    assert [callback._is_improvement(value, callback.best) for value in (0.25, 0.5, 0.75)] == [
        True,
        False,
        False,
    ]
