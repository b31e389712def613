"""What a workload is, and the optimizers that several of them use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10
LEARNING_RATE = 0.001
EPSILON = 1e-7

MakeOptimizer = Callable[[Any], torch.optim.Optimizer]
Shape = tuple[int, ...]
ENDINGS = ("softmax", "logits")


def rmsprop(**options: Any) -> MakeOptimizer:
    """Torch's RMSprop with Keras's defaults."""
    return lambda params: torch.optim.RMSprop(params, lr=LEARNING_RATE, alpha=0.9, eps=EPSILON, **options)


def adam(**options: Any) -> MakeOptimizer:
    """Torch's Adam with Keras's defaults."""
    return lambda params: torch.optim.Adam(params, lr=LEARNING_RATE, eps=EPSILON, **options)


ADAM = {"fused": adam(fused=True), "foreach": adam(foreach=True)}


@dataclass(frozen=True)
class Task:
    """What a network learns, in Keras's words and in torch's.

    Args:
        losses: Keras's loss for each way in which a network may end.
        metric: Keras's name of the metric.
        loss: the loss of a batch, by hand.
        score: the sum over a batch of what the metric is the mean of, by hand.
    """

    losses: Mapping[str, Callable[[ModuleType], Any]]
    metric: str
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    score: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


CLASSIFY = Task(
    {
        "softmax": lambda keras: "sparse_categorical_crossentropy",
        "logits": lambda keras: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    },
    "accuracy",
    F.cross_entropy,
    lambda outputs, y: (outputs.argmax(1) == y).sum(),
)
REBUILD = Task(
    {"linear": lambda keras: "mse"}, "mae", F.mse_loss, lambda outputs, y: (outputs - y).abs().mean(1).sum()
)


def each(function: Callable[[Any], Any], x: Any) -> Any:
    """Calls a function with an array or tensor, or with every one of a dictionary."""
    return {name: function(value) for name, value in x.items()} if isinstance(x, dict) else function(x)


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normally distributed samples in float32."""
    return rng.standard_normal(shape, dtype=np.float32)


@dataclass(frozen=True)
class Workload:
    """A network with its batch size, optimizer and number of steps.

    Args:
        name: what the table calls it.
        shape: shape of one sample, channels last; several by name for a network of several inputs.
        modules: ways to write the network as a plain torch module that gives logits; the fastest is taken.
        layers: the network as a list of layers of Keras or kerastorch, called one after the other; functions of theirs
            may stand among them.
        task: what it learns; without classes, the inputs themselves.
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
        most_compiled: the most that it may take with `jit_compile=True`; None leaves that out.
    """

    name: str
    shape: Shape | Mapping[str, Shape]
    modules: Mapping[str, Callable[[], nn.Module]]
    layers: Callable[[ModuleType], list[Any]]
    task: Task = CLASSIFY
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
    most_compiled: float | None = None

    def data(self) -> tuple[Any, np.ndarray]:
        """The samples (channels last) and what is to be learnt of them, the same at every call."""
        rng = np.random.default_rng(0)
        count = self.steps * self.batch_size
        shapes = dict(self.shape) if isinstance(self.shape, Mapping) else self.shape
        x = each(lambda shape: self.draw(rng, (count, *shape)), shapes)
        return x, x if self.task is REBUILD else rng.integers(0, CLASSES, count)

    def build(self, keras: ModuleType, ending: str, **compiling: Any) -> Any:
        """The compiled model, which ends in one of the ways that the task has."""
        if isinstance(self.shape, Mapping):
            inputs = {
                name: keras.Input(shape, name=name, dtype=self.dtype) for name, shape in self.shape.items()
            }
        else:
            inputs = keras.Input(self.shape, dtype=self.dtype)
        outputs = inputs
        for layer in [*self.layers(keras), *([keras.layers.Softmax()] if ending == "softmax" else [])]:
            outputs = layer(outputs)
        model = keras.Model(inputs, outputs)
        loss = self.task.losses[ending](keras)
        model.compile(optimizer=self.optimizer, loss=loss, metrics=[self.task.metric], **compiling)
        return model

    @property
    def plain(self) -> str:
        """The ending in which the model gives what the plain module gives."""
        return [*self.task.losses][-1]
