"""Networks over plain vectors."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import torch
from torch import nn

from benchmarks.workloads.base import CLASSES, REBUILD, Workload, rmsprop


def _module() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))


def _layers(keras: ModuleType) -> list[Any]:
    dense = keras.layers.Dense
    return [dense(64, activation="relu"), dense(64, activation="relu"), dense(CLASSES)]


class TwoInputs(nn.Module):
    """A branch for each input, joined by further layers."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(64, 64), nn.Linear(16, 64)
        self.join, self.head = nn.Linear(128, 64), nn.Linear(64, CLASSES)

    def forward(self, x: dict[str, torch.Tensor]) -> torch.Tensor:
        both = torch.cat((self.a(x["a"]).relu_(), self.b(x["b"]).relu_()), 1)
        return self.head(self.join(both).relu_())


def _two_inputs(keras: ModuleType) -> list[Any]:
    layers = keras.layers
    branches = {name: layers.Dense(64, activation="relu") for name in "ab"}

    def joined(x: Any) -> Any:
        return layers.Concatenate()([branches[name](x[name]) for name in "ab"])

    return [joined, layers.Dense(64, activation="relu"), layers.Dense(CLASSES)]


SIZES = (128, 32, 128)  # of the hidden layers of the autoencoder


def _autoencoder_module() -> nn.Module:
    sizes = (784, *SIZES)
    hidden = [x for a, b in zip(sizes, SIZES, strict=False) for x in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(SIZES[-1], 784))


def _autoencoder(keras: ModuleType) -> list[Any]:
    dense = keras.layers.Dense
    return [*(dense(size, activation="relu") for size in SIZES), dense(784)]


MLP = Workload(
    name="MLP",
    shape=(784,),
    modules={"Sequential": _module},
    layers=_layers,
    steps=200,
    epochs=5,
    optimizer="rmsprop",
    optimizers={"foreach": rmsprop(foreach=True), "for loop": rmsprop(foreach=False)},
    most_of_keras=0.5,
    most_compiled=0.85,
)

AUTOENCODER = Workload(
    name="autoencoder",
    shape=(784,),
    modules={"Sequential": _autoencoder_module},
    layers=_autoencoder,
    task=REBUILD,
    steps=100,
    epochs=5,
    most=1.03,
    most_compiled=0.85,
)

TWO_INPUTS = Workload(
    name="two inputs",
    shape={"a": (64,), "b": (16,)},
    modules={"module": TwoInputs},
    layers=_two_inputs,
    steps=200,
    epochs=5,
    most=1.03,
    most_compiled=0.85,
)
