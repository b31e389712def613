"""`Layer`: losses that layers add: in `call`, by regularized weights and outputs, nested, shared, in graphs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import Input, layers

LIBRARIES = (kerastorch, keras)
X = torch.linspace(-1.0, 2.0, 12).reshape(4, 3)


def adding_class(library):
    class Adds(library.layers.Layer):
        def __init__(self, rate=1.0, name=None):
            super().__init__(name=name)
            self.rate = rate

        def call(self, x):
            self.add_loss(self.rate * x.abs().sum())
            return x

    return Adds


def nest_class(library):
    adds = adding_class(library)

    class Nest(library.layers.Layer):
        def __init__(self):
            super().__init__()
            self.first = adds(1.0)
            self.shared = adds(2.0)
            self.dense = library.layers.Dense(3, kernel_initializer="ones", kernel_regularizer="l2")

        def call(self, x):
            self.add_loss(x.sum())
            x = self.shared(self.first(x))
            return self.dense(self.shared(x))

    return Nest


def values(layer):
    return np.array([float(v) for v in layer.losses])


@pytest.mark.parametrize("kind", [adding_class, nest_class])
def test_losses_are_keras_s(kind):
    ours, theirs = (kind(library)() for library in LIBRARIES)
    ours(X), theirs(X)
    np.testing.assert_allclose(values(ours).sum(), values(theirs).sum(), rtol=1e-6)
    assert len(ours.losses) == len(theirs.losses)


@pytest.mark.parametrize("kind", [adding_class, nest_class])
def test_each_outermost_call_starts_anew(kind):
    layer = kind(kerastorch)()
    layer(X)
    first = values(layer)
    layer(X), layer(X)
    np.testing.assert_allclose(values(layer), first)


def test_calls_of_a_layer_shared_by_one_call_add_up():
    nest = nest_class(kerastorch)()
    nest(X)
    assert len(nest.shared.losses) == 2


def test_losses_carry_gradients():
    x = X.clone().requires_grad_()
    layer = adding_class(kerastorch)(rate=3.0)
    layer(x)
    sum(layer.losses).backward()
    assert torch.equal(x.grad, 3.0 * X.sign())


def test_no_loss_is_added_while_shapes_are_found():
    layer = adding_class(kerastorch)()
    layer(Input((3,)))
    assert layer.losses == []


@pytest.mark.parametrize("regularizer", ["l1", "l2", "orthogonal_regularizer"])
def test_penalties_of_weights_are_keras_s(regularizer):
    layers_made = []
    for library in LIBRARIES:
        dense = library.layers.Dense(2, kernel_regularizer=regularizer, bias_regularizer="l1")
        dense.build((None, 3))
        dense.set_weights([np.arange(6, dtype="float32").reshape(3, 2), np.ones(2, "float32")])
        layers_made.append(dense)
    np.testing.assert_allclose(*(values(layer) for layer in layers_made), rtol=1e-5)


def test_frozen_weights_have_no_penalty_as_in_keras():
    for library in LIBRARIES:
        dense = library.layers.Dense(2, kernel_regularizer="l2")
        dense.build((None, 3))
        dense.trainable = False
        assert list(dense.losses) == []


@pytest.mark.parametrize("regularizer", ["l1", "l2", lambda x: 3.0 * x.sum()], ids=["l1", "l2", "function"])
def test_penalties_of_outputs_are_keras_s(regularizer):
    found = []
    for library in LIBRARIES:
        layer = library.layers.Dense(2, kernel_initializer="ones", activity_regularizer=regularizer)
        layer(X)
        found.append(values(layer))
        layer(X)
        assert len(layer.losses) == 1
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_an_empty_batch_has_a_penalty_of_zero():
    layer = layers.Dense(2, activity_regularizer="l2")
    layer(X[:0])
    assert values(layer).tolist() == [0.0]


def test_losses_may_come_as_lists_and_functions():
    class Own(layers.Layer):
        def call(self, x):
            self.add_loss([x.sum(), x.mean()])
            return x

    own = Own()
    own.add_loss(lambda: torch.tensor(5.0))
    assert values(own).tolist() == [5.0]
    other = Own()
    other(X)
    np.testing.assert_allclose(values(other), [X.sum(), X.mean()])


def test_a_constraint_is_kept_with_its_weight():
    dense = layers.Dense(2, kernel_constraint="non_neg")
    dense.build((None, 3))
    assert torch.equal(dense.kernel.constraint(torch.tensor([-1.0, 2.0])), torch.tensor([0.0, 2.0]))
    assert dense.bias.constraint is None


def test_a_layer_that_starts_to_add_losses_is_watched_again():
    class Later(layers.Layer):
        on = False

        def call(self, x):
            if self.on:
                self.add_loss(x.sum())
            return x

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.later = Later()

        def call(self, x):
            return self.later(x)

    outer = Outer()
    outer(X), outer(X)
    outer.later.on = True
    for _ in range(3):
        outer(X)
        assert len(outer.losses) == 1
