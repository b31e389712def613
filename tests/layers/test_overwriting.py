"""Calls in a graph that use the memory of their input give what plain calls give, and yield to whoever watches."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import Input, Model, layers

X = torch.tensor(np.random.default_rng(0).normal(size=(4, 6, 6, 3)).astype("float32"))


def activation(kind):
    return layers.ReLU() if kind == "ReLU" else layers.Activation("relu")


def residual(kind="ReLU", ndim=4):
    """A block in which an activation follows a normalization and a sum, each of which has one reader."""
    conv = {4: layers.Conv2D, 3: layers.Conv1D}[ndim]
    x = inputs = Input(tuple(X.shape[1:]) if ndim == 4 else (6, 3))
    y = activation(kind)(layers.BatchNormalization()(conv(3, 3, padding="same")(x)))
    y = layers.BatchNormalization()(conv(3, 3, padding="same")(y))
    return Model(inputs, activation(kind)(layers.Add()([y, x])))


def call_by_call(model, x, training):
    """The same model layer by layer, without its generated code."""
    values = {model.layers[0].name: x}
    for layer in model.layers[1:]:
        node = layer.inbound_nodes[0]
        given = [values[t.node.operation.name] for t in node.input_tensors]
        values[layer.name] = layer(given if isinstance(layer, layers.Add) else given[0], training=training)
    return values[model.layers[-1].name]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("ndim", [3, 4])
@pytest.mark.parametrize("kind", ["ReLU", "Activation"])
def test_values_gradients_and_state_are_those_of_plain_calls(kind, ndim, training):
    model = residual(kind, ndim)
    twin = copy.deepcopy(model)
    found = []
    for m, run in (
        (model, lambda m, x: m(x, training=training)),
        (twin, lambda m, x: call_by_call(m, x, training)),
    ):
        x = (X if ndim == 4 else X[:, 0]).clone().requires_grad_()
        output = run(m, x)
        (output * torch.linspace(-1, 1, output.numel()).reshape(output.shape)).sum().backward()
        found.append([output, x.grad, *(w.grad for w in m.trainable_weights), *m.weights])
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_the_input_and_what_others_read_stay():
    inputs = Input((5,))
    normal = layers.BatchNormalization()(inputs)
    model = Model(inputs, [layers.ReLU()(normal), normal, layers.ReLU()(inputs)])
    x = torch.randn(3, 5)
    before = x.clone()
    positive, normalized, plain = model(x)
    assert torch.equal(x, before)
    assert normalized.min() < 0
    assert torch.equal(positive, torch.relu(normalized))
    assert torch.equal(plain, torch.relu(x))


def test_memory_is_used_again():
    model = residual()
    assert model.code.count("overwrite") > 0
    model(X)  # the first call is checked
    with torch.profiler.profile() as seen:
        model(X)
    names = {event.key for event in seen.key_averages()}
    assert "aten::relu_" in names
    assert "aten::relu" not in names


@pytest.mark.parametrize("watched", ["batch_normalization", "re_lu"])
def test_a_hook_sees_what_went_through(watched):
    kerastorch.utils.clear_session()
    inputs = Input((5,))
    model = Model(inputs, layers.ReLU()(layers.BatchNormalization()(inputs)))
    seen = []
    model.get_layer(watched).register_forward_hook(lambda layer, args, output: seen.append((args[0], output)))
    output = model(torch.randn(8, 5))
    (given, returned) = seen[0]
    assert given.min() < 0
    assert torch.equal(output, torch.relu(returned))
    assert (returned.min() < 0) == (watched == "batch_normalization")


def test_a_penalty_on_the_activity_keeps_its_gradient():
    inputs = Input((5,))
    model = Model(inputs, layers.ReLU()(layers.BatchNormalization(activity_regularizer="l2")(inputs)))
    x = torch.randn(8, 5)
    output = model(x, training=True)
    (output.sum() + sum(model.losses)).backward()
    expected = model.layers[1](x, training=True)
    assert model.layers[1].gamma.grad is not None
    assert expected.min() < 0


def test_an_activation_that_needs_its_output_is_left_alone():
    inputs = Input((6, 6, 3))
    model = Model(inputs, layers.ReLU()(layers.Conv2D(2, 3, activation="tanh")(inputs)))
    model(X.clone().requires_grad_()).sum().backward()
    assert model.layers[1].kernel.grad is not None


class Shared(layers.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        self.seen = super().call(inputs, training, mask)
        return self.seen


def test_a_subclass_that_keeps_its_output_keeps_it():
    inputs = Input((5,))
    layer = Shared()
    model = Model(inputs, layers.ReLU()(layer(inputs)))
    model(torch.randn(8, 5))
    assert layer.seen.min() < 0
