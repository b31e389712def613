"""The networks that are trained and the data they are trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn

CLASSES = 10
LEARNING_RATE = 0.001
EPSILON = 1e-7


@dataclass(frozen=True)
class Workload:
    """A network with its batch size, optimizer and number of steps.

    Args:
        name: what the table calls it.
        shape: shape of one sample, channels last.
        batch_size: samples a step.
        steps: steps an epoch.
        epochs: epochs a round.
        optimizer: Keras's name of the optimizer.
        module: makes the network as a plain torch module that gives logits, channels first.
        layers: makes the same network as a list of layers of Keras or kerastorch.
        optimizers: variants of the torch optimizer, from which the fastest is taken.
        memory_formats: variants of the layout of weights and inputs.
    """

    name: str
    shape: tuple[int, ...]
    batch_size: int
    steps: int
    epochs: int
    optimizer: str
    module: Callable[[], nn.Module]
    layers: Callable[[ModuleType], list[Any]]
    optimizers: dict[str, Callable[[Any], torch.optim.Optimizer]]
    memory_formats: tuple[torch.memory_format, ...] = (torch.contiguous_format,)

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """The samples (float32, channels last) and their integer classes, the same at every call."""
        rng = np.random.default_rng(0)
        count = self.steps * self.batch_size
        x = rng.standard_normal((count, *self.shape), dtype=np.float32)
        y = rng.integers(0, CLASSES, count)
        return x, y

    def build(self, keras: ModuleType, logits: bool) -> Any:
        """The compiled model, with a softmax at its end or with `from_logits=True`."""
        last = [] if logits else [keras.layers.Softmax()]
        model = keras.Sequential([keras.Input(self.shape), *self.layers(keras), *last])
        if not logits:
            loss = "sparse_categorical_crossentropy"
        else:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=self.optimizer, loss=loss, metrics=["accuracy"])
        return model


def _mlp_module() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))


def _mlp_layers(keras: ModuleType) -> list[Any]:
    dense = keras.layers.Dense
    return [dense(64, activation="relu"), dense(64, activation="relu"), dense(CLASSES)]


def _cnn_module() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1600, CLASSES),
    )


def _cnn_layers(keras: ModuleType) -> list[Any]:
    layers = keras.layers
    return [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(CLASSES),
    ]


def _rmsprop(**options: Any) -> Callable[[Any], torch.optim.Optimizer]:
    def make(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.RMSprop(parameters, lr=LEARNING_RATE, alpha=0.9, eps=EPSILON, **options)

    return make


def _adam(**options: Any) -> Callable[[Any], torch.optim.Optimizer]:
    def make(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, lr=LEARNING_RATE, eps=EPSILON, **options)

    return make


MLP = Workload(
    name="MLP",
    shape=(784,),
    batch_size=64,
    steps=200,
    epochs=5,
    optimizer="rmsprop",
    module=_mlp_module,
    layers=_mlp_layers,
    optimizers={"foreach": _rmsprop(foreach=True), "for loop": _rmsprop(foreach=False)},
)

CNN = Workload(
    name="CNN",
    shape=(28, 28, 1),
    batch_size=128,
    steps=20,
    epochs=2,
    optimizer="adam",
    module=_cnn_module,
    layers=_cnn_layers,
    optimizers={"fused": _adam(fused=True), "foreach": _adam(foreach=True)},
    memory_formats=(torch.contiguous_format, torch.channels_last),
)

WORKLOADS = {workload.name: workload for workload in (MLP, CNN)}
