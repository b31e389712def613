"""Three small problems, dense, convolution and embedding, on which two optimizers take the same steps.

The three share a training run and no weight, so that one run of an optimizer answers for all of them. They are made to
be followed in float32: smooth activations, and batches of noise, whose gradients never vanish. Where they did, a rule
that divides by their size would make of one rounded bit another direction.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
import torch
from torch.nn import functional

from kerastorch.core.variable import Variable

STEPS = 200
WATCHED = (1, 2, 10, 50, 100, 200)
BATCHES, BATCH = 7, 8
ROWS, USED_ROWS = 12, 9  # of the embedding; the rest is never looked up

SHAPES = {
    "dense_kernel": (5, 6),
    "dense_bias": (6,),
    "head_kernel": (6, 3),
    "head_bias": (3,),
    "conv_kernel": (3, 3, 2, 4),
    "conv_bias": (4,),
    "pooled_kernel": (4, 2),
    "embedding_table": (ROWS, 4),
    "embedded_kernel": (4, 2),
}

History = dict[int, list[np.ndarray]]


@cache
def start() -> dict[str, np.ndarray]:
    """The weights that every run begins with."""
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape, scale=0.4).astype("float32") for name, shape in SHAPES.items()}


@cache
def batches(dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Inputs and targets; the first axis counts the batches."""
    rng = np.random.default_rng(1)
    shapes = {"x": (5,), "y": (3,), "image": (2, 6, 6), "label": (2,), "class": (2,)}
    made = {
        name: torch.from_numpy(rng.normal(size=(BATCHES, BATCH, *shape)).astype("float32")).to(dtype)
        for name, shape in shapes.items()
    }
    return {**made, "ids": torch.from_numpy(rng.integers(0, USED_ROWS, size=(BATCHES, BATCH, 3)))}


def loss(weights: list[torch.Tensor], step: int, sparse: bool) -> torch.Tensor:
    """The sum of the losses of the three problems at a step."""
    batch = {name: values[step % BATCHES] for name, values in batches(weights[0].dtype).items()}
    kernel, bias, head, head_bias, conv, conv_bias, pooled, table, embedded = weights
    dense = torch.tanh(batch["x"] @ kernel + bias) @ head + head_bias
    image = torch.tanh(functional.conv2d(batch["image"], conv.permute(3, 2, 0, 1), conv_bias))
    words = functional.embedding(batch["ids"], table, sparse=sparse)
    return (
        functional.mse_loss(dense, batch["y"])
        + functional.mse_loss(image.mean((2, 3)) @ pooled, batch["label"])
        + functional.mse_loss(torch.tanh(words.mean(1)) @ embedded, batch["class"])
    )


def follow(
    optimizer: Any, variables: list[Any], values: list[torch.Tensor], steps: int, sparse: bool
) -> History:
    """Trains, and returns the weights after the watched steps."""
    seen = {}
    for step in range(steps):
        value = optimizer.scale_loss(loss(values, step, sparse))
        optimizer.apply(torch.autograd.grad(value, values), variables)
        if step + 1 in WATCHED:
            seen[step + 1] = [value.detach().numpy().copy() for value in values]
    return seen


def train(optimizer: Any, steps: int = STEPS, sparse: bool = False) -> History:
    """Trains with an optimizer of kerastorch; `sparse` asks torch for a sparse gradient of the embedding."""
    variables = [Variable(value.copy(), name=name) for name, value in start().items()]
    return follow(optimizer, variables, variables, steps, sparse)


def train_keras(optimizer: Any, dtype: str = "float32", steps: int = STEPS) -> History:
    """Trains with an optimizer of Keras, computing everything in `dtype`."""
    variables = [keras.Variable(value, name=name, dtype=dtype) for name, value in start().items()]
    return follow(optimizer, variables, [variable.value for variable in variables], steps, sparse=False)


def keras_arrays(variables: list[Any]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable) for variable in variables]
