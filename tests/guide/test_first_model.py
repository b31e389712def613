"""G1 to G7: build, compile, train, evaluate, predict, and losses and metrics of one's own."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import layers
from tests.guide.data import digits, one_hot

(X, Y), (X_VAL, Y_VAL), (X_TEST, Y_TEST) = digits()


def functional():
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    outputs = layers.Dense(10, activation="softmax", name="predictions")(x)
    return keras.Model(inputs=inputs, outputs=outputs)


def sequential():
    return keras.Sequential(
        [
            keras.Input(shape=(64,), name="digits"),
            layers.Dense(64, activation="relu", name="dense_1"),
            layers.Dense(64, activation="relu", name="dense_2"),
            layers.Dense(10, activation="softmax", name="predictions"),
        ]
    )


class Network(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense_1 = layers.Dense(64, activation="relu", name="dense_1")
        self.dense_2 = layers.Dense(64, activation="relu", name="dense_2")
        self.predictions = layers.Dense(10, activation="softmax", name="predictions")

    def call(self, inputs):
        return self.predictions(self.dense_2(self.dense_1(inputs)))


BUILDERS = {"functional": functional, "sequential": sequential, "subclass": Network}


def compiled(build=functional):
    keras.utils.set_random_seed(0)
    model = build()
    model.compile(
        optimizer=keras.optimizers.RMSprop(),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


def trained(model, **arguments):
    arguments = {"batch_size": 64, "epochs": 2, "validation_data": (X_VAL, Y_VAL), "verbose": 0, **arguments}
    torch.manual_seed(1)
    return model.fit(X, Y, **arguments)


@pytest.mark.parametrize("name", list(BUILDERS))
def test_g1_three_ways_to_build_train_alike(name):
    expected_model = compiled()
    expected_model(X[:1])
    model = compiled(BUILDERS[name])
    model(X[:1])
    model.set_weights(expected_model.get_weights())
    histories = [trained(m).history for m in (expected_model, model)]
    assert histories[0] == histories[1]
    scores = [m.evaluate(X_TEST, Y_TEST, batch_size=128, verbose=0) for m in (expected_model, model)]
    assert scores[0] == scores[1]
    predictions = [m.predict(X_TEST[:3], verbose=0) for m in (expected_model, model)]
    np.testing.assert_array_equal(*predictions)
    assert isinstance(model, torch.nn.Module)


def sparse_crossentropy(y_true, y_pred):
    picked = torch.gather(y_pred, 1, y_true.reshape(-1, 1).long())[:, 0]
    return -torch.log(picked)


LOSSES = {
    "object": lambda: keras.losses.SparseCategoricalCrossentropy(),
    "string": lambda: "sparse_categorical_crossentropy",
    "function": lambda: keras.losses.sparse_categorical_crossentropy,
    "one's own function": lambda: sparse_crossentropy,
    "torch": lambda: lambda y_true, y_pred: torch.nn.NLLLoss()(torch.log(y_pred), y_true.long().reshape(-1)),
}
OPTIMIZERS = {
    "object": lambda model: keras.optimizers.RMSprop(),
    "string": lambda model: "rmsprop",
    "torch object": lambda model: torch.optim.Adam(model.parameters(), lr=1e-3),
    "torch class": lambda model: torch.optim.SGD,
}


@pytest.mark.parametrize("loss", list(LOSSES))
def test_g2_forms_of_a_loss(loss):
    model, expected = compiled(), trained(compiled()).history
    model.compile("rmsprop", LOSSES[loss](), metrics=["sparse_categorical_accuracy"])
    history = trained(model).history
    assert list(history) == list(expected)
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
def test_g2_forms_of_an_optimizer(optimizer):
    model = compiled()
    model.compile(OPTIMIZERS[optimizer](model), "sparse_categorical_crossentropy", metrics=["accuracy"])
    losses = trained(model, epochs=3).history["loss"]
    assert losses[-1] < losses[0]


def test_g2_a_torch_loss_module_on_logits():
    model = keras.Sequential([keras.Input((64,)), layers.Dense(10)])
    model.compile(keras.optimizers.Adam(0.01), torch.nn.CrossEntropyLoss(), metrics=["accuracy"])
    history = model.fit(X, Y.astype("int64"), epochs=5, verbose=0).history
    assert history["accuracy"][-1] > 0.85


def test_g3_progress_and_history(capsys):
    history = trained(compiled(), verbose=1)
    text = re.sub(r"[\r\x08\x1b]\[?[0-9;]*m?", "\n", capsys.readouterr().out)
    assert "Epoch 1/2" in text
    last = [line for line in text.splitlines() if "val_loss" in line][-1]
    number = r"\d\.\d{4}"
    assert re.search(
        rf"19/19 .* 0s \d+[mu]s/step - loss: {number} - sparse_categorical_accuracy: {number} - val_loss: {number} - "
        rf"val_sparse_categorical_accuracy: {number}",
        last,
    )
    assert list(history.history) == [
        "loss",
        "sparse_categorical_accuracy",
        "val_loss",
        "val_sparse_categorical_accuracy",
    ]
    assert all(type(value) is float for values in history.history.values() for value in values)
    assert history.epoch == [0, 1]


def test_g4_evaluate_and_predict():
    model = compiled()
    trained(model, epochs=8)
    results = model.evaluate(X_TEST, Y_TEST, batch_size=128, verbose=0)
    assert isinstance(results, list)
    named = dict(zip(model.metrics_names, results, strict=True))
    assert named == model.evaluate(X_TEST, Y_TEST, batch_size=128, return_dict=True, verbose=0)
    assert list(named) == ["loss", "sparse_categorical_accuracy"]
    assert named["sparse_categorical_accuracy"] > 0.9
    predictions = model.predict(X_TEST[:3])
    assert isinstance(predictions, np.ndarray)
    assert predictions.shape == (3, 10)
    np.testing.assert_allclose(predictions.sum(1), 1, rtol=1e-5)


PARTS = {
    "SGD": lambda: (keras.optimizers.SGD(0.1), keras.losses.MeanSquaredError(), keras.metrics.AUC()),
    "SGD with momentum": lambda: (
        keras.optimizers.SGD(0.05, momentum=0.9),
        keras.losses.KLDivergence(),
        keras.metrics.Precision(),
    ),
    "RMSprop": lambda: (keras.optimizers.RMSprop(), keras.losses.CosineSimilarity(), keras.metrics.Recall()),
    "Adam": lambda: (
        keras.optimizers.Adam(),
        keras.losses.CategoricalCrossentropy(),
        keras.metrics.AUC(name="area"),
    ),
    "Adagrad": lambda: (keras.optimizers.Adagrad(0.1), "categorical_crossentropy", "cosine_similarity"),
    "Nadam": lambda: (keras.optimizers.Nadam(), "mse", "mae"),
}


@pytest.mark.parametrize("name", list(PARTS))
def test_g5_built_in_parts_learn(name):
    optimizer, loss, metric = PARTS[name]()
    keras.utils.set_random_seed(0)
    model = functional()
    model.compile(optimizer, loss, metrics=[metric])
    history = model.fit(X, one_hot(Y), epochs=4, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert len(history) == 2


def custom_mean_squared_error(y_true, y_pred):
    return torch.mean(torch.square(y_true - y_pred))


class CustomMSE(keras.losses.Loss):
    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor

    def call(self, y_true, y_pred):
        mse = torch.mean(torch.square(y_true - y_pred))
        return mse + torch.mean(torch.square(0.5 - y_pred)) * self.regularization_factor


@pytest.mark.parametrize("factor", [None, 0.1, 0.5])
def test_g6_losses_of_one_s_own(factor):
    model = functional()
    model.compile("adam", custom_mean_squared_error if factor is None else CustomMSE(factor))
    targets = one_hot(Y)
    first = model.predict(X, verbose=0)
    expected = np.square(targets - first).mean() + (factor or 0) * np.square(0.5 - first).mean()
    assert model.evaluate(X, targets, batch_size=1200, verbose=0) == pytest.approx(float(expected), rel=1e-5)
    losses = model.fit(X, targets, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


class TruePositives(keras.metrics.Metric):
    """How many samples are classified right."""

    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(name="ctp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        predicted = torch.argmax(y_pred, dim=1).reshape(-1, 1)
        values = (y_true.int().reshape(-1, 1) == predicted.int()).float()
        if sample_weight is not None:
            values = values * sample_weight.float().reshape(-1, 1)
        self.true_positives.assign_add(values.sum())

    def result(self):
        return self.true_positives


class ResetStates(TruePositives):
    def reset_states(self):
        self.true_positives.assign(0.0)


class ResetState(TruePositives):
    def reset_state(self):
        self.true_positives.assign(0.0)


@pytest.mark.parametrize("metric", [TruePositives, ResetStates, ResetState])
def test_g7_a_metric_of_one_s_own(metric):
    model = compiled()
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=[metric()])
    history = trained(model, epochs=3).history["categorical_true_positives"]
    found = model.evaluate(X, Y, verbose=0)[1]
    assert found == (model.predict(X, verbose=0).argmax(1) == Y).sum()
    assert history[0] < history[-1] <= len(X)


def test_g7_sample_weights_reach_it():
    model = compiled()
    model.compile("rmsprop", "sparse_categorical_crossentropy", weighted_metrics=[TruePositives()])
    weight = np.where(Y == 5, 2.0, 0.0)
    found = model.evaluate(X, Y, sample_weight=weight, verbose=0)[1]
    assert found == 2 * ((model.predict(X, verbose=0).argmax(1) == Y) & (Y == 5)).sum()
