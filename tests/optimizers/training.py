"""The same steps with Keras 3.15.1 and with kerastorch, from the same weights and gradients."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from kerastorch.core.variable import Variable

SHAPES = {"dense": (5, 4), "bias": (4,), "kernel": (3, 3, 2, 4), "unit": (6, 1)}


def conv_layout(values: np.ndarray) -> torch.Tensor:
    """A convolution kernel with Keras's shape whose memory has the order (out, height, width, in)."""
    return torch.from_numpy(values).permute(3, 0, 1, 2).contiguous().permute(1, 2, 3, 0)


def weights(shapes: dict[str, tuple] = SHAPES, dtype: str = "float32") -> list[Variable]:
    rng = np.random.default_rng(0)
    made = []
    for name, shape in shapes.items():
        values = rng.normal(size=shape).astype(dtype)
        made.append(Variable(conv_layout(values) if len(shape) == 4 else values, name=name))
    return made


def gradients(step: int, shapes: dict[str, tuple] = SHAPES) -> list[np.ndarray]:
    rng = np.random.default_rng(step + 1)
    return [rng.normal(size=shape, scale=0.5).astype("float32") for shape in shapes.values()]


def train(optimizer: Any, steps: int = 60, variables: list[Any] | None = None) -> list[Any]:
    """Takes steps with kerastorch; gradients lie in memory as the variables do, as autograd leaves them."""
    variables = weights() if variables is None else variables
    for step in range(steps):
        grads = [
            torch.empty_like(v, requires_grad=False).copy_(torch.from_numpy(g))
            for v, g in zip(variables, gradients(step), strict=True)
        ]
        optimizer.apply(grads, variables)
    return variables


def train_keras(optimizer: Any, steps: int = 60) -> list[Any]:
    variables = [keras.Variable(v.numpy(), name=v.name) for v in weights()]
    for step in range(steps):
        optimizer.apply([torch.from_numpy(g) for g in gradients(step)], variables)
    return variables


def keras_arrays(variables: list[Any]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(v) for v in variables]
