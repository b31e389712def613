"""ScheduleFreeAdamW: the variables are the average of a path of Adam's steps."""

from __future__ import annotations

import pytest
import torch

from kerastorch import optimizers


def path_of(optimizer, weight, steps):
    """The values of `z` after each of some steps along gradients of one."""
    values = []
    for _ in range(steps):
        optimizer.apply([torch.ones(3)], [weight])
        values.append(optimizer.get_slot(weight, "momentum").detach().clone())
    return values


def test_the_path_begins_at_the_variable():
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))
    optimizer = optimizers.ScheduleFreeAdamW()
    optimizer.build([weight])
    assert torch.equal(optimizer.get_slot(weight, "momentum").detach(), weight.data)


@pytest.mark.parametrize("beta_1", [0.0, 0.5, 0.9])
def test_the_variable_is_the_average_of_the_path_for_any_beta_1(beta_1):
    """The paper has an interpolation here; Keras's own comes to this on torch and on TensorFlow."""
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))
    path = path_of(optimizers.ScheduleFreeAdamW(0.1, beta_1=beta_1), weight, 7)
    torch.testing.assert_close(weight.data, torch.stack(path).mean(0))


def test_the_rate_rises_during_warm_up():
    weight = torch.nn.Parameter(torch.zeros(3))
    path = path_of(optimizers.ScheduleFreeAdamW(0.1, warmup_steps=4), weight, 5)
    lengths = [float((a - b)[0]) for a, b in zip([torch.zeros(3), *path[:-1]], path, strict=True)]
    assert lengths == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1], rel=1e-3)


def test_the_weight_decay_shrinks_the_variable_not_the_path():
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = optimizers.ScheduleFreeAdamW(0.1, weight_decay=0.5)
    optimizer.build([weight])
    optimizer.iterations = 1
    optimizer.apply([torch.zeros(3)])
    torch.testing.assert_close(optimizer.get_slot(weight, "momentum").detach(), torch.ones(3))
    torch.testing.assert_close(weight.data, torch.full((3,), (0.95 + 1.0) / 2))
