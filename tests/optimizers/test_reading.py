"""Reading the state of an optimizer between two steps changes nothing."""

from __future__ import annotations

import pytest
import torch

import kerastorch
from kerastorch.core.variable import Variable

NAMES = ["SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Lion", "Ftrl"]
NAMES += ["Adafactor", "Lamb", "Muon", "ScheduleFreeAdamW", "Nesterov"]


def made(name):
    if name == "Nesterov":
        return kerastorch.optimizers.SGD(0.01, momentum=0.9, nesterov=True)
    return getattr(kerastorch.optimizers, name)(0.01)


def trained(name, read):
    torch.manual_seed(0)
    weights = [Variable(torch.randn(40, 30)), Variable(torch.randn(30))]
    optimizer = made(name)
    for _ in range(20):
        optimizer.apply_gradients([(torch.randn_like(w) * 0.1, w) for w in weights])
        read(optimizer)
    return weights


READINGS = {
    "variables": lambda optimizer: optimizer.variables,
    "learning rate": lambda optimizer: float(optimizer.learning_rate),
    "state_dict": lambda optimizer: optimizer.state_dict(),
    "get_weights": lambda optimizer: optimizer.get_weights(),
}


@pytest.mark.parametrize("reading", list(READINGS))
@pytest.mark.parametrize("name", NAMES)
def test_reading_changes_nothing(name, reading):
    for ours, expected in zip(trained(name, READINGS[reading]), trained(name, id), strict=True):
        assert torch.equal(ours, expected)


@pytest.mark.parametrize(
    "rates", [[0.1, 0.01, 0.0, 0.05], [1e-30, 0.1, 1e-3]], ids=["with zero", "from a tiny one"]
)
def test_nesterov_s_momentum_is_keras_s_when_the_rate_changes(rates):
    weight = Variable(torch.ones(3, 4))
    optimizer = made("Nesterov")
    optimizer.build([weight])
    momentum, value, gradient = torch.zeros(3, 4), torch.ones(3, 4), torch.full((3, 4), 0.5)
    for rate in rates:
        optimizer.learning_rate = rate
        optimizer.apply([gradient], [weight])
        momentum = 0.9 * momentum - rate * gradient
        value = value + 0.9 * momentum - rate * gradient
        torch.testing.assert_close(weight.detach(), value)
    torch.testing.assert_close(optimizer.momentums[0].detach(), momentum)


def test_nesterov_s_momentum_may_be_set_between_steps():
    weight = Variable(torch.zeros(2))
    optimizer = made("Nesterov")
    optimizer.apply([torch.ones(2)], [weight])
    optimizer.variables[-1].assign(torch.zeros(2))
    before = weight.detach().clone()
    optimizer.apply([torch.zeros(2)], [weight])
    assert torch.equal(weight, before)
