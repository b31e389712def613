"""Metrics that layers add in their calls, that models take of symbolic tensors, and metrics that are attributes."""

from __future__ import annotations

import copy

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers, metrics, models
from kerastorch.errors import GraphError, InvalidArgumentError
from tests.training.twins import rows, trained

X, Y = rows(24)


class Reports(layers.Layer):
    """A layer that reports the mean of its input under a name."""

    def __init__(self, label="activation", **kwargs):
        super().__init__(**kwargs)
        self.label = label

    def call(self, x):
        self.add_metric(x.mean(), name=self.label, aggregation="mean")
        return x


def functional(*middle):
    x = kerastorch.Input((3,))
    y = x
    for layer in middle:
        y = layer(y)
    return kerastorch.Model(x, layers.Dense(1)(y))


def sequential(*middle):
    return kerastorch.Sequential([kerastorch.Input((3,)), *middle, layers.Dense(1)])


def unbuilt(*middle):
    return kerastorch.Sequential([*middle, layers.Dense(1)])


class Net(kerastorch.Model):
    """A subclassed model that reports the mean of its input itself."""

    def __init__(self, *middle):
        super().__init__()
        self.middle, self.out = list(middle), layers.Dense(1)

    def call(self, x):
        for layer in self.middle:
            x = layer(x)
        return self.out(x)


class OwnNet(Net):
    def call(self, x):
        self.add_metric(x.mean(), name="activation")
        return self.out(x)


def nested(*middle):
    return sequential(functional(*middle))


KINDS = {"functional": functional, "sequential": sequential, "unbuilt": unbuilt, "subclassed": Net}


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_reported_value_is_the_mean_over_the_batches_of_each_epoch(kind):
    model = KINDS[kind](Reports())
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(
        X, Y, batch_size=8, epochs=2, shuffle=False, validation_data=(X[:16], Y[:16]), verbose=0
    ).history
    names = ["loss", "mae", "activation"]
    assert list(history) == [*names, *(f"val_{name}" for name in names)]
    assert history["activation"] == pytest.approx([X.mean()] * 2, abs=1e-6)
    assert history["val_activation"] == pytest.approx([X[:16].mean()] * 2, abs=1e-6)


def test_a_subclassed_model_reports_values_itself():
    model = OwnNet()
    model.compile("sgd", "mse")
    assert model.fit(X, Y, verbose=0).history["activation"] == pytest.approx([X.mean()], abs=1e-6)


def test_evaluate_returns_the_values_in_the_order_of_metrics_names():
    model = nested(Reports())
    model.compile("sgd", "mse", metrics=["mae"])
    values = model.evaluate(X, Y, verbose=0)
    assert model.metrics_names == ["loss", "mae", "activation"]
    assert values[2] == pytest.approx(X.mean(), abs=1e-6)
    assert [m.name for m in model.metrics] == model.metrics_names


def test_the_metric_is_made_once():
    layer = Reports()
    layer(X), layer(X)
    (metric,) = layer.metrics
    assert (metric.name, float(metric.count)) == ("activation", 2.0)


def test_a_shared_layer_counts_each_of_its_calls():
    x = kerastorch.Input((3,))
    layer = Reports()
    model = kerastorch.Model(x, layers.Dense(1)(layer(layer(x) + 1.0)))
    model.compile("sgd", "mse")
    assert model.evaluate(X, Y, return_dict=True, verbose=0)["activation"] == pytest.approx(X.mean() + 0.5)


def test_two_layers_that_report_under_one_name_are_told_apart():
    model = sequential(Reports(), Reports())
    model.compile("sgd", "mse")
    values = model.evaluate(X, Y, return_dict=True, verbose=0)
    assert {"activation", "activation_1"} <= set(values)


def test_several_values_of_one_layer():
    class Two(layers.Layer):
        def call(self, x, training=None):
            self.add_metric(x, name="mean")
            self.add_metric(float(bool(training)), name="training")
            return x

    model = sequential(Two())
    model.compile("sgd", "mse")
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert history["mean"] == pytest.approx([X.mean()], abs=1e-6)
    assert (history["training"], history["val_training"]) == ([1.0], [0.0])


@pytest.mark.parametrize("aggregation", ["mean", None], ids=str)
def test_the_result_of_a_metric_object_is_reported_under_its_name(aggregation):
    class Peak(layers.Layer):
        def __init__(self):
            super().__init__()
            self.held = {"inside": metrics.Sum(name="total")}

        def call(self, x):
            self.add_metric(self.held["inside"](x), name="ignored", aggregation=aggregation)
            return x

    model = sequential(Peak())
    model.compile("sgd", "mse")
    values = model.evaluate(X, Y, batch_size=8, return_dict=True, verbose=0)
    assert list(values) == ["loss", "total"]
    assert values["total"] == pytest.approx(X.sum(), rel=1e-4)


def test_the_result_of_an_updated_metric_object_counts_once():
    class Peak(layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen = metrics.Sum(name="seen")

        def call(self, x):
            self.seen.update_state(torch.ones(len(x)))
            self.add_metric(self.seen.result())
            return x

    model = sequential(Peak())
    model.compile("sgd", "mse")
    assert model.evaluate(X, Y, batch_size=8, return_dict=True, verbose=0)["seen"] == len(X)


@pytest.mark.parametrize("build", ["functional", "sequential", "unbuilt", "subclassed"])
def test_attributes_count_every_batch_once_as_in_keras(build):
    """Neither tracing nor building counts."""

    def make(k):
        class Counts(k.layers.Layer):
            def __init__(self):
                super().__init__()
                self.seen = k.metrics.Sum(name="seen")

            def call(self, x):
                self.seen.update_state(x * 0 + 1)
                return x

        class Own(k.Model):
            def __init__(self):
                super().__init__()
                self.counts, self.out = Counts(), k.layers.Dense(1)

            def call(self, x):
                return self.out(self.counts(x))

        if build == "subclassed":
            return Own()
        if build == "functional":
            x = k.Input((3,))
            return k.Model(x, k.layers.Dense(1)(Counts()(x)))
        row = [Counts(), k.layers.Dense(1)]
        return k.Sequential([k.Input((3,)), *row] if build == "sequential" else row)

    models_made = make(kerastorch), make(keras)
    for model in models_made:
        model.compile("sgd", "mse")
    ours, theirs = trained(models_made, X, Y, batch_size=8, epochs=2)
    assert ours["seen"] == theirs["seen"] == [X.size] * 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, r"provide a name.*Received: name=None"),
        ({"name": "x", "aggregation": "sum"}, r"aggregation='sum'"),
    ],
    ids=["no name", "an unknown aggregation"],
)
def test_wrong_arguments(arguments, text):
    class Wrong(layers.Layer):
        def call(self, x):
            self.add_metric(x.mean(), **arguments)
            return x

    with pytest.raises(InvalidArgumentError, match=text):
        Wrong()(torch.ones(2, 3))


# Of symbolic tensors ------------------------------------------------------------------------------------------------


def with_hidden(compiled_first=False):
    x = kerastorch.Input((3,))
    hidden = layers.Dense(4, name="hidden")(x)
    model = kerastorch.Model(x, layers.Dense(1)(hidden))
    if compiled_first:
        model.compile("sgd", "mse", metrics=["mae"])
    model.add_metric(torch.std(hidden), name="std_of_activation", aggregation="mean")
    if not compiled_first:
        model.compile("sgd", "mse", metrics=["mae"])
    return model


def std_of_activation(model):
    with torch.no_grad():
        return float(model.get_layer("hidden")(torch.tensor(X)).std())


@pytest.mark.parametrize("compiled_first", [True, False], ids=["after compile", "before compile"])
def test_a_symbolic_value_is_reported(compiled_first):
    model = with_hidden(compiled_first)
    assert model.metrics_names == ["loss", "mae", "std_of_activation"]
    history = model.fit(X, Y, validation_data=(X, Y), verbose=0).history
    assert history["val_std_of_activation"] == pytest.approx([std_of_activation(model)], rel=1e-5)


def test_a_symbolic_value_leaves_the_model_as_it_was():
    model = with_hidden()
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Dense", "Dense"]
    assert model.output_shape == (None, 1)
    assert "std" not in model.code
    text = []
    model.summary(print_fn=text.append)
    assert "std" not in text[0]


def test_predicting_does_not_compute_a_symbolic_value():
    model = with_hidden()
    model.predict(X, verbose=0)
    assert float(model.metrics[-1].count) == 0


def test_a_metric_object_on_a_symbolic_tensor():
    x = kerastorch.Input((3,))
    hidden = layers.Dense(4, name="hidden")(x)
    model = kerastorch.Model(x, layers.Dense(1)(hidden))
    model.add_metric(metrics.Mean(name="mean_of_activation")(hidden), aggregation=None)
    model.compile("sgd", "mse")
    for each in (model, copy.deepcopy(model), models.clone_model(model)):
        values = each.evaluate(X, Y, return_dict=True, verbose=0)
        expected = each.get_layer("hidden")(torch.tensor(X)).mean().item()
        assert values["mean_of_activation"] == pytest.approx(expected, abs=1e-5)


def test_a_symbolic_value_of_another_model_is_refused():
    model = with_hidden()
    with pytest.raises(
        GraphError, match=r"`add_metric` of model '.*keras_tensor.*cannot be computed from the inputs"
    ):
        model.add_metric(torch.std(kerastorch.Input((3,))), name="std")


@pytest.mark.parametrize("make", [Reports, lambda: Net()], ids=["a layer", "a subclassed model"])
def test_a_symbolic_value_needs_a_graph(make):
    with pytest.raises(GraphError, match=r"`add_metric` of .* received the symbolic tensor"):
        make().add_metric(kerastorch.Input((3,)), name="x")


# Metrics of users ---------------------------------------------------------------------------------------------------


def positives(reset_name, keras2_order):
    class Positives(metrics.Metric):
        def __init__(self, name="positives", **kwargs):
            super().__init__(name=name, **kwargs)
            if keras2_order:
                self.seen = self.add_weight("ctp", initializer="zeros")
            else:
                self.seen = self.add_weight(name="ctp", initializer="zeros")
            self.resets = 0

        def update_state(self, y_true, y_pred, sample_weight=None):
            values = (y_true > 0).float()
            if sample_weight is not None:
                values = values * sample_weight.reshape(values.shape)
            self.seen.assign_add(values.sum())

        def result(self):
            return self.seen

    def reset(self):
        self.resets += 1
        self.seen.assign(0.0)

    setattr(Positives, reset_name, reset)
    return Positives


@pytest.mark.parametrize("keras2_order", [True, False], ids=["name first", "by name"])
@pytest.mark.parametrize("reset_name", ["reset_state", "reset_states"])
def test_a_metric_of_the_user_s(reset_name, keras2_order):
    class Derived(positives(reset_name, keras2_order)):
        pass

    metric = Derived()
    model = sequential()
    model.compile("sgd", "mse", metrics=[metric])
    history = model.fit(X, Y, batch_size=8, epochs=2, validation_data=(X[:8], Y[:8]), verbose=0).history
    assert history["positives"] == [float((Y > 0).sum())] * 2
    assert history["val_positives"] == [float((Y[:8] > 0).sum())] * 2
    assert metric.seen.dtype is torch.float32


def test_a_weighted_metric_of_the_user_s():
    model = sequential()
    model.compile("sgd", "mse", weighted_metrics=[positives("reset_state", False)()])
    weights = np.arange(len(Y), dtype="float32")
    history = model.fit(X, Y, batch_size=8, sample_weight=weights, verbose=0).history
    assert history["positives"] == pytest.approx([float((weights * (Y[:, 0] > 0)).sum())])
