"""Memory of a CUDA device: outputs that leave it, what training takes, and what happens when it ends."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kerastorch
from kerastorch import layers

pytestmark = pytest.mark.gpu

X = np.random.default_rng(0).normal(size=(512, 64)).astype("float32")
Y = X[:, :1]


def model_of(units=256, depth=2, optimizer="adam"):
    kerastorch.utils.set_random_seed(0)
    hidden = [layers.Dense(units, "relu") for _ in range(depth)]
    model = kerastorch.Sequential([kerastorch.Input((64,)), *hidden, layers.Dense(1)])
    model.compile(optimizer, "mse", jit_compile=False)
    return model


def test_outputs_leave_the_device():
    """100 batches of 4 MiB of outputs: the device never holds more than a few of them."""
    model = kerastorch.Sequential([kerastorch.Input((64,)), layers.Dense(65536)])
    x = np.ones((1600, 64), "float32")
    model.predict(x[:16], batch_size=16, verbose=0)
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    outputs = model.predict(x, batch_size=16, verbose=0)
    assert torch.cuda.max_memory_allocated() - before < 40 * 2**20
    out = np.empty_like(outputs)
    assert model.predict(x, batch_size=16, verbose=0, out=out) is out
    np.testing.assert_array_equal(out, outputs)
    starts = []
    model.predict(
        x[:64], batch_size=16, verbose=0, out=lambda start, part: starts.append((start, part.sum()))
    )
    assert [start for start, _ in starts] == [0, 16, 32, 48]
    np.testing.assert_allclose(
        [total for _, total in starts], [outputs[i : i + 16].sum() for i in (0, 16, 32, 48)]
    )


def test_estimate_is_near_the_peak_of_the_device():
    model = model_of(1024, 4)
    estimate = model.estimate_memory(512)
    others = torch.cuda.memory_allocated() - estimate.parameters
    model.fit(X, Y, batch_size=512, verbose=0)
    torch.cuda.reset_peak_memory_stats()
    model.fit(X, Y, batch_size=512, epochs=3, verbose=0)
    assert estimate.peak == pytest.approx(torch.cuda.max_memory_allocated() - others, rel=0.2)


def test_a_device_whose_memory_ends():
    """A limit on the memory of the process stands in for a small device."""
    x = np.random.default_rng(1).normal(size=(8192, 64)).astype("float32")
    expected, model = (model_of(1024, 8, "sgd") for _ in range(2))
    expected.fit(x, x[:, :1], batch_size=8192, shuffle=False, verbose=0)
    room = 1.3 * model.estimate_memory(2048).peak
    assert room < 0.7 * model.estimate_memory(8192).peak
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_allocated() + room) / total)
    try:
        with pytest.warns(UserWarning, match="batch of 8192 samples in"):
            model.fit(x, x[:, :1], batch_size=8192, shuffle=False, verbose=0)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    for ours, theirs in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_explained_parts_add_up():
    report = model_of().explain_speed(X, Y, batch_size=64, steps=5, verbose=0)
    assert report.device.startswith("cuda")
    assert sum(row.milliseconds for row in report.rows) == pytest.approx(report.milliseconds)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), batch_size=64
    )
    streamed = {
        row.name: row.milliseconds for row in model_of().explain_speed(loader, steps=5, verbose=0).rows
    }
    assert streamed["copy"] > 0
