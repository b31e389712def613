"""Runs a recurrent layer beside Keras's and compares outputs, states and all gradients."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from kerastorch import layers
from tests.catalog.row import Inner, with_layers

RIGHT = [[1] * 6, [1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0], [1] * 5 + [0], [0] * 6]
LEFT = [row[::-1] for row in RIGHT]
GAPS = [[1, 0, 1, 0, 0, 1], [0, 1, 1, 0, 1, 0], [0] * 6, [0, 0, 0, 1, 0, 0], [1] * 6]
MASKS = {"none": None, "right": RIGHT, "left": LEFT, "gaps": GAPS}
SHAPE = (5, 6, 3)


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Normally distributed float32 numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def twins(spec: Inner, shape: tuple = SHAPE) -> tuple[Any, Any]:
    """The layer here and Keras's, with the same random weights."""
    ours, theirs = with_layers(spec, layers, {}), with_layers(spec, keras.layers, {})
    ours.build(shape)
    theirs.build(shape)
    assert [(w.name, tuple(w.shape)) for w in ours.weights] == [
        (w.name, tuple(w.shape)) for w in theirs.weights
    ]
    values = [numbers(*w.shape, seed=i) for i, w in enumerate(theirs.weights)]
    ours.set_weights(values)
    theirs.set_weights(values)
    return ours, theirs


def outcome(layer: Any, x: np.ndarray, states: list[np.ndarray], mask: Any, **call: Any) -> list[np.ndarray]:
    """Outputs and states, then the gradients of a weighted sum of them by inputs, first states and weights."""
    inputs = torch.tensor(x, requires_grad=True)
    first = [torch.tensor(s, requires_grad=True) for s in states]
    if first:
        call["initial_state"] = first
    if mask is not None:
        call["mask"] = torch.tensor(mask, dtype=torch.bool)
    found = layer(inputs, **call)
    outputs = list(found) if isinstance(found, (list, tuple)) else [found]
    total = sum((o * torch.linspace(-1.0, 1.0, o.numel()).reshape(o.shape)).sum() for o in outputs)
    sources = [inputs, *first, *(getattr(w, "value", w) for w in layer.trainable_weights)]
    grads = torch.autograd.grad(total, sources, allow_unused=True)
    zeros = [torch.zeros_like(s) if g is None else g for g, s in zip(grads, sources, strict=True)]
    return [t.detach().numpy() for t in [*outputs, *zeros]]


def assert_agree(spec: Inner, mask: Any = None, states: int = 0, **call: Any) -> Any:
    """Compares a layer with Keras's on one batch; returns ours."""
    ours, theirs = twins(spec)
    first = [numbers(5, 4, seed=10 + i) for i in range(states)]
    x = numbers(*SHAPE, seed=9)
    mine, wanted = outcome(ours, x, first, mask, **call), outcome(theirs, x, first, mask, **call)
    assert len(mine) == len(wanted)
    for a, b in zip(mine, wanted, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=5e-5, atol=5e-5)
    return ours
