"""Whole training runs agree with Keras 3.15.1: losses, metrics, weights, evaluations and predictions."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from tests.training.twins import assert_close, assert_same_training, both, digits, one_hot, rows, twins

OPTIMIZERS = [
    ("SGD", {"learning_rate": 0.05}),
    ("SGD", {"learning_rate": 0.02, "momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"learning_rate": 1e-3}),
    ("Adam", {"learning_rate": 1e-3}),
    ("AdamW", {"learning_rate": 1e-3, "weight_decay": 0.01, "clipnorm": 1.0}),
]


def mlp(k):
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            k.layers.Flatten(),
            k.layers.Dense(16, activation="relu", kernel_regularizer="l2"),
            k.layers.Dense(10, activation="softmax"),
        ]
    )


def cnn(k):
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            k.layers.Conv2D(4, 3, activation="relu", padding="same"),
            k.layers.MaxPooling2D(),
            k.layers.Conv2D(6, 3, activation="relu"),
            k.layers.GlobalAveragePooling2D(),
            k.layers.Dense(10),
        ]
    )


def batch_norm(k):
    return k.Sequential(
        [
            k.Input((8, 8, 1)),
            k.layers.Flatten(),
            k.layers.Dense(12, use_bias=False),
            k.layers.BatchNormalization(),
            k.layers.Activation("relu"),
            k.layers.Dense(10),
        ]
    )


def two_inputs_two_outputs(k):
    image, row = k.Input((8, 8, 1), name="image"), k.Input((8,), name="row")
    x = k.layers.Flatten()(image)
    x = k.layers.Concatenate()([k.layers.Dense(12, activation="relu")(x), row])
    label = k.layers.Dense(10, activation="softmax", name="label")(x)
    ink = k.layers.Dense(1, name="ink")(x)
    return k.Model({"image": image, "row": row}, {"label": label, "ink": ink})


def subclassed(k):
    class Net(k.Model):
        def __init__(self):
            super().__init__()
            self.flatten = k.layers.Flatten()
            self.hidden = k.layers.Dense(12, activation="tanh")
            self.drop = k.layers.Dropout(0.0)
            self.out = k.layers.Dense(10)

        def call(self, inputs, training=False):
            return self.out(self.drop(self.hidden(self.flatten(inputs)), training=training))

    return Net()


def custom_step(k):
    class Net(k.Sequential):
        def train_step(self, data):
            x, y = data
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
            self.zero_grad()
            loss.backward()
            weights = self.trainable_weights
            gradients = [w.grad if k is kerastorch else w.value.grad for w in weights]
            with torch.no_grad():
                self.optimizer.apply(gradients, weights)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    return Net([k.Input((8, 8, 1)), k.layers.Flatten(), k.layers.Dense(10, activation="softmax")])


def losses(k, from_logits):
    return k.losses.SparseCategoricalCrossentropy(from_logits=from_logits)


def compiled(build, from_logits, optimizer=("Adam", {"learning_rate": 1e-3}), **more):
    models = twins(build)
    for model, k in zip(models, (kerastorch, keras), strict=True):
        name, options = optimizer
        model.compile(
            getattr(k.optimizers, name)(**options),
            losses(k, from_logits),
            **{"metrics": [k.metrics.SparseCategoricalAccuracy(name="acc")], **more},
        )
    return models


def check_inference(models, x, y):
    ours, theirs = both(models, "evaluate", x, y, return_dict=True)
    assert_close(ours, theirs)
    assert_close(*both(models, "predict", x, batch_size=50), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o[0] + "".join(f"-{k}" for k in o[1]))
def test_mlp(optimizer):
    x, y = digits()
    models = compiled(mlp, False, optimizer)
    assert_same_training(models, x, y, epochs=3, batch_size=32, validation_split=0.2)
    check_inference(models, x, y)


@pytest.mark.parametrize("optimizer", [OPTIMIZERS[1], OPTIMIZERS[3]], ids=lambda o: o[0])
def test_cnn(optimizer):
    x, y = digits()
    models = compiled(cnn, True, optimizer)
    assert_same_training(
        models, x[:200], y[:200], epochs=3, batch_size=40, validation_data=(x[200:], y[200:])
    )
    check_inference(models, x, y)


@pytest.mark.parametrize("form", ["dict", "list"])
def test_two_inputs_two_outputs(form):
    images, labels = digits()
    x = {"image": images, "row": images[:, 3, :, 0]}
    y = {"label": one_hot(labels), "ink": images.mean((1, 2))}
    models = twins(two_inputs_two_outputs)
    for model in models:
        model.compile(
            "rmsprop",
            {"label": "categorical_crossentropy", "ink": "mse"},
            loss_weights={"label": 0.5, "ink": 2.0},
            metrics={"label": ["accuracy"], "ink": ["mae"]},
        )
    if (
        form == "list"
    ):  # Keras sorts the keys of a dictionary of outputs: a list of targets is in that order there
        x = [x["image"], x["row"]]
    assert_same_training(models, x, y, epochs=3, batch_size=32, validation_data=(x, y))
    assert_close(*both(models, "predict", x), rtol=1e-4, atol=1e-5)


def test_subclassed():
    x, y = digits()
    keras.utils.set_random_seed(1)
    models = compiled(lambda k: called(subclassed(k), x[:2]), True)
    assert_same_training(models, x, y, epochs=3, batch_size=32, validation_split=0.25)
    check_inference(models, x, y)


def called(model, x):
    model(x)
    return model


def test_batch_normalization():
    x, y = digits()
    models = compiled(batch_norm, True)
    assert_same_training(models, x, y, epochs=3, batch_size=32, validation_split=0.25)
    check_inference(models, x, y)


def test_frozen_batch_normalization():
    x, y = digits()

    def build(k):
        model = batch_norm(k)
        model.layers[2].trainable = False
        return model

    models = twins(build)
    rng = np.random.default_rng(3)
    statistics = [rng.uniform(0.5, 1.5, w.shape) for w in models[0].layers[2].get_weights()]
    for model, k in zip(models, (kerastorch, keras), strict=True):
        model.layers[2].set_weights(statistics)
        model.compile("adam", losses(k, True), metrics=["accuracy"])
    assert_same_training(models, x, y, epochs=3, batch_size=32, validation_split=0.25)
    for model in models:
        assert_close(model.layers[2].get_weights(), statistics)


def test_custom_train_step():
    x, y = digits()
    models = compiled(custom_step, False, OPTIMIZERS[1])
    assert_same_training(models, x, y, epochs=3, batch_size=40)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "log_cosh"])
def test_regression_losses(loss):
    x, y = rows(60)
    models = twins(lambda k: k.Sequential([k.Input((3,)), k.layers.Dense(5, "relu"), k.layers.Dense(1)]))
    for model in models:
        model.compile("sgd", loss, metrics=["mae", "mse", "r2_score"])
    assert_same_training(models, x, y, epochs=3, batch_size=16, validation_split=0.3)


def test_time_steps_with_mask():
    """A masked embedding: padding counts neither in the loss nor in the metrics."""
    rng = np.random.default_rng(0)
    x = rng.integers(1, 9, (48, 6))
    x[:, 4:] *= rng.integers(0, 2, (48, 2))
    x[:, 5] *= x[:, 4] > 0
    y = x % 3

    def build(k):
        tokens = k.Input((6,), dtype="int32")
        vectors = k.layers.Embedding(9, 4, mask_zero=True)(tokens)
        return k.Model(tokens, k.layers.Dense(3, activation="softmax")(vectors))

    models = twins(build)
    for model in models:
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert_same_training(models, x, y, epochs=3, batch_size=16)


def test_schedule():
    x, y = digits()
    models = twins(mlp)
    for model, k in zip(models, (kerastorch, keras), strict=True):
        rate = k.optimizers.schedules.ExponentialDecay(0.01, decay_steps=5, decay_rate=0.8)
        model.compile(k.optimizers.Adam(rate), losses(k, False))
    assert_same_training(models, x, y, epochs=3, batch_size=32)
