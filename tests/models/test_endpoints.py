"""Layers at the end of a model that compute its loss and its metrics from targets among the inputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, losses, metrics
from kerastorch.errors import InvalidArgumentError
from tests.training.twins import assert_close, trained, twins

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype("float32")
TARGETS = (X @ RNG.normal(size=(3, 2)) > 0).astype("float32")
DATA = {"inputs": X, "targets": TARGETS}


class LogisticEndpoint(layers.Layer):
    """As in the guides of Keras 2: it adds its loss and its accuracy."""

    def __init__(self, name=None):
        super().__init__(name=name)
        self.loss_fn = losses.BinaryCrossentropy(from_logits=True)
        self.accuracy_fn = metrics.BinaryAccuracy()

    def call(self, targets, logits, sample_weights=None):
        loss = self.loss_fn(targets, logits, sample_weights)
        self.add_loss(loss)
        accuracy = self.accuracy_fn(targets, logits, sample_weights)
        self.add_metric(accuracy, name="accuracy")
        return torch.softmax(logits, -1)


class Swapped(LogisticEndpoint):
    def call(self, logits, targets, sample_weights=None):
        return super().call(targets, logits, sample_weights)


def endpoint_model(endpoint=LogisticEndpoint, *, swapped=False):
    inputs = kerastorch.Input((3,), name="inputs")
    targets = kerastorch.Input((2,), name="targets")
    logits = layers.Dense(2)(inputs)
    pair = (logits, targets) if swapped else (targets, logits)
    return kerastorch.Model([inputs, targets], endpoint(name="predictions")(*pair))


def with_sigmoid_loss(weights):
    """The same network with its loss in `compile`."""
    model = kerastorch.Sequential([kerastorch.Input((3,)), layers.Dense(2)])
    model.set_weights(weights)
    model.compile(
        kerastorch.optimizers.Adam(),
        losses.BinaryCrossentropy(from_logits=True),
        metrics=[metrics.BinaryAccuracy()],
    )
    return model


@pytest.mark.parametrize("swapped", [False, True], ids=["targets first", "logits first"])
def test_an_endpoint_trains_like_a_loss_in_compile(swapped):
    model = endpoint_model(Swapped if swapped else LogisticEndpoint, swapped=swapped)
    plain = with_sigmoid_loss(model.get_weights())
    model.compile("adam")
    ours = model.fit(DATA, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    theirs = plain.fit(X, TARGETS, batch_size=8, epochs=3, shuffle=False, verbose=0).history
    assert list(ours) == list(theirs) == ["loss", "binary_accuracy"]
    assert_close(dict(ours), dict(theirs))
    assert_close(model.get_weights(), plain.get_weights())


def test_the_accuracy_is_one_metric():
    model = endpoint_model()
    model.compile("adam")
    model.fit(DATA, verbose=0)
    endpoint = model.get_layer("predictions")
    assert endpoint.metrics == [endpoint.accuracy_fn]
    assert model.metrics_names == ["loss", "binary_accuracy"]


def test_an_endpoint_evaluates_validates_and_predicts():
    model = endpoint_model()
    model.compile("adam")
    history = model.fit(DATA, validation_data=(DATA,), verbose=0).history
    assert list(history) == ["loss", "binary_accuracy", "val_loss", "val_binary_accuracy"]
    assert_close(model.evaluate(DATA, verbose=0), [history["val_loss"][0], history["val_binary_accuracy"][0]])
    np.testing.assert_allclose(model.predict(DATA, verbose=0).sum(-1), 1.0, rtol=1e-6)


def test_an_endpoint_called_by_hand():
    endpoint = LogisticEndpoint()
    targets, logits = torch.ones(2, 2), torch.ones(2, 2)
    endpoint(targets, logits)
    assert endpoint.metrics == [endpoint.accuracy_fn]
    assert float(endpoint.metrics[0].result()) == 1.0
    assert float(endpoint.losses[0]) == pytest.approx(float(endpoint.loss_fn(targets, logits)))


def test_sample_weights_are_a_third_argument():
    weights = RNG.random(24).astype("float32")
    inputs = [
        kerastorch.Input(shape, name=name) for name, shape in (("inputs", (3,)), ("targets", (2,)), ("w", ()))
    ]
    dense = layers.Dense(2)
    model = kerastorch.Model(inputs, LogisticEndpoint()(inputs[1], dense(inputs[0]), inputs[2]))
    model.compile("adam")
    plain = with_sigmoid_loss(model.get_weights())
    values = model.evaluate({**DATA, "w": weights}, verbose=0)
    assert values[0] == pytest.approx(
        plain.evaluate(X, TARGETS, sample_weight=weights, verbose=0)[0], rel=1e-5
    )


def test_an_endpoint_with_an_updated_attribute_is_keras_s():
    def build(k):
        class Endpoint(k.layers.Layer):
            def __init__(self):
                super().__init__()
                self.loss_fn = k.losses.BinaryCrossentropy(from_logits=True)
                self.accuracy_fn = k.metrics.BinaryAccuracy()

            def call(self, targets, logits):
                self.add_loss(self.loss_fn(targets, logits))
                self.accuracy_fn.update_state(targets, logits)
                return logits * 1.0

        inputs, targets = k.Input((3,), name="inputs"), k.Input((2,), name="targets")
        return k.Model([inputs, targets], Endpoint()(targets, k.layers.Dense(2)(inputs)))

    models = twins(build)
    for model in models:
        model.compile("adam")
    ours, theirs = trained(models, DATA, batch_size=8, epochs=2)
    assert list(ours) == ["loss", "binary_accuracy"]
    assert_close(dict(ours), {"loss": theirs["loss"], "binary_accuracy": theirs["binary_accuracy"]})


def test_missing_targets_are_named():
    model = endpoint_model()
    model.compile("adam")
    with pytest.raises(InvalidArgumentError, match=r"targets"):
        model.fit({"inputs": X}, verbose=0)


# Losses of symbolic tensors -----------------------------------------------------------------------------------------


def test_a_loss_object_on_symbolic_tensors():
    inputs, targets = kerastorch.Input((3,), name="inputs"), kerastorch.Input((2,), name="targets")
    logits = layers.Dense(2)(inputs)
    model = kerastorch.Model([inputs, targets], logits)
    model.add_loss(losses.BinaryCrossentropy(from_logits=True)(targets, logits))
    model.compile("adam")
    plain = with_sigmoid_loss(model.get_weights())
    ours = model.fit(DATA, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    theirs = plain.fit(X, TARGETS, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    assert_close(ours["loss"], theirs["loss"])
    assert_close(model.get_weights(), plain.get_weights())


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_var = inputs
        return mean + torch.exp(0.5 * log_var) * 0.5


def test_a_variational_autoencoder_of_keras_2():
    x = kerastorch.Input((3,))
    hidden = layers.Dense(8, activation="tanh")(x)
    mean, log_var = layers.Dense(2, name="mean")(hidden), layers.Dense(2, name="log_var")(hidden)
    decoded = layers.Dense(3)(Sampling()([mean, log_var]))
    vae = kerastorch.Model(x, decoded)
    rebuilt = torch.mean((x - decoded) ** 2, -1) * 3
    divergence = -0.5 * torch.sum(1 + log_var - mean**2 - torch.exp(log_var), -1)
    vae.add_loss(torch.mean(rebuilt + divergence))
    vae.compile("adam")
    history = vae.fit(X, X, epochs=30, verbose=0).history
    assert list(history) == ["loss"]
    assert history["loss"][-1] < history["loss"][0]
    with torch.no_grad():
        encoder = kerastorch.Model(x, [mean, log_var])
        mu, log_variance = encoder(torch.tensor(X))
        out = vae(torch.tensor(X))
    by_hand = ((torch.tensor(X) - out) ** 2).sum(-1) - 0.5 * (
        1 + log_variance - mu**2 - log_variance.exp()
    ).sum(-1)
    assert vae.evaluate(X, verbose=0) == pytest.approx(by_hand.mean().item(), rel=1e-5)
