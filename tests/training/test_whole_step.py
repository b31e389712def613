"""`jit_compile=True`: a step of training as one program, which gives what ordinary steps give."""

from __future__ import annotations

import copy
import logging
import pickle

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers
from tests.training.twins import assert_close

pytestmark = pytest.mark.slow
X = np.random.default_rng(0).normal(size=(100, 8)).astype("float32")
Y = (X.sum(1, keepdims=True) > 0).astype("float32")
NAMED = {"a": X, "b": X[:, :4] * 2}


def dense():
    return [layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")]


def random():
    own = [layers.Dropout(0.2, seed=3), layers.GaussianNoise(0.1)]
    return [
        layers.Dense(16, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.3),
        *own,
        *dense(),
    ]


def regularized():
    return [layers.Dense(8, kernel_regularizer="l2", kernel_constraint="max_norm"), *dense()]


def recurrent():
    return [layers.Reshape((4, 2)), layers.LSTM(5, return_sequences=True), layers.LSTM(3), *dense()]


def two_inputs():
    a, b = kerastorch.Input((8,), name="a"), kerastorch.Input((4,), name="b")
    both = layers.Concatenate()(
        [layers.Dense(4, activation="relu")(a), layers.Dense(4, activation="tanh")(b)]
    )
    outputs = {
        "p": layers.Dense(1, activation="sigmoid", name="p")(both),
        "q": layers.Dense(2, name="q")(both),
    }
    return kerastorch.Model({"a": a, "b": b}, outputs)


def sequential(make):
    return kerastorch.Sequential([kerastorch.Input((8,)), *make()])


WAYS = {
    "two inputs and outputs": (
        two_inputs,
        {"loss": {"p": "binary_crossentropy", "q": "mse"}, "metrics": {"p": ["accuracy"], "q": ["mae"]}},
        (NAMED, {"p": Y, "q": X[:, :2]}),
    ),
    **{
        make.__name__: (
            lambda make=make: sequential(make),
            {"loss": "binary_crossentropy", "metrics": ["accuracy", "AUC"]},
            (X, Y),
        )
        for make in (dense, random, regularized)
    },
}


def trained(model, arguments, data, jit_compile, **fitting):
    model.compile("adam", jit_compile=jit_compile, **arguments)
    kerastorch.utils.set_random_seed(7)
    options = {"batch_size": 16, "epochs": 3, "shuffle": False, "verbose": 0, **fitting}
    return model.fit(*data, **options).history


ROWS = [way if way == "random" else pytest.param(way, marks=pytest.mark.sweep) for way in WAYS]


@pytest.mark.parametrize("way", ROWS)
def test_programs_train_as_ordinary_steps_do(way):
    make, arguments, data = WAYS[way]
    eager = make()
    jitted = kerastorch.models.clone_model(eager)
    jitted.set_weights(eager.get_weights())
    expected = trained(eager, arguments, data, False)
    assert_close(trained(jitted, arguments, data, True), expected, rtol=1e-4, atol=1e-5)
    assert jitted.step_report().kind == "compiled", str(jitted.step_report())
    assert jitted.step_report().programs == 1  # the last batch of an epoch is shorter, and runs as it is
    for ours, theirs in zip(jitted.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.sweep
def test_layers_whose_kernel_the_compiler_does_not_take_train_as_before():
    eager = sequential(recurrent)
    jitted = kerastorch.models.clone_model(eager)
    jitted.set_weights(eager.get_weights())
    expected = trained(eager, {"loss": "mse"}, (X, Y), False)
    assert_close(trained(jitted, {"loss": "mse"}, (X, Y), True), expected, rtol=1e-4, atol=1e-5)
    assert jitted.step_report().kind == "eager"
    assert "the compiler failed" in jitted.step_report().reason


@pytest.mark.sweep
def test_a_hundred_steps_agree_within_a_hundred_thousandth():
    eager = sequential(dense)
    jitted = kerastorch.models.clone_model(eager)
    jitted.set_weights(eager.get_weights())
    arguments = {"loss": "mse"}
    for model, jit in ((eager, False), (jitted, True)):
        trained(model, arguments, (X[:96], Y[:96]), jit, epochs=17)
    for ours, theirs in zip(jitted.get_weights(), eager.get_weights(), strict=True):
        assert np.abs(ours - theirs).max() <= 1e-5 * max(1.0, np.abs(theirs).max())


@pytest.mark.sweep
def test_sample_weights_and_a_schedule_are_part_of_the_step():
    eager = sequential(dense)
    jitted = kerastorch.models.clone_model(eager)
    jitted.set_weights(eager.get_weights())
    weights = np.linspace(0.1, 2, len(X)).astype("float32")
    for model, jit in ((eager, False), (jitted, True)):
        rate = kerastorch.optimizers.schedules.ExponentialDecay(0.01, 3, 0.9)
        model.compile(kerastorch.optimizers.SGD(rate, momentum=0.9), "mse", jit_compile=jit)
        model.fit(X, Y, sample_weight=weights, batch_size=20, epochs=4, shuffle=False, verbose=0)
    assert jitted.step_report().kind == "compiled"
    assert_close(jitted.get_weights(), eager.get_weights(), rtol=1e-4, atol=1e-6)


@pytest.mark.sweep
def test_what_is_frozen_later_is_left_alone_by_a_new_program():
    model = sequential(dense)
    trained(model, {"loss": "mse"}, (X, Y), True)
    model.layers[0].trainable = False
    before = model.layers[0].get_weights()
    trained(model, {"loss": "mse"}, (X, Y), True)
    assert model.step_report().kind == "compiled"
    for ours, theirs in zip(model.layers[0].get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


class Counting(layers.Layer):
    """Depends on what Python counts, which no program knows of."""

    calls = 0

    def call(self, x):
        self.calls += 1
        return x * self.calls


class Looking(layers.Layer):
    def compute_output_shape(self, shape):
        return shape

    def call(self, x):
        return x if float(x.sum()) > 0 else -x


class OwnMetrics(kerastorch.Sequential):
    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return {**super().compute_metrics(x, y, y_pred, sample_weight), "one": 1.0}


class OwnStep(kerastorch.Sequential):
    def train_step(self, data):
        return super().train_step(data)


REFUSED = {
    "a layer that counts": (
        lambda: sequential(lambda: [*dense(), Counting()]),
        "not those of ordinary steps",
    ),
    "a layer that looks at values": (
        lambda: sequential(lambda: [Looking(), *dense()]),
        "could not be traced",
    ),
    "metrics of its own": (lambda: OwnMetrics([kerastorch.Input((8,)), *dense()]), "`compute_metrics`"),
    "a step of its own": (lambda: OwnStep([kerastorch.Input((8,)), *dense()]), "`train_step`"),
}


@pytest.mark.parametrize("way", REFUSED)
def test_what_cannot_be_a_program_is_trained_as_before_and_the_report_says_why(way, caplog):
    make, reason = REFUSED[way]
    model = make()
    with caplog.at_level(logging.WARNING, "kerastorch"):
        trained(model, {"loss": "mse"}, (X, Y), {"backend": "eager"})
    report = model.step_report()
    assert report.kind == "forward"
    assert reason in report.reason
    assert (reason in caplog.text) == (way != "a step of its own")


@pytest.mark.parametrize("jit_compile", [False, "auto"], ids=str)
def test_the_report_of_a_model_that_is_not_compiled_by_torch(jit_compile):
    model = sequential(dense)
    assert "not compiled" in str(model.step_report())
    model.compile("sgd", "mse", jit_compile=jit_compile)
    assert model.step_report().kind == "eager"
    assert "`jit_compile` is" in str(model.step_report())


def test_a_copy_and_what_was_pickled_are_compiled_anew():
    model = sequential(dense)
    model.compile("sgd", "mse", jit_compile={"backend": "eager"})
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        other.fit(X, Y, batch_size=20, epochs=2, verbose=0)
        assert other.step_report().kind == "compiled"
    assert model.step_report().programs == 0


def test_arguments_of_torch_compile_may_be_given():
    model = sequential(dense)
    model.compile("sgd", "mse", jit_compile={"backend": "eager", "dynamic": True})
    model.fit(X, Y, batch_size=16, verbose=0)
    assert "`dynamic`" in model.step_report().reason
    assert model.get_compile_config()["jit_compile"] == {"backend": "eager", "dynamic": True}
    with pytest.raises(kerastorch.errors.CompileError, match=r"`jit_compile` has no key 'modus'"):
        model.compile("sgd", "mse", jit_compile={"modus": 1})
    assert torch.compiler.is_compiling() is False
