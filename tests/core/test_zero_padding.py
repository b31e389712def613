"""Zeros around a tensor are those of torch, forwards, backwards and where torch traces or transforms."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from kerastorch.core.zero_padding import zero_padded

WIDTHS = [(0, 1), (2, 0, 0, 3), (0, 0, 0, 1, 0, 1), (1, 2, 3, 4, 5, 6), (0, 0)]
widths = pytest.mark.parametrize("widths", WIDTHS, ids=str)


def numbers():
    return torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)


@widths
def test_values_and_gradients_are_torch_s(widths):
    x = numbers()
    mine, other = zero_padded(x, widths), F.pad(x, widths)
    assert torch.equal(mine, other)
    weight = torch.randn_like(other)
    gradients = [torch.autograd.grad(y, x, weight)[0] for y in (mine, other)]
    assert torch.equal(*gradients)


def test_gradients_of_gradients():
    assert torch.autograd.gradgradcheck(lambda x: zero_padded(x, (1, 0, 0, 2)).square(), numbers())


@pytest.mark.parametrize("dtype", [torch.bool, torch.int32, torch.bfloat16], ids=str)
def test_types_stay(dtype):
    x = torch.ones(2, 3).to(dtype)
    assert torch.equal(zero_padded(x, (1, 1)), F.pad(x, (1, 1)))


def test_other_orders_in_memory_are_torch_s():
    x = numbers().permute(0, 3, 1, 2)
    assert torch.equal(zero_padded(x, (1, 2)), F.pad(x, (1, 2)))


def test_it_can_be_mapped_compiled_and_derived_forwards():
    x = numbers().detach()
    assert torch.equal(torch.func.vmap(lambda y: zero_padded(y, (1, 1)))(x), F.pad(x, (1, 1)))
    _, derivative = torch.func.jvp(lambda y: zero_padded(y, (1, 1)), (x,), (x,))
    assert torch.equal(derivative, F.pad(x, (1, 1)))
    compiled = torch.compile(lambda y: zero_padded(y, (1, 1)), backend="eager", fullgraph=True)
    assert torch.equal(compiled(x), F.pad(x, (1, 1)))


def test_nothing_to_pad_gives_a_tensor_of_its_own():
    x = torch.zeros(3)
    zero_padded(x, (0, 0)).add_(1)
    assert torch.equal(x, torch.zeros(3))
