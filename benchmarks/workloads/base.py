"""What a workload is, and the optimizers that several of them use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

CLASSES = 10
LEARNING_RATE = 0.001
EPSILON = 1e-7

MakeOptimizer = Callable[[Any], torch.optim.Optimizer]


def rmsprop(**options: Any) -> MakeOptimizer:
    """Torch's RMSprop with Keras's defaults."""
    return lambda params: torch.optim.RMSprop(params, lr=LEARNING_RATE, alpha=0.9, eps=EPSILON, **options)


def adam(**options: Any) -> MakeOptimizer:
    """Torch's Adam with Keras's defaults."""
    return lambda params: torch.optim.Adam(params, lr=LEARNING_RATE, eps=EPSILON, **options)


ADAM = {"fused": adam(fused=True), "foreach": adam(foreach=True)}


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normally distributed samples in float32."""
    return rng.standard_normal(shape, dtype=np.float32)


@dataclass(frozen=True)
class Workload:
    """A network with its batch size, optimizer and number of steps.

    Args:
        name: what the table calls it.
        shape: shape of one sample, channels last.
        modules: ways to write the network as a plain torch module that gives logits; the fastest is taken.
        layers: the network as a list of layers of Keras or kerastorch, called one after the other.
        batch_size: samples a step.
        steps: steps an epoch.
        epochs: epochs a round.
        optimizer: Keras's name of the optimizer.
        optimizers: variants of the torch optimizer, from which the fastest is taken.
        memory_formats: variants of the layout of weights and inputs.
        channels_first: whether the plain module wants the channels of a sample first.
        draw: how the samples are drawn.
        dtype: type of the input of the network.
        most: the most that a training step may take, in units of the hand-written one.
        most_of_keras: the most that it may take, in units of Keras's on torch; None owes nothing.
    """

    name: str
    shape: tuple[int, ...]
    modules: Mapping[str, Callable[[], nn.Module]]
    layers: Callable[[ModuleType], list[Any]]
    batch_size: int = 64
    steps: int = 20
    epochs: int = 2
    optimizer: str = "adam"
    optimizers: Mapping[str, MakeOptimizer] = field(default_factory=lambda: ADAM)
    memory_formats: tuple[torch.memory_format, ...] = (torch.contiguous_format,)
    channels_first: bool = False
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray] = normal
    dtype: str = "float32"
    most: float = 1.0
    most_of_keras: float | None = None

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """The samples (channels last) and their integer classes, the same at every call."""
        rng = np.random.default_rng(0)
        count = self.steps * self.batch_size
        return self.draw(rng, (count, *self.shape)), rng.integers(0, CLASSES, count)

    def build(self, keras: ModuleType, logits: bool) -> Any:
        """The compiled model, with a softmax at its end or with `from_logits=True`."""
        inputs = outputs = keras.Input(self.shape, dtype=self.dtype)
        for layer in [*self.layers(keras), *([] if logits else [keras.layers.Softmax()])]:
            outputs = layer(outputs)
        loss: Any = "sparse_categorical_crossentropy"
        if logits:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model = keras.Model(inputs, outputs)
        model.compile(optimizer=self.optimizer, loss=loss, metrics=["accuracy"])
        return model
