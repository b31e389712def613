"""The state of layers besides weights: metrics, seeds, and calls on state that is given."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch as keras
from kerastorch import layers, metrics, random
from kerastorch.errors import InvalidArgumentError, NotBuiltError


class Measuring(layers.Layer):
    def __init__(self, inner=None):
        super().__init__()
        self.inner = inner
        self.metric = metrics.Mean(name="mean")

    def call(self, x):
        return x if self.inner is None else self.inner(x)


def test_layers_list_the_metrics_inside_them():
    layer = Measuring(Measuring(layers.Dense(2)))
    layer(torch.ones(1, 3))
    assert layer.metrics == [layer.metric, layer.inner.metric]
    assert [len(layer.metrics_variables), len(layer.variables), layer.non_trainable_variables] == [4, 2, []]


def test_the_state_of_metrics_is_no_variable_of_a_model():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1), layers.Dropout(0.5, seed=1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)
    assert [v.name for v in model.variables] == ["kernel", "bias", "seed_generator_state"]
    assert len(model.metrics_variables) == 4


@pytest.mark.parametrize(
    "nest", [lambda s: s, lambda s: [s], lambda s: {"a": [s]}], ids=["one", "list", "nested"]
)
def test_seeds_are_variables_wherever_a_layer_keeps_them(nest):
    layer = layers.Layer()
    seeds = random.SeedGenerator(7)
    layer.seeds = nest(seeds)
    assert [v.tolist() for v in layer.variables] == [[7, 0]]


def test_layers_inside_layers_are_listed_depth_first():
    model = keras.Sequential(
        [keras.Input((3,)), Measuring(layers.Dense(2, name="deep")), layers.Dense(1, name="last")]
    )
    names = [layer.name for layer in model._flatten_layers(include_self=False)]
    assert names.index("deep") < names.index("last")
    assert "deep" not in [layer.name for layer in model._flatten_layers(recursive=False)]


def stateful():
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(2), layers.BatchNormalization(), layers.Dropout(0.5, seed=1)]
    )
    return model, [v.numpy() for v in model.variables]


def test_a_stateless_call_leaves_the_layer_as_it_is():
    model, before = stateful()
    kernel = torch.ones(3, 2, requires_grad=True)
    trained = [kernel, *model.trainable_variables[1:]]
    x = torch.arange(12.0).reshape(4, 3)
    outputs, state = model.stateless_call(trained, model.non_trainable_variables, x, training=True)
    outputs.square().sum().backward()
    assert kernel.grad is not None
    assert all((a == v.numpy()).all() for a, v in zip(before, model.variables, strict=True))
    assert [v.tolist() for v in state[-1:]] == [[1, 1]]
    assert not np.allclose(state[0], before[2])


def test_a_stateless_call_equals_a_call_with_that_state():
    model, _ = stateful()
    x = torch.arange(12.0).reshape(4, 3)
    given = [torch.full_like(v, 0.5) for v in model.trainable_variables]
    outputs, _ = model.stateless_call(given, model.non_trainable_variables, x)
    for variable, value in zip(model.trainable_variables, given, strict=True):
        variable.assign(value)
    assert torch.equal(outputs, model(x))


def test_a_stateless_call_can_return_losses():
    layer = layers.ActivityRegularization(l1=1.0)
    assert [float(v) for v in layer.stateless_call([], [], torch.ones(1, 3), return_losses=True)[2]] == [3.0]


def test_a_stateless_call_needs_a_built_layer_and_all_variables():
    layer = layers.Dense(2)
    with pytest.raises(NotBuiltError, match="must be built"):
        layer.stateless_call([], [], torch.ones(1, 3))
    layer.build((None, 3))
    with pytest.raises(InvalidArgumentError, match="length 1, but expected 2 variables"):
        layer.stateless_call([torch.ones(3, 2)], [], torch.ones(1, 3))
