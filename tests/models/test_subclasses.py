"""Subclassed models: built by data or shapes, code that reads values, graphs made in the constructor."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers


class Two(kerastorch.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = layers.Dense(3), layers.Dense(2)

    def call(self, x):
        return self.second(self.first(x))


class Reads(Two):
    """Its code depends on values, so that no trace of it exists."""

    def call(self, x):
        return super().call(x if float(x.sum()) > 0 else -x)


class Made(kerastorch.Model):
    """Its constructor makes a graph."""

    def __init__(self, units):
        x = kerastorch.Input((4,), name="x")
        super().__init__(x, layers.Dense(units)(x))
        self.extra = layers.Dense(2)


def data(width, rows=4):
    return np.ones((rows, width), "float32")


@pytest.mark.parametrize("cls", [Two, Reads])
def test_a_model_trains_from_its_first_batch(cls):
    model = cls()
    model.compile("sgd", "mse")
    model.fit(data(4), data(2), verbose=0)
    assert model.weights[0].path == f"{model.name}/{model.first.name}/kernel"
    assert model.count_params() == 15 + 8


def test_a_model_whose_code_reads_values_says_why_it_has_no_shape():
    with pytest.raises(kerastorch.errors.GraphError, match="values of a tensor"):
        Reads().build((None, 4))


def test_the_first_call_remembers_its_shape():
    model = Two()
    model(torch.ones(5, 4))
    assert model.get_build_config() == {"input_shape": (5, 4)}


def test_a_failed_first_call_leaves_no_weights_behind():
    class Fails(Two):
        def call(self, x):
            raise ValueError("not today")

    model = Fails()
    with pytest.raises(ValueError, match="not today"):
        model(torch.ones(2, 4))
    assert model.weights == []


def test_a_graph_made_in_the_constructor_trains_and_keeps_further_layers():
    model = Made(3)
    model.compile("sgd", "mse")
    model.fit(data(4), data(3), verbose=0)
    assert model.output_shape == (None, 3)
    assert "extra" in dict(model.named_children())


def test_a_subclass_inside_a_graph():
    x = kerastorch.Input((4,))
    inner = Two()
    model = kerastorch.Model(x, inner(x))
    assert model.output_shape == (None, 2)
    assert [w.path for w in model.weights] == [w.path for w in inner.weights]


def test_freezing_a_model_reaches_every_layer():
    model = Two()
    model.build((None, 4))
    model.trainable = False
    assert model.trainable_weights == []
    assert not any(p.requires_grad for p in model.parameters())
    model.trainable = True
    model.first.trainable = False
    assert [w.path for w in model.trainable_weights] == [w.path for w in model.second.weights]


def test_a_model_without_call_is_explained():
    class Empty(kerastorch.Model):
        pass

    with pytest.raises(NotImplementedError, match="call"):
        Empty()(torch.ones(1, 2))


def test_weights_of_the_model_itself_come_first():
    class Weighted(Two):
        def __init__(self):
            super().__init__()
            self.factor = self.add_weight(shape=(2,), name="factor", initializer="ones")

        def call(self, x):
            return super().call(x) * self.factor

    model = Weighted()
    model.build((None, 4))
    assert model.weights[0].path == f"{model.name}/factor"
