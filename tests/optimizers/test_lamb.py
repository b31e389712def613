"""Lamb: each variable moves by the learning rate times its own length."""

from __future__ import annotations

import pytest
import torch

from kerastorch import optimizers


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_a_step_has_the_length_of_the_variable(size):
    weight = torch.nn.Parameter(torch.tensor([3.0, 4.0]) * size)
    before = weight.detach().clone()
    optimizers.Lamb(0.1).apply([torch.tensor([0.3, -20.0])], [weight])
    torch.testing.assert_close((weight.data - before).norm(), torch.tensor(0.5 * size), rtol=1e-4, atol=0.0)


def test_a_variable_of_zeros_takes_a_step_of_adam():
    weight, other = torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(3))
    grad = torch.tensor([1.0, -2.0, 0.5])
    optimizers.Lamb(0.1).apply([grad], [weight])
    optimizers.Adam(0.1).apply([grad], [other])
    torch.testing.assert_close(weight.data, other.data, rtol=1e-4, atol=1e-6)


def test_no_gradient_so_far_moves_nothing():
    weight = torch.nn.Parameter(torch.ones(3))
    optimizers.Lamb(0.1).apply([torch.zeros(3)], [weight])
    assert torch.equal(weight.data, torch.ones(3))


def test_each_variable_has_a_length_of_its_own():
    together = [torch.nn.Parameter(torch.full((4,), float(i))) for i in (1, 2, 3)]
    alone = [torch.nn.Parameter(p.detach().clone()) for p in together]
    grads = [torch.linspace(-1.0, 2.0, 4) * i for i in (3, 1, 2)]
    optimizers.Lamb(0.1).apply(grads, together)
    for p, g, expected in zip(alone, grads, together, strict=True):
        optimizers.Lamb(0.1).apply([g], [p])
        torch.testing.assert_close(p.data, expected.data)
