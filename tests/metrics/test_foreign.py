"""Functions of scikit-learn and objects of torchmetrics in the place of Keras's metrics."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import sklearn.metrics as sk
import torch
import torchmetrics

import kerastorch as keras
from kerastorch.errors import DataError, InvalidArgumentError
from kerastorch.metrics.foreign import SklearnMetric, TorchMetric, is_sklearn_function, is_torchmetric

ROWS = 24
CLASSES = np.random.default_rng(0).integers(0, 3, ROWS)
PAIR = np.random.default_rng(1).integers(0, 2, ROWS)
NUMBERS = np.random.default_rng(2).random(ROWS, "float32")
SEVERAL = np.random.default_rng(3).integers(0, 2, (ROWS, 3)).astype("float32")
SEVERAL[0] = 1
X = np.random.default_rng(4).normal(size=(ROWS, 4)).astype("float32")


def evaluated(units, activation, loss, metric, y):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
    model.compile("sgd", loss, metrics=[metric])
    return model, model.evaluate(X, y, batch_size=7, verbose=0, return_dict=True)


macro_f1 = functools.partial(sk.f1_score, average="macro")


@pytest.mark.parametrize(
    ("function", "units", "activation", "y", "expected"),
    [
        (sk.accuracy_score, 3, "softmax", CLASSES, lambda y, p: sk.accuracy_score(y, p.argmax(-1))),
        (
            sk.accuracy_score,
            3,
            "softmax",
            np.eye(3)[CLASSES],
            lambda y, p: sk.accuracy_score(y.argmax(-1), p.argmax(-1)),
        ),
        (macro_f1, 3, "softmax", CLASSES, lambda y, p: macro_f1(y, p.argmax(-1))),
        (sk.f1_score, 1, "sigmoid", PAIR, lambda y, p: sk.f1_score(y, p[:, 0] > 0.5)),
        (macro_f1, 3, "sigmoid", SEVERAL, lambda y, p: macro_f1(y, p > 0.5)),
        (sk.log_loss, 3, "softmax", CLASSES, sk.log_loss),
        (sk.roc_auc_score, 1, "sigmoid", PAIR, sk.roc_auc_score),
        (sk.roc_auc_score, 2, "softmax", PAIR, lambda y, p: sk.roc_auc_score(y, p[:, 1])),
        (
            functools.partial(sk.roc_auc_score, multi_class="ovr"),
            3,
            "softmax",
            CLASSES,
            lambda y, p: sk.roc_auc_score(y, p, multi_class="ovr"),
        ),
        (sk.r2_score, 1, None, NUMBERS, sk.r2_score),
        (sk.max_error, 1, None, NUMBERS, sk.max_error),
    ],
    ids=[
        "classes",
        "one-hot",
        "partial",
        "binary",
        "multi-label",
        "probabilities",
        "scores",
        "two classes",
        "scores of classes",
        "numbers",
        "no weights",
    ],
)
def test_functions_of_scikit_learn(function, units, activation, y, expected):
    loss = "sparse_categorical_crossentropy" if y.ndim == 1 and units > 1 else "mse"
    model, found = evaluated(units, activation, loss, function, y)
    name = getattr(function, "func", function).__name__
    assert found[name] == pytest.approx(expected(y, model.predict(X, verbose=0)), rel=1e-6)


def test_a_function_of_scikit_learn_sees_the_whole_epoch_and_only_that():
    model, _ = evaluated(1, "sigmoid", "binary_crossentropy", sk.roc_auc_score, PAIR)
    history = model.fit(X, PAIR, epochs=2, batch_size=5, validation_split=0.5, verbose=0).history
    assert {"roc_auc_score", "val_roc_auc_score"} <= set(history)
    last = model.evaluate(X[12:], PAIR[12:], verbose=0, return_dict=True)["roc_auc_score"]
    assert history["val_roc_auc_score"][-1] == pytest.approx(last)


def test_the_function_runs_only_when_somebody_reads():
    calls = []
    metric = SklearnMetric(sk.max_error)
    metric.function = lambda y, p: calls.append(len(y)) or 1.0
    for _ in range(3):
        metric.update_state(torch.ones(4), torch.ones(4))
    assert calls == []
    assert metric.result() == metric.result() == 1.0
    assert calls == [12]
    metric.reset_state()
    assert metric.result() == 0.0


def test_kept_predictions_do_not_change_with_the_arrays_they_came_from():
    metric = SklearnMetric(sk.max_error)
    y, p = torch.zeros(3), torch.ones(3, requires_grad=True)
    metric.update_state(y, p)
    y += 5
    assert metric.result() == 1.0


def test_weights_reach_functions_that_take_them():
    metric = SklearnMetric(sk.mean_absolute_error)
    metric.update_state(torch.zeros(2), torch.tensor([1.0, 3.0]), torch.tensor([3.0, 1.0]))
    assert metric.result() == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("metric", "match"),
    [
        (SklearnMetric(sk.max_error), "'max_error' of scikit-learn takes no sample weights"),
        (TorchMetric(torchmetrics.MeanSquaredError()), "torchmetrics takes no sample weights"),
    ],
    ids=["scikit-learn", "torchmetrics"],
)
def test_weights_that_would_be_ignored_are_refused(metric, match):
    with pytest.raises(InvalidArgumentError, match=match):
        metric.update_state(torch.ones(2), torch.ones(2), torch.ones(2))


def test_errors_of_scikit_learn_name_the_metric_and_the_shapes():
    metric = SklearnMetric(sk.roc_auc_score)
    metric.update_state(torch.tensor([0, 1, 2]), torch.ones(3, 3))
    with pytest.raises(
        DataError, match=r"Metric 'roc_auc_score'.*labels of shape \(3,\).*\(3, 3\).*multi_class"
    ):
        metric.result()


@pytest.mark.parametrize("kind", ["scikit-learn", "torchmetrics"])
def test_merging_equals_seeing_both(kind):
    def make():
        return SklearnMetric(sk.r2_score) if kind == "scikit-learn" else TorchMetric(torchmetrics.R2Score())

    whole, first, second = make(), make(), make()
    for part, seed in ((first, 0), (second, 1)):
        data = torch.rand(2, 6, generator=torch.Generator().manual_seed(seed))
        part.update_state(*data)
        whole.update_state(*data)
    first.merge_state([second])
    assert float(first.result()) == pytest.approx(float(whole.result()))


def test_collections_of_torchmetrics_give_several_values():
    collection = torchmetrics.MetricCollection(
        [torchmetrics.MeanSquaredError(), torchmetrics.MeanAbsoluteError()]
    )
    _, found = evaluated(1, None, "mse", collection, NUMBERS)
    assert found["MeanSquaredError"] == pytest.approx(found["loss"])


@pytest.mark.parametrize(
    ("value", "sklearn", "torch_metric"),
    [
        (sk.f1_score, True, False),
        (macro_f1, True, False),
        (np.mean, False, False),
        (functools.partial(np.mean), False, False),
        (torchmetrics.MeanSquaredError(), False, True),
        (torchmetrics.MeanSquaredError, False, False),
        (sk, False, False),
        ("accuracy", False, False),
    ],
    ids=["function", "partial", "numpy", "partial of numpy", "object", "class", "module", "name"],
)
def test_what_is_of_which_library(value, sklearn, torch_metric):
    assert (is_sklearn_function(value), is_torchmetric(value)) == (sklearn, torch_metric)
