"""Losses, metrics and optimizers on a CUDA device: the CPU's values, and no step waits for the device."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch

from kerastorch import losses, metrics, optimizers
from kerastorch.core.variable import Variable
from tests.catalog.optimizers import OPTIMIZERS
from tests.losses.cases import CASES as LOSSES
from tests.losses.cases import case_id, inputs
from tests.metrics.cases import ALL as METRICS
from tests.metrics.cases import label
from tests.optimizers.training import gradients, weights

pytestmark = pytest.mark.gpu

WAITS = {"CTC"}  # its kernel reads the lengths on the host


@contextlib.contextmanager
def nothing_waits():
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def loss_and_gradient(name, options, device):
    y_true, y_pred = (torch.tensor(part).to(device) for part in inputs(name, options))
    y_pred.requires_grad_()
    found = getattr(losses, name)(**options)(y_true, y_pred)
    return found.detach(), torch.autograd.grad(found, y_pred)[0]


@pytest.mark.parametrize(("name", "options"), LOSSES, ids=case_id)
def test_losses_and_their_gradients_are_those_of_the_cpu(name, options):
    pairs = zip(
        loss_and_gradient(name, options, "cuda"), loss_and_gradient(name, options, "cpu"), strict=True
    )
    for found, expected in pairs:
        torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "options"), [c for c in LOSSES if c[0] not in WAITS], ids=case_id)
def test_losses_do_not_wait(name, options):
    loss = getattr(losses, name)(**options)
    y_true, y_pred = (torch.tensor(part).cuda() for part in inputs(name, options))
    loss(y_true, y_pred)
    with nothing_waits():
        loss(y_true, y_pred)


@pytest.mark.parametrize(("name", "options"), [c for c in LOSSES if c[0] not in WAITS], ids=case_id)
def test_nan_in_gives_nan_out(name, options):
    y_true, y_pred = (torch.tensor(part).cuda() for part in inputs(name, options))
    assert torch.isnan(getattr(losses, name)(**options)(y_true, y_pred * float("nan"))).item()


@pytest.mark.parametrize("case", METRICS, ids=label)
def test_metrics_are_those_of_the_cpu_and_updates_do_not_wait(case):
    name, options, data = case
    found, expected = (getattr(metrics, name)(**options) for _ in range(2))
    for seed in range(3):
        arrays = [torch.tensor(part) for part in data(np.random.default_rng(seed))]
        expected.update_state(*arrays)
        moved = [part.cuda() for part in arrays]
        with nothing_waits() if seed else contextlib.nullcontext():
            found.update_state(*moved)
    torch.testing.assert_close(
        torch.as_tensor(found.result()).cpu(), torch.as_tensor(expected.result()), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=case_id)
def test_steps_are_those_of_the_cpu_and_do_not_wait(name, options):
    theirs = weights()
    mine = [Variable(w.detach().cuda(), name=w.name) for w in theirs]
    found, expected = (getattr(optimizers, name)(**options) for _ in range(2))
    for step in range(6):
        grads = [torch.from_numpy(g) for g in gradients(step)]
        expected.apply(grads, theirs)
        moved = [g.cuda() for g in grads]
        with nothing_waits() if step > 2 else contextlib.nullcontext():
            found.apply(moved, mine)
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a.detach().cpu(), b.detach(), rtol=1e-4, atol=1e-5)
