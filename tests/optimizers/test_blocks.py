"""Large variables are updated in blocks that a cache holds; nobody can tell from the values."""

from __future__ import annotations

import pytest
import torch

from kerastorch import optimizers
from kerastorch.optimizers import blocks

RULES = [
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Adagrad", {}),
    ("Adadelta", {}),
    ("Adamax", {}),
    ("Nadam", {}),
    ("Lion", {}),
    ("Ftrl", {}),
    ("ScheduleFreeAdamW", {}),
]
LARGE = blocks.ELEMENTS + 5


def gradient(size, step):
    return torch.linspace(-1.0, 2.0, size).roll(step * 97)


def step(optimizer, parameters, number):
    for parameter in parameters:
        grad = gradient(parameter.numel(), number).reshape(parameter.shape)
        parameter.grad = torch.empty_like(parameter).copy_(grad)
    optimizer.step()


@pytest.mark.parametrize(("name", "options"), RULES, ids=lambda value: str(value))
def test_a_large_variable_moves_like_many_small_ones(name, options):
    """The large one lies in memory with its axes exchanged."""
    large = torch.nn.Parameter(torch.ones(80, LARGE // 80 + 1).T)
    small = [torch.nn.Parameter(torch.ones(80)) for _ in range(3)]
    grouped, single = (getattr(optimizers, name)(0.1, **options) for _ in range(2))
    grouped.build([torch.nn.Parameter(torch.ones(7)), large])
    single.build(small)
    for number in range(3):
        grad = torch.randn(large.shape, generator=torch.Generator().manual_seed(number))
        grouped._params[0].grad = torch.ones(7)
        large.grad = torch.empty_like(large).copy_(grad)
        for row, parameter in zip((0, 800, -1), small, strict=True):
            parameter.grad = grad[row].clone()
        grouped.step()
        single.step()
    for row, parameter in zip((0, 800, -1), small, strict=True):
        torch.testing.assert_close(large.data[row], parameter.data, rtol=1e-6, atol=1e-7)


def test_memory_given_to_a_variable_between_two_steps_is_used():
    weight = torch.nn.Parameter(torch.ones(LARGE))
    optimizer = optimizers.Lion(0.1)
    optimizer.build([weight])
    step(optimizer, [weight], 0)
    old = weight.data
    kept, weight.data = old.clone(), torch.zeros(LARGE)
    step(optimizer, [weight], 0)
    assert torch.equal(old, kept)
    assert weight.data.abs().max() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([3], [slice(0, 1)]),
        ([blocks.ELEMENTS] * 2, [slice(0, 1), slice(1, 2)]),
        ([blocks.ELEMENTS - 1, 1, 1], [slice(0, 2), slice(2, 3)]),
    ],
    ids=["one", "two full ones", "what fits"],
)
def test_small_variables_share_a_block(sizes, expected):
    assert list(blocks._parts(sizes)) == expected


def test_pieces_are_views_in_the_order_of_memory():
    tensor = torch.arange(float(LARGE * 2)).reshape(2, LARGE).T
    pieces = blocks.cut([torch.ones(3), tensor])
    assert [p.numel() for p in pieces[:2]] == [3, blocks.ELEMENTS]
    assert torch.equal(torch.cat(pieces[1:]), torch.arange(float(LARGE * 2)))
    pieces[1].zero_()
    assert tensor[0, 0] == tensor[5, 0] == 0.0
