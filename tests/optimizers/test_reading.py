"""Reading the state of an optimizer between two steps changes nothing."""

from __future__ import annotations

import pytest
import torch

import kerastorch
from kerastorch.core.variable import Variable

NAMES = ["SGD", "RMSprop", "Adam", "AdamW", "Adagrad", "Adadelta", "Adamax", "Nadam", "Lion", "Ftrl"]
NAMES += ["Adafactor", "Lamb", "Muon", "ScheduleFreeAdamW"]


def trained(name, read):
    torch.manual_seed(0)
    weights = [Variable(torch.randn(40, 30)), Variable(torch.randn(30))]
    optimizer = getattr(kerastorch.optimizers, name)(0.01)
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
