"""G8 and G9: losses and metrics that layers and models add, and endpoint layers."""

from __future__ import annotations

import numpy as np
import pytest

import kerastorch as keras
from kerastorch import layers
from kerastorch.compat import tensorflow as tf
from tests.guide.data import digits

(X, Y), (X_VAL, Y_VAL), _ = digits()


class ActivityRegularization(layers.Layer):
    def call(self, inputs):
        self.add_loss(tf.reduce_sum(inputs) * 0.1)
        return inputs


class MetricLogging(layers.Layer):
    def call(self, inputs):
        self.add_metric(tf.math.reduce_std(inputs), name="std_of_activation", aggregation="mean")
        return inputs


def network(*between):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    for layer in between:
        x = layer(x)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    return keras.Model(inputs, layers.Dense(10, name="predictions")(x))


def compiled(model):
    model.compile(
        keras.optimizers.RMSprop(1e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model


def hidden(model, x):
    """What the first layer gives, computed by hand."""
    kernel, bias = model.get_weights()[:2]
    return np.maximum(x @ kernel + bias, 0)


def test_g8_a_loss_in_call():
    plain, model = compiled(network()), compiled(network(ActivityRegularization()))
    model.set_weights(plain.get_weights())
    expected = plain.evaluate(X, Y, batch_size=1200, verbose=0) + 0.1 * hidden(plain, X).sum()
    assert model.evaluate(X, Y, batch_size=1200, verbose=0) == pytest.approx(float(expected), rel=1e-5)
    losses = model.fit(X, Y, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_g8_a_metric_in_call():
    model = compiled(network(MetricLogging()))
    history = model.fit(X, Y, epochs=2, validation_data=(X_VAL, Y_VAL), verbose=0).history
    assert list(history) == ["loss", "std_of_activation", "val_loss", "val_std_of_activation"]
    found = model.evaluate(X_VAL, Y_VAL, batch_size=300, verbose=0, return_dict=True)["std_of_activation"]
    assert found == pytest.approx(float(hidden(model, X_VAL).std()), rel=1e-5)


def symbolic():
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(64,), name="digits")
    x1 = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x2 = layers.Dense(64, activation="relu", name="dense_2")(x1)
    model = keras.Model(inputs, layers.Dense(10, name="predictions")(x2))
    model.add_loss(tf.reduce_sum(x1) * 0.1)
    model.add_metric(tf.reduce_max(x1), name="greatest_activation", aggregation="mean")
    return model


def test_g8_a_loss_and_a_metric_on_symbolic_tensors():
    plain, model = compiled(network()), compiled(symbolic())
    model.set_weights(plain.get_weights())
    found = model.evaluate(X, Y, batch_size=1200, verbose=0, return_dict=True)
    expected = plain.evaluate(X, Y, batch_size=1200, verbose=0) + 0.1 * hidden(plain, X).sum()
    assert found["loss"] == pytest.approx(float(expected), rel=1e-5)
    assert found["greatest_activation"] == pytest.approx(float(hidden(plain, X).max()), rel=1e-5)
    assert list(model.fit(X, Y, verbose=0).history) == ["loss", "greatest_activation"]
    np.testing.assert_allclose(
        model.predict(X[:5], verbose=0), plain_predictions(model, X[:5]), rtol=1e-4, atol=1e-5
    )


def plain_predictions(model, x):
    *_, kernel_2, bias_2, kernel_3, bias_3 = model.get_weights()
    return np.maximum(hidden(model, x) @ kernel_2 + bias_2, 0) @ kernel_3 + bias_3


class LogisticEndpoint(layers.Layer):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
        self.accuracy_fn = keras.metrics.BinaryAccuracy()

    def call(self, logits, targets, sample_weights=None):
        self.add_loss(self.loss_fn(targets, logits, sample_weights))
        self.add_metric(self.accuracy_fn(targets, logits, sample_weights), name="accuracy")
        return tf.nn.softmax(logits)


class TargetsFirst(LogisticEndpoint):
    def call(self, targets, logits, sample_weights=None):
        return super().call(logits, targets, sample_weights)


@pytest.mark.parametrize("endpoint", [LogisticEndpoint, TargetsFirst])
def test_g9_an_endpoint_layer_has_loss_and_metric(endpoint):
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(64,), name="inputs")
    targets = keras.Input(shape=(1,), name="targets")
    logits = layers.Dense(1)(inputs)
    order = (logits, targets) if endpoint is LogisticEndpoint else (targets, logits)
    predictions = endpoint(name="predictions")(*order)
    model = keras.Model(inputs=[inputs, targets], outputs=predictions)
    model.compile(optimizer="adam")
    data = {"inputs": X, "targets": (Y > 4).astype("float32")[:, None]}
    history = model.fit(data, epochs=3, verbose=0).history
    assert list(history) == ["loss", "binary_accuracy"]  # the metric object's own name, as in tf.keras
    assert history["loss"][-1] < history["loss"][0]
    found = model.evaluate(data, batch_size=1200, verbose=0, return_dict=True)
    kernel, bias = model.get_weights()
    z, y = X @ kernel + bias, data["targets"]
    crossentropy = np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
    assert found["loss"] == pytest.approx(float(crossentropy), rel=1e-5)
    assert found["binary_accuracy"] == pytest.approx(float(np.mean((z > 0.5) == y)), rel=1e-6)


def test_g9_no_loss_at_all_is_an_error():
    model = network()
    model.compile("adam")
    with pytest.raises(keras.errors.NotCompiledError, match="No loss to compute"):
        model.fit(X, Y, verbose=0)
