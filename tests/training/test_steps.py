"""Overriding the steps of training in the forms that Keras scripts use, of both dialects."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, losses, metrics, optimizers
from tests.training.twins import assert_close, assert_same_training, dense, rows, twins

X, Y = rows(24)


def stepping(train_step, **members):
    """A sequential model with a train_step of its own, and the same one without it."""
    cls = type("Net", (kerastorch.Sequential,), {"train_step": train_step, **members})
    mine = cls([kerastorch.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])
    plain = dense(kerastorch)
    plain.set_weights(mine.get_weights())
    for model in (mine, plain):
        model.compile(optimizers.Adam(0.01), "mse", metrics=["mae"])
    return mine, plain


def finish(self, y, y_pred, loss):
    for metric in self.metrics:
        if metric.name == "loss":
            metric.update_state(loss)
        else:
            metric.update_state(y, y_pred)
    return {metric.name: metric.result() for metric in self.metrics}


def apply_form(self, data):
    x, y = data
    y_pred = self(x, training=True)
    loss = self.compute_loss(y=y, y_pred=y_pred)
    self.zero_grad()
    loss.backward()
    trainable = list(self.trainable_weights)
    gradients = [v.value.grad for v in trainable]
    with torch.no_grad():
        self.optimizer.apply(gradients, trainable)
    return finish(self, y, y_pred, loss)


def apply_gradients_form(self, data):
    x, y = data
    y_pred = self(x, training=True)
    loss = self.compute_loss(x, y, y_pred)
    gradients = torch.autograd.grad(loss, self.trainable_variables)
    self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
    return finish(self, y, y_pred, loss)


def torch_form(self, data):
    x, y = data
    self.optimizer.zero_grad()
    y_pred = self(x)
    loss = self.compute_loss(y=y, y_pred=y_pred)
    loss.backward()
    self.optimizer.step()
    return finish(self, y, y_pred, loss)


def keras2_form(self, data):
    x, y = data
    y_pred = self(x, training=True)
    loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
    gradients = torch.autograd.grad(loss, self.trainable_variables)
    self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
    self.compiled_metrics.update_state(y, y_pred)
    return {m.name: m.result() for m in self.metrics}


def super_form(self, data):
    logs = super(type(self), self).train_step(data)
    return {**logs}


FORMS = [apply_form, apply_gradients_form, torch_form, super_form]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f.__name__)
def test_forms_of_train_step(form):
    """Each trains to the weights of the usual step."""
    mine, plain = stepping(form)
    ours, theirs = (
        m.fit(X, Y, epochs=2, batch_size=8, shuffle=False, verbose=0).history for m in (mine, plain)
    )
    assert set(ours) == {"loss", "mae"}
    assert ours["mae"] == pytest.approx(theirs["mae"], rel=1e-5)
    assert ours["loss"] == pytest.approx(theirs["loss"], rel=1e-5)
    for a, b in zip(mine.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_keras_2_form():
    """`compiled_loss` and `compiled_metrics` of Keras 2."""
    mine, plain = stepping(keras2_form)
    for model in (mine, plain):
        history = model.fit(X, Y, epochs=2, batch_size=8, shuffle=False, verbose=0).history
        assert "mae" in history
    for a, b in zip(mine.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_loss_shows_with_compiled_loss():
    """In Keras 2 `compiled_loss` keeps the mean loss itself."""
    mine, plain = stepping(keras2_form)
    histories = [m.fit(X, Y, batch_size=8, shuffle=False, verbose=0).history for m in (mine, plain)]
    assert histories[0]["loss"] == pytest.approx(histories[1]["loss"], rel=1e-5)


def test_logs_of_its_own():
    """Whatever a step returns is shown: tensors, numbers; the last values of the epoch."""

    def step(self, data):
        self.__dict__["count"] = getattr(self, "count", 0) + 1
        return {"count": self.count, "half": torch.tensor(self.count / 2), "np": np.float32(3)}

    mine, _ = stepping(step)
    history = mine.fit(X, Y, batch_size=8, epochs=2, verbose=0).history
    assert dict(history) == {"count": [3, 6], "half": [1.5, 3.0], "np": [3.0, 3.0]}


def test_metrics_of_its_own_and_reset_each_epoch():
    """The pattern of Keras's guide: trackers in `metrics`."""

    def build(k):
        class Net(k.Model):
            def __init__(self):
                super().__init__()
                self.dense = k.layers.Dense(1)
                self.loss_tracker = k.metrics.Mean(name="loss")
                self.mae_metric = k.metrics.MeanAbsoluteError(name="mae")
                self.loss_fn = k.losses.MeanSquaredError()

            def call(self, x):
                return self.dense(x)

            def train_step(self, data):
                x, y = data
                y_pred = self(x, training=True)
                loss = self.loss_fn(y, y_pred)
                self.zero_grad()
                loss.backward()
                weights = self.trainable_weights
                gradients = [v.value.grad for v in weights]
                with torch.no_grad():
                    self.optimizer.apply(gradients, weights)
                self.loss_tracker.update_state(loss)
                self.mae_metric.update_state(y, y_pred)
                return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

            @property
            def metrics(self):
                return [self.loss_tracker, self.mae_metric]

        model = Net()
        model(X[:2])
        return model

    models = twins(build)
    for model, k in zip(models, (kerastorch, keras), strict=True):
        model.compile(optimizer=k.optimizers.Adam())
    ours, _ = assert_same_training(models, X, Y, epochs=3, batch_size=8)
    assert list(ours) == ["loss", "mae"]


@pytest.mark.parametrize("hook", ["compute_loss", "compute_metrics"])
def test_override_of_a_rung(hook):
    def build(k):
        class Net(k.Sequential):
            def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, **kwargs):
                loss = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **kwargs)
                return loss * 2 if hook == "compute_loss" else loss

            def compute_metrics(self, x, y, y_pred, sample_weight=None):
                results = super().compute_metrics(x, y, y_pred, sample_weight)
                return {**results, "twice": results["mae"] * 2} if hook == "compute_metrics" else results

        return Net([k.Input((3,)), k.layers.Dense(1)])

    models = twins(build)
    for model in models:
        model.compile("sgd", "mse", metrics=["mae"])
    ours, _ = assert_same_training(models, X, Y, epochs=2, batch_size=8, validation_data=(X, Y))
    assert ("val_twice" in ours) is (hook == "compute_metrics")


def test_override_of_test_step():
    def build(k):
        class Net(k.Sequential):
            def test_step(self, data):
                x, y = data
                y_pred = self(x, training=False)
                self.compute_loss(y=y, y_pred=y_pred)
                for metric in self.metrics:
                    if metric.name != "loss":
                        metric.update_state(y, y_pred)
                return {m.name: m.result() for m in self.metrics if m.name != "loss"}

        return Net([k.Input((3,)), k.layers.Dense(1)])

    for model in twins(build):
        model.compile("sgd", "mse", metrics=["mae"])
        assert list(model.evaluate(X, Y, return_dict=True, verbose=0)) in (["mae"], ["compile_metrics"])


def test_two_optimizers_and_own_compile():
    """A generative adversarial network as in Keras's guide."""

    class Gan(kerastorch.Model):
        def __init__(self, discriminator, generator, latent_dim):
            super().__init__()
            self.discriminator, self.generator, self.latent_dim = discriminator, generator, latent_dim
            self.d_loss_tracker = metrics.Mean(name="d_loss")
            self.g_loss_tracker = metrics.Mean(name="g_loss")
            self.built = True

        @property
        def metrics(self):
            return [self.d_loss_tracker, self.g_loss_tracker]

        def compile(self, d_optimizer, g_optimizer, loss_fn):
            super().compile()
            self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

        def train_step(self, real):
            if isinstance(real, tuple):
                real = real[0]
            size = real.shape[0]
            fake = self.generator(torch.randn(size, self.latent_dim))
            both = torch.cat([fake.detach(), real])
            labels = torch.cat([torch.ones(size, 1), torch.zeros(size, 1)])
            d_loss = self.loss_fn(labels, self.discriminator(both))
            self.zero_grad()
            d_loss.backward()
            weights = self.discriminator.trainable_weights
            with torch.no_grad():
                self.d_optimizer.apply([w.grad for w in weights], weights)
            g_loss = self.loss_fn(
                torch.zeros(size, 1), self.discriminator(self.generator(torch.randn(size, 2)))
            )
            self.zero_grad()
            g_loss.backward()
            weights = self.generator.trainable_weights
            with torch.no_grad():
                self.g_optimizer.apply([w.grad for w in weights], weights)
            self.d_loss_tracker.update_state(d_loss)
            self.g_loss_tracker.update_state(g_loss)
            return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}

    torch.manual_seed(0)
    gan = Gan(dense(kerastorch, 3, 1), dense(kerastorch, 2, 3), latent_dim=2)
    gan.compile(optimizers.Adam(0.01), optimizers.Adam(0.01), losses.BinaryCrossentropy(from_logits=True))
    before = [np.array(w) for w in gan.get_weights()]
    history = gan.fit(X, batch_size=8, epochs=2, verbose=0).history
    assert list(history) == ["d_loss", "g_loss"]
    assert not any(np.array_equal(a, b) for a, b in zip(before, gan.get_weights(), strict=True))
    assert len(gan.get_weights()) == 8


def test_data_without_targets_is_the_inputs_alone():
    """An autoencoder's train_step receives the tensor itself."""
    seen = []

    def step(self, data):
        seen.append(data)
        return {"loss": 0.0}

    mine, _ = stepping(step)
    mine.fit(X, batch_size=24, shuffle=False, verbose=0)
    assert torch.equal(seen[0], torch.from_numpy(X))


STRUCTURES = [
    (lambda: (X, Y), tuple, 2),
    (lambda: (X, Y, np.ones(24)), tuple, 3),
    (lambda: ([X, X],), tuple, 1),
    (lambda: ({"a": X},), dict, 1),
]


@pytest.mark.parametrize(("make", "kind", "length"), STRUCTURES, ids=["x, y", "weights", "list", "dict"])
def test_structure_of_data_is_keras_s(make, kind, length):
    shapes = []
    for k in (kerastorch, keras):

        class Net(k.Model):
            def call(self, inputs):
                return inputs

            def train_step(self, data):
                shapes.append((type(data), len(data)))
                return {"loss": 0.0}

        model = Net()
        model.built = True
        model.compile("sgd")
        arguments = dict(zip(("x", "y", "sample_weight"), make(), strict=False))
        model.fit(**arguments, batch_size=24, verbose=0)
    assert shapes == [(kind, length)] * 2


class KerasThreeLoss(losses.Loss):
    def call(self, y_true, y_pred):
        return torch.mean((y_true - y_pred) ** 2, -1)


class KerasTwoLoss(losses.Loss):
    def __init__(self, factor=1.0, reduction=losses.Reduction.SUM_OVER_BATCH_SIZE, name="two"):
        super().__init__(reduction=reduction, name=name)
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * torch.mean((y_true - y_pred) ** 2, -1)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@pytest.mark.parametrize(
    "loss", [KerasThreeLoss(), KerasThreeLoss, KerasTwoLoss(1.0)], ids=["3", "class", "2"]
)
def test_loss_subclasses(loss):
    model = dense(kerastorch)
    model.compile("sgd", loss, metrics=["mse"])
    logs = model.evaluate(X, Y, sample_weight=np.ones(24), verbose=0, return_dict=True)
    assert logs["loss"] == pytest.approx(logs["mse"], rel=1e-5)


class KerasTwoMetric(metrics.Metric):
    """With `add_weight(name, initializer)`, `reset_states` and slots of its own."""

    def __init__(self, name="worst", **kwargs):
        super().__init__(name=name, **kwargs)
        self.worst = self.add_weight(name="worst", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.worst.assign(torch.maximum(self.worst, (y_true - y_pred).abs().max()))

    def result(self):
        return self.worst

    def reset_states(self):
        self.worst.assign(0.0)


class KerasThreeMetric(metrics.Metric):
    def __init__(self, name="worst", **kwargs):
        super().__init__(name=name, **kwargs)
        self.worst = self.add_variable(shape=(), initializer="zeros", name="worst")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.worst.assign(torch.maximum(self.worst, (y_true - y_pred).abs().max()))

    def result(self):
        return self.worst


@pytest.mark.parametrize("metric", [KerasTwoMetric, KerasThreeMetric])
def test_metric_subclasses(metric):
    model = dense(kerastorch)
    model.compile(optimizers.SGD(0.0), "mse", metrics=[metric()])
    history = model.fit(X, Y, batch_size=5, epochs=2, validation_data=(X[:3], Y[:3]), verbose=0).history
    distance = np.abs(model.predict(X, verbose=0) - Y)
    assert history["worst"] == pytest.approx([distance.max()] * 2, rel=1e-5)
    assert history["val_worst"] == pytest.approx([distance[:3].max()] * 2, rel=1e-5)


def test_metric_made_by_a_layer():
    def build(k):
        class Watch(k.layers.Layer):
            def __init__(self):
                super().__init__()
                self.size = k.metrics.Mean(name="size")

            def call(self, x):
                self.size.update_state(x[:, 0] ** 2)
                return x

        return k.Sequential([k.Input((3,)), Watch(), k.layers.Dense(1)])

    ours, _ = models = twins(build)
    for model in models:
        model.compile("sgd", "mse")
    history = ours.fit(X, Y, batch_size=7, validation_data=(X[:4], Y[:4]), verbose=0).history
    assert history["size"] == pytest.approx([(X[:, 0] ** 2).mean()], rel=1e-5)
    assert history["val_size"] == pytest.approx([(X[:4, 0] ** 2).mean()], rel=1e-5)


def test_reset_metrics_by_hand():
    model = dense(kerastorch)
    model.compile("sgd", "mse", metrics=["mae"])
    model.test_on_batch(X, Y)
    model.reset_metrics()
    assert all(float(value) == 0.0 for value in model.get_metrics_result().values())


def test_get_metrics_result():
    models = twins(dense)
    for model in models:
        model.compile("sgd", "mse", metrics=["mae"])
        model.test_on_batch(X, Y)
    ours, theirs = (dict(model.get_metrics_result()) for model in models)
    assert_close({k: float(v) for k, v in ours.items()}, {k: float(v) for k, v in theirs.items()})


def test_stop_training_inside_a_step():
    steps = []

    def step(self, data):
        steps.append(1)
        self.stop_training = len(steps) == 2
        return {"loss": 0.0}

    mine, _ = stepping(step)
    mine.fit(X, Y, batch_size=4, epochs=3, verbose=0)
    assert len(steps) == 2
