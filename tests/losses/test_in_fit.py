"""Losses inside `fit` equal losses called by hand, and their errors name the output as well."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, losses
from kerastorch.errors import DataError, InvalidArgumentError, ShapeError
from tests.losses.cases import CASES, KINDS, case_id, inputs
from tests.losses.oracle import REDUCTIONS

X = np.eye(6, dtype="float32")


class Table(layers.Layer):
    """Gives, for the one-hot row i of the batch, row i of its weight: predictions that can be chosen."""

    def __init__(self, rows, **kwargs):
        super().__init__(**kwargs)
        self.rows = rows

    def build(self, input_shape):
        self.table = self.add_weight(shape=(len(self.rows), self.rows[0].size), initializer="zeros")
        self.table.assign(self.rows.reshape(len(self.rows), -1))

    def call(self, x):
        return (x @ self.table).reshape(-1, *self.rows.shape[1:])


def model_of(y_pred, loss=None, **compiled):
    x = kerastorch.Input((len(y_pred),))
    model = kerastorch.Model(x, Table(y_pred, name="out")(x))
    if loss is not None:
        model.compile("sgd", loss, **compiled)
    return model


def dense(units, loss, activation=None):
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, layers.Dense(units, activation=activation, name="out")(x))
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=case_id)
def test_class_in_fit_is_the_class_by_hand(name, options, weighted):
    y_true, y_pred = inputs(name, options)
    weight = np.linspace(0.0, 2.0, 6, dtype="float32") if weighted and options.get("axis") != 1 else None
    loss = getattr(losses, name)(**options)
    model = model_of(y_pred, loss)
    got = model.fit(X, y_true, sample_weight=weight, batch_size=6, shuffle=False, verbose=0).history["loss"]
    assert got == [pytest.approx(loss(y_true, y_pred, weight).item(), rel=1e-5, abs=1e-6)]


@pytest.mark.parametrize("name", [name for name in KINDS if "Generalized" not in name])  # which needs its `q`
def test_function_in_fit_is_its_class(name):
    y_true, y_pred = inputs(name, {})
    loss = losses.get(name)
    got = model_of(y_pred, loss.fn).evaluate(X, y_true, verbose=0)
    assert got == pytest.approx(loss(y_true, y_pred).item(), rel=1e-5)


@pytest.mark.parametrize("reduction", ["mean", "mean_with_sample_weight", "sum", "sum_over_batch_size"])
def test_reductions(reduction):
    y_true, y_pred = inputs("MeanSquaredError", {})
    loss = losses.MeanSquaredError(reduction=reduction)
    weight = np.arange(6, dtype="float32")
    got = model_of(y_pred, loss).train_on_batch(X, y_true, sample_weight=weight)
    assert got == pytest.approx(loss(y_true, y_pred, weight).item(), rel=1e-5)


TORCH = {
    "MSELoss": (torch.nn.MSELoss, "numbers"),
    "L1Loss": (torch.nn.L1Loss, "numbers"),
    "HuberLoss": (torch.nn.HuberLoss, "numbers"),
    "CrossEntropyLoss": (torch.nn.CrossEntropyLoss, "labels"),
    "BCEWithLogitsLoss": (torch.nn.BCEWithLogitsLoss, "binary"),
}


def torch_data(kind):
    rng = np.random.default_rng(0)
    y_pred = rng.normal(size=(6, 4)).astype("float32")
    targets = {
        "numbers": rng.normal(size=(6, 4)).astype("float32"),
        "labels": rng.integers(0, 4, 6),
        "binary": rng.integers(0, 2, (6, 4)).astype("float32"),
    }
    return targets[kind], y_pred


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", TORCH)
def test_torch_module_reduces_as_it_says(name, reduction):
    make, kind = TORCH[name]
    y_true, y_pred = torch_data(kind)
    loss = make(reduction=reduction)
    got = model_of(y_pred, loss).train_on_batch(X, y_true)
    assert got == pytest.approx(loss(torch.tensor(y_pred), torch.tensor(y_true)).item(), rel=1e-5)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", TORCH)
def test_torch_module_with_weights_reduces_samples_as_it_says(name, reduction):
    make, kind = TORCH[name]
    y_true, y_pred = torch_data(kind)
    weight = np.arange(6, dtype="float32")
    values = make(reduction="none")(torch.tensor(y_pred), torch.tensor(y_true))
    weighted = values * torch.tensor(weight).reshape(-1, *[1] * (values.ndim - 1))
    expected = weighted.sum() if reduction == "sum" else weighted.mean()
    got = model_of(y_pred, make(reduction=reduction)).train_on_batch(X, y_true, sample_weight=weight)
    assert got == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("name", TORCH)
def test_torch_module_that_does_not_reduce_gives_the_mean(name):
    make, kind = TORCH[name]
    y_true, y_pred = torch_data(kind)
    got = model_of(y_pred, make(reduction="none")).train_on_batch(X, y_true)
    assert got == pytest.approx(make()(torch.tensor(y_pred), torch.tensor(y_true)).item(), rel=1e-5)


@pytest.mark.parametrize(
    "loss", [torch.nn.MSELoss(), torch.nn.functional.mse_loss, torch.nn.MSELoss(reduction="sum")]
)
def test_torch_loss_refuses_negative_weights_and_empty_batches(loss):
    y_true, y_pred = torch_data("numbers")
    with pytest.raises(
        InvalidArgumentError, match=r"Output 'out': the loss 'mse_loss' .*must not be negative"
    ):
        model_of(y_pred, loss).train_on_batch(X, y_true, sample_weight=-np.ones(6))
    with pytest.raises(ShapeError, match=r"Output 'out': the loss 'mse_loss' .*The batch is empty"):
        model_of(y_pred, loss).fit(((X[:0], y_true[:0]) for _ in "1"), verbose=0)


SHAPES = {"samples": (-1,), "samples and values": (-1, -2), "one value": ()}


@pytest.mark.parametrize("returns", SHAPES)
@pytest.mark.parametrize("weight", [None, np.arange(6, dtype="float32")], ids=["plain", "weighted"])
def test_plain_function(returns, weight):
    def off(y_true, y_pred):
        error = (y_true - y_pred).abs()
        return {"samples": error.mean(-1), "samples and values": error, "one value": error.mean()}[returns]

    y_true, y_pred = inputs("MeanSquaredError", {})
    got = model_of(y_pred, off).train_on_batch(X, y_true, sample_weight=weight)
    error = np.abs(y_true - y_pred)
    if returns == "one value":
        expected = error.mean() * (1.0 if weight is None else weight.mean())
    else:
        expected = (error.mean(-1) * (1.0 if weight is None else weight)).mean()
    assert got == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("reduction", REDUCTIONS[:-2])
def test_own_class(reduction):
    class Off(losses.Loss):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y_true, y_pred):
            return self.factor * (y_true - y_pred).abs().mean(-1)

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    loss = Off.from_config(Off(factor=3.0, name="off", reduction=reduction).get_config())
    y_true, y_pred = inputs("MeanSquaredError", {})
    expected = 3.0 * losses.MeanAbsoluteError(reduction=reduction)(y_true, y_pred).item()
    assert model_of(y_pred, loss).train_on_batch(X, y_true) == pytest.approx(expected, rel=1e-5)


def test_loss_object_in_add_loss():
    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(losses.Huber()(torch.zeros_like(x), x))
            return x

    model = kerastorch.Sequential([kerastorch.Input((4,)), Penalty()])
    model.compile("sgd", "mse")
    x = np.full((2, 4), 3.0, "float32")
    assert model.evaluate(x, x, verbose=0) == pytest.approx(2.5)


LABELS = np.array([0, 1, 2, 3])
ONES = np.ones((4, 3), "float32")
FIT_FAULTS = {
    "labels": (
        3,
        "sparse_categorical_crossentropy",
        LABELS,
        {},
        r"labels from 0 to 3. The layer that makes it",
    ),
    "negative labels": (3, "sparse_categorical_crossentropy", LABELS - 1, {}, "pass `ignore_class`"),
    "ignoring": (3, losses.SparseCategoricalCrossentropy(ignore_class=1), LABELS, {}, "labels from 0 to 3"),
    "generalized": (3, losses.CategoricalGeneralizedCrossEntropy(), LABELS, {}, "class numbers in"),
    "weights": (
        3,
        "mse",
        ONES,
        {"sample_weight": [1, 1, -2, 1]},
        "sample weights of at least 0. Received a weight of -2",
    ),
    "class weights": (
        3,
        "categorical_crossentropy",
        np.eye(3)[[0, 1, 2, 0]],
        {"class_weight": {0: 1, 1: -1, 2: 1}},
        "-1",
    ),
    "shapes": (3, "mse", np.ones((4, 2)), {}, r"y_true.shape=\(4, 2\), y_pred.shape=\(4, 3\)"),
    "no samples": (3, "mse", np.ones((0, 3)), {}, "The arrays hold no samples"),
}


@pytest.mark.parametrize("fault", FIT_FAULTS)
@pytest.mark.parametrize("method", ["fit", "evaluate"])
def test_fault_names_output_and_loss(fault, method):
    units, loss, y, more, message = FIT_FAULTS[fault]
    name = loss if isinstance(loss, str) else loss.name
    model = dense(units, loss, "softmax")
    before = model.get_weights()
    if method == "evaluate" and "class_weight" in more:
        more = {"sample_weight": [1, 1, -1, 1]}
    with pytest.raises(
        (DataError, ShapeError), match=f"(?i)output 'out': the .*loss '{name}'|{message}"
    ) as raised:
        getattr(model, method)(np.ones((len(y), 3)), y, verbose=0, **more)
    assert "'out'" in str(raised.value)
    assert f"'{name}'" in str(raised.value)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


@pytest.mark.parametrize("fault", [name for name in FIT_FAULTS if name != "class weights"])
@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch"])
def test_fault_in_one_batch_names_output_and_loss(fault, method):
    units, loss, y, more, _ = FIT_FAULTS[fault]
    model = dense(units, loss, "softmax")
    with pytest.raises((DataError, InvalidArgumentError), match=r"(?i)output 'out': the loss"):
        getattr(model, method)(np.ones((len(y), 3)), y, **more)


def test_empty_batch_of_a_generator_names_output_and_loss():
    batches = ((np.ones((n, 3)), np.ones((n, 2))) for n in (4, 0))
    with pytest.raises(ShapeError, match=r"Output 'out': the loss 'mse' cannot.*The batch is empty"):
        dense(2, "mse").fit(batches, verbose=0)


def test_negative_weights_of_one_of_two_outputs():
    x = kerastorch.Input((3,))
    model = kerastorch.Model(x, [layers.Dense(1, name=name)(x) for name in ("first", "second")])
    model.compile("sgd", ["mse", "mae"])
    weights = [np.ones(4), -np.ones(4)]
    with pytest.raises(DataError, match="Output 'second': the loss 'mae' needs sample weights of at least 0"):
        model.fit(np.ones((4, 3)), [np.ones((4, 1))] * 2, sample_weight=weights, verbose=0)


def test_negative_weights_of_a_model_without_a_graph():
    class Net(kerastorch.Model):
        def __init__(self):
            super().__init__()
            self.out = layers.Dense(1)

        def call(self, x):
            return self.out(x)

    model = Net()
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="needs sample weights of at least 0"):
        model.fit(np.ones((4, 3)), np.ones((4, 1)), sample_weight=-np.ones(4), verbose=0)
