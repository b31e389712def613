"""Same weights and inputs in, same outputs, gradients, losses and state out as Keras's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.catalog.layers import LAYERS
from tests.catalog.pinned import pinned_outcome
from tests.conformance.outcomes import outcome
from tests.conformance.pairs import built, flat, leaves, make, pair, params, run, same, tensors

RANDOM = [row for row in LAYERS if row.random]
CALLS = 40


def assert_same(ours, theirs, tolerance):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape
            if a.dtype == object:
                assert a.tolist() == b.tolist()
                continue
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=tolerance)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.by_keras))
def test_inference_is_keras_s(row):
    ours, theirs = pair(row)
    assert_same(outcome(ours, row, False), outcome(theirs, row, False), row.tolerance)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.by_keras and not row.random))
def test_training_is_keras_s(row):
    ours, theirs = pair(row)
    assert_same(outcome(ours, row, True), outcome(theirs, row, True), row.tolerance)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.reference != "keras"))
def test_inference_is_tensorflow_s(row):
    assert_same(outcome(built(row), row, False), pinned_outcome(row), row.tolerance)


@pytest.mark.parametrize("row", params(row for row in LAYERS if row.twin is not None))
def test_layers_of_keras_2_follow_their_formula(row):
    expected = row.twin(*row.arrays())
    np.testing.assert_allclose(run(built(row), row, tensors(row)), expected, atol=row.tolerance)


@pytest.mark.parametrize("row", params(RANDOM))
def test_training_draws_anew_and_keeps_shape_and_type(row):
    layer, inputs = built(row), tensors(row)
    quiet = flat(run(layer, row, inputs, training=False))
    drawn = [flat(run(layer, row, inputs, training=True)) for _ in range(6)]
    assert all(x.shape == quiet.shape and x.dtype == quiet.dtype for x in drawn)
    assert any(not torch.equal(drawn[0], x) for x in drawn[1:])


@pytest.mark.parametrize("row", params(row for row in RANDOM if "seed" in row.kwargs))
def test_a_seed_repeats_what_is_drawn(row):
    first, second, other = make(row), make(row), make(row, seed=12345)
    drawn = [
        [flat(run(layer, row, tensors(row), training=True)).detach() for _ in range(6)]
        for layer in (first, second, other)
    ]
    assert all(torch.equal(a, b) for a, b in zip(drawn[0], drawn[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(drawn[0], drawn[2], strict=True))


def draws(layer, row):
    outputs = [flat(run(layer, row, tensors(row), training=True)).detach().double() for _ in range(CALLS)]
    return torch.stack(outputs)


@pytest.mark.slow
@pytest.mark.parametrize("row", params(row for row in RANDOM if row.by_keras))
def test_training_has_keras_s_distribution(row):
    ours, theirs = pair(row, seed=1)
    a, b = draws(ours, row), draws(theirs, row)
    scale = (a.std(0) ** 2 + b.std(0) ** 2).sqrt()
    assert ((a.mean(0) - b.mean(0)).abs() <= 6 * scale / CALLS**0.5 + 1e-4 * (1 + b.abs().max())).all()
    assert abs(a.std(0).mean() - b.std(0).mean()) <= 0.25 * b.std(0).mean() + 1e-6


@pytest.mark.parametrize("row", params(LAYERS))
def test_a_second_call_gives_the_same(row):
    layer, inputs = built(row), tensors(row)
    assert same(run(layer, row, inputs), run(layer, row, inputs))


@pytest.mark.parametrize("row", params(row for row in LAYERS if not row.words))
def test_weights_get_the_same_gradients_from_inputs_that_need_none(row):
    layer = built(row)
    if not layer.trainable_weights:
        return
    found = []
    for needed in (False, True):
        inputs = tensors(row)
        for x in inputs if row.several else [inputs]:
            x.requires_grad_(needed and x.is_floating_point())
        total = sum(x.sum() for x in leaves(run(layer, row, inputs)) if x.is_floating_point()) + sum(
            layer.losses
        )
        found.append(torch.autograd.grad(total, layer.trainable_weights, allow_unused=True))
    assert_same(*([None if g is None else g.numpy() for g in grads] for grads in found), 1e-4)
