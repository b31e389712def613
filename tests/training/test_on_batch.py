"""`train_on_batch`, `test_on_batch` and `predict_on_batch`."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch
from kerastorch import layers
from kerastorch.errors import DataError
from tests.training.twins import assert_close, both, dense, rows, twins

X, Y = rows(20)
WEIGHT = np.linspace(0, 2, 20).astype("float32")


def compiled(**more):
    models = twins(dense)
    for model in models:
        model.compile("adam", "mse", **{"metrics": ["mae"], **more})
    return models


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
@pytest.mark.parametrize("return_dict", [True, False])
@pytest.mark.parametrize("sample_weight", [None, WEIGHT], ids=["plain", "weighted"])
def test_values_are_those_of_keras(method, return_dict, sample_weight):
    models = compiled(weighted_metrics=["mse"])
    ours, theirs = both(models, method, X, Y, sample_weight=sample_weight, return_dict=return_dict)
    assert_close(ours, theirs)
    if not return_dict:
        assert all(type(value) is float for value in ours)


def test_several_batches_train_as_in_keras():
    models = compiled()
    for start in range(0, 20, 5):
        for model in models:
            model.train_on_batch(X[start : start + 5], Y[start : start + 5])
    for mine, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_class_weight():
    y = (Y > 0).astype("float32")
    models = twins(lambda k: dense(k, 3, 1, "sigmoid"))
    for model in models:
        model.compile("adam", "binary_crossentropy")
    assert_close(*both(models, "train_on_batch", X, y, class_weight={0: 1.0, 1: 5.0}))


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
def test_values_are_those_of_this_batch_alone_unless_asked(method):
    model = compiled()[0]
    run = getattr(model, method)
    run(X[:5] * 100, Y[:5])
    predicted = model.predict(X[5:], verbose=0)
    alone = run(X[5:], Y[5:], return_dict=True)
    assert alone["mae"] == pytest.approx(np.abs(predicted - Y[5:]).mean(), rel=1e-5)
    predicted = model.predict(X[:5], verbose=0)
    together = run(X[:5], Y[:5], return_dict=True, reset_metrics=False)
    second = np.abs(predicted - Y[:5]).mean()
    assert together["mae"] == pytest.approx((alone["mae"] * 15 + second * 5) / 20, rel=1e-5)


def test_single_value_is_a_number():
    model = compiled(metrics=None)[0]
    assert type(model.train_on_batch(X, Y)) is float
    assert type(model.test_on_batch(X, Y)) is float


def test_predict_on_batch():
    ours, theirs = both(twins(dense), "predict_on_batch", X)
    assert type(ours) is np.ndarray
    assert_close(ours, theirs)


def test_same_as_fit_of_one_step():
    one, other = compiled()[0], compiled()[0]
    values = one.train_on_batch(X, Y, return_dict=True)
    history = other.fit(X, Y, batch_size=20, shuffle=False, verbose=0).history
    assert {k: [v] for k, v in values.items()} == dict(history)
    assert all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


@pytest.mark.parametrize(("method", "mode"), [("train_on_batch", True), ("test_on_batch", False)])
def test_modes(method, mode):
    seen = []

    class Net(kerastorch.Sequential):
        def call(self, inputs, training=None, mask=None):
            seen.append(self.training)
            return super().call(inputs)

    model = Net([kerastorch.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    seen.clear()
    getattr(model, method)(X, Y)
    assert seen == [mode]
    assert not model.training


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"x": X, "y": Y[:3]}, "same number of samples"),
        ({"x": X[:0], "y": Y[:0]}, "hold no samples"),
        ({"x": None, "y": Y}, "argument `x` is None"),
        ({"x": X, "y": Y, "sample_weight": WEIGHT[:2]}, "same number of samples"),
    ],
    ids=["lengths", "empty", "None", "weights"],
)
@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
def test_wrong_arguments(method, arguments, text):
    with pytest.raises(DataError, match=text):
        getattr(compiled()[0], method)(**arguments)


def test_two_inputs_and_two_outputs():
    def build(k):
        a, b = k.Input((3,), name="a"), k.Input((3,), name="b")
        return k.Model([a, b], [k.layers.Dense(1, name="u")(a), k.layers.Dense(1, name="v")(b)])

    models = twins(build)
    for model in models:
        model.compile("sgd", ["mse", "mae"])
    assert_close(*both(models, "train_on_batch", [X, X[::-1].copy()], [Y, Y], return_dict=True))
    assert_close(*both(models, "test_on_batch", [X, X[::-1].copy()], [Y, Y], return_dict=True))
