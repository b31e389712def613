"""Muon: orthogonal steps for matrices, AdamW for everything else."""

from __future__ import annotations

import pytest
import torch

from kerastorch import optimizers
from kerastorch.core.variable import Variable
from kerastorch.errors import ShapeError


def variable(shape, path="dense/kernel"):
    made = Variable(torch.ones(shape), name=path.rpartition("/")[2])
    made.path = path
    return made


@pytest.mark.parametrize("shape", [(4, 4), (3, 5), (5, 3), (2, 3, 5)])
def test_iterations_make_all_singular_values_about_one(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(optimizers.Muon().zeropower_via_newtonschulz5(x, 10))
    assert ((values > 0.6) & (values < 1.3)).all()


def test_a_vector_cannot_be_made_orthogonal():
    with pytest.raises(ShapeError, match=r"at least 2 dimensions. Received: shape=\(3,\)"):
        optimizers.Muon().zeropower_via_newtonschulz5(torch.ones(3), 5)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5)])
def test_the_step_of_a_matrix_has_the_asked_root_mean_square(shape):
    weight = torch.nn.Parameter(torch.zeros(shape))
    grad = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    optimizers.Muon(1.0, rms_rate=0.2, ns_steps=12).apply([grad], [weight])
    assert 0.15 < float(weight.detach().square().mean().sqrt()) < 0.25


def test_matrices_of_one_shape_move_as_each_would_alone():
    grads = [torch.randn(4, 3, generator=torch.Generator().manual_seed(i)) for i in range(3)]
    together = [torch.nn.Parameter(torch.ones(4, 3)) for _ in grads]
    optimizers.Muon(0.1).apply(grads, together)
    for grad, expected in zip(grads, together, strict=True):
        alone = torch.nn.Parameter(torch.ones(4, 3))
        optimizers.Muon(0.1).apply([grad], [alone])
        torch.testing.assert_close(alone.data, expected.data)


@pytest.mark.parametrize(
    ("made", "options"),
    [
        (variable((4,)), {}),
        (variable((2, 3, 4)), {}),
        (variable((4, 3), "embedding_1/embeddings"), {}),
        (variable((4, 3), "head/kernel"), {"exclude_layers": ["^head"]}),
    ],
    ids=["vector", "three axes", "embedding", "excluded"],
)
def test_adamw_is_used(made, options):
    muon = optimizers.Muon(0.1, weight_decay=0.5, adam_weight_decay=0.01, **options)
    other = torch.nn.Parameter(made.detach().clone())
    grad = torch.linspace(-1.0, 2.0, made.numel()).reshape(made.shape)
    muon.apply([grad], [made])
    optimizers.AdamW(0.1, weight_decay=0.01).apply([grad], [other])
    torch.testing.assert_close(made.data, other.data)


@pytest.mark.parametrize(
    "options", [{}, {"exclude_embeddings": False}], ids=["a matrix", "an embedding on request"]
)
def test_adamw_is_not_used(options):
    weight = variable((4, 3), "embedding/embeddings" if options else "dense/kernel")
    optimizer = optimizers.Muon(0.1, **options)
    optimizer.build([weight])
    assert optimizer.get_slot_names() == ["momentum"]


def test_both_ways_have_a_rate_of_their_own():
    matrix, vector = variable((2, 2)), variable((2,))
    optimizer = optimizers.Muon(1.0, adam_lr_ratio=0.1, weight_decay=None, adam_weight_decay=None)
    optimizer.apply([torch.zeros(2, 2), torch.ones(2)], [matrix, vector])
    torch.testing.assert_close(vector.data, torch.full((2,), 0.9))
    torch.testing.assert_close(matrix.data, torch.ones(2, 2))


@pytest.mark.parametrize(("own", "expected"), [(None, 1.0), (0.1, 0.9)])
def test_both_ways_have_a_weight_decay_of_their_own(own, expected):
    matrix, vector = variable((2, 2)), variable((2,))
    optimizer = optimizers.Muon(1.0, weight_decay=own, adam_weight_decay=0.2)
    optimizer.apply([torch.zeros(2, 2), torch.zeros(2)], [matrix, vector])
    torch.testing.assert_close(matrix.data, torch.full((2, 2), expected))
    torch.testing.assert_close(vector.data, torch.full((2,), 0.8))


def test_update_step_leaves_weight_decay_alone():
    matrix = variable((2, 2))
    optimizer = optimizers.Muon(1.0, weight_decay=0.5)
    optimizer.build([matrix])
    optimizer.update_step(torch.zeros(2, 2), matrix, 1.0)
    torch.testing.assert_close(matrix.data, torch.ones(2, 2))


def test_updates_can_be_scaled_by_hand():
    x = torch.ones(4, 2)
    torch.testing.assert_close(optimizers.Muon(rms_rate=0.2).lr_adjust(x), x * 0.4)
    torch.testing.assert_close(optimizers.Muon(rms_rate=None).lr_adjust(x), x)
    assert optimizers.Muon().transpose_last_axis(torch.ones(5, 4, 2)).shape == (5, 2, 4)


def test_a_matrix_without_elements_is_no_obstacle():
    empty, matrix = torch.nn.Parameter(torch.ones(0, 3)), torch.nn.Parameter(torch.ones(2, 3))
    optimizers.Muon(0.1).apply([torch.ones(0, 3), torch.ones(2, 3)], [empty, matrix])
    assert (matrix < 1.0).all()


@pytest.fixture
def medium_precision():
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize("shape", [(8, 6), (70, 90), (300, 260), (520, 600)])
def test_with_medium_precision_the_iterations_are_those_of_torch_in_bfloat16(shape, medium_precision):
    grad = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    ours, theirs = (torch.nn.Parameter(torch.zeros(shape)) for _ in range(2))
    optimizers.Muon(0.1, weight_decay=None).apply([grad], [ours])
    theirs.grad = grad
    torch.optim.Muon([theirs], lr=0.1, weight_decay=0.0, adjust_lr_fn="match_rms_adamw").step()
    assert (ours - theirs).norm() < 0.05 * theirs.norm()
    values = optimizers.Muon().zeropower_via_newtonschulz5(grad, 5)
    assert values.dtype is torch.float32
    assert values.equal(values.bfloat16().float())
