"""Optimizers that users wrote as subclasses for older versions of Keras."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kerastorch import optimizers
from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers import legacy

BASES = {"legacy": legacy.Optimizer, "today": optimizers.Optimizer}
bases = pytest.mark.parametrize("base", BASES.values(), ids=BASES)


def momentum_of(base) -> type:
    """A subclass as TensorFlow's documents up to 2.10 wrote it."""

    class Mine(base):
        def __init__(self, learning_rate=0.1, momentum=0.5, name="Mine", **kwargs):
            super().__init__(name, **kwargs)
            self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
            self._set_hyper("decay", self._initial_decay)
            self._set_hyper("momentum", momentum)

        def _create_slots(self, var_list):
            for var in var_list:
                self.add_slot(var, "pv", initializer="ones", shape=var.shape)

        def _resource_apply_dense(self, grad, var, apply_state=None):
            key = var.device, var.dtype.base_dtype
            coefficients = (apply_state or {}).get(key) or self._fallback_apply_state(*key)
            velocity = self.get_slot(var, "pv")
            velocity.assign(velocity * self._get_hyper("momentum", key[1]) + grad)
            var.assign_sub(coefficients["lr_t"] * velocity)

        def get_config(self):
            return {
                **super().get_config(),
                "learning_rate": self._serialize_hyperparameter("learning_rate"),
                "momentum": self._serialize_hyperparameter("momentum"),
            }

    return Mine


@bases
def test_hyperparameters_slots_and_resource_updates(base):
    weight, optimizer = torch.nn.Parameter(torch.zeros(2)), momentum_of(base)()
    for _ in range(2):
        optimizer.apply_gradients([(torch.ones(2), weight)])
    np.testing.assert_allclose(weight.detach(), [-0.325, -0.325], rtol=1e-6)
    np.testing.assert_allclose(optimizer.get_slot(weight, "pv"), [1.75, 1.75])
    assert optimizer.get_slot_names() == ["pv"]
    assert int(optimizer.iterations) == 2


@bases
def test_the_rate_follows_lr_decay_and_schedules(base):
    make, weight = momentum_of(base), torch.nn.Parameter(torch.zeros(1))
    assert float(make(learning_rate=0.5)._decayed_lr("float32")) == 0.5
    schedule = optimizers.schedules.PiecewiseConstantDecay([0], [1.0, 0.25])
    optimizer = make(schedule, momentum=0.0, decay=1.0)
    assert optimizer._get_hyper("learning_rate") is schedule
    optimizer.apply_gradients([(torch.ones(1), weight)])
    assert float(optimizer._decayed_lr("float32")) == 0.125


@bases
def test_config_reads_back(base):
    make = momentum_of(base)
    optimizer = make(0.25, momentum=0.75)
    assert optimizer.name == optimizer._name == "Mine"
    again = make.from_config({k: optimizer.get_config()[k] for k in ("name", "learning_rate", "momentum")})
    assert (float(again.learning_rate), again.momentum) == (0.25, 0.75)


def test_a_slot_is_made_once_and_may_have_another_shape():
    weight, optimizer = torch.nn.Parameter(torch.zeros(2, 3)), optimizers.SGD()
    optimizer.build([weight])
    rows = optimizer.add_slot(weight, "rows", 2.0, shape=(2,))
    assert optimizer.add_slot(weight, "rows") is rows
    np.testing.assert_array_equal(optimizer.get_slot(weight, "rows"), [2.0, 2.0])
    start = optimizer.add_slot(weight, "start", torch.full((2, 3), 5.0))
    assert float(start[0, 0]) == 5.0


def test_add_weight_takes_the_arguments_of_keras_2():
    optimizer = legacy.SGD()
    weight = optimizer.add_weight("cache", shape=[], initializer="ones", trainable=False)
    optimizer.build([torch.nn.Parameter(torch.zeros(2))])
    assert float(weight) == 1.0
    assert any(variable is weight for variable in optimizer.weights)


def test_a_subclass_without_an_update_says_what_to_override():
    class Empty(legacy.Optimizer):
        pass

    with pytest.raises(InvalidArgumentError, match="Empty must override `update_step"):
        Empty("empty").apply_gradients([(torch.ones(1), torch.nn.Parameter(torch.zeros(1)))])
