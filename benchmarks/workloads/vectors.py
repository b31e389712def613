"""Networks over plain vectors."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from torch import nn

from benchmarks.workloads.base import CLASSES, Workload, rmsprop


def _module() -> nn.Module:
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))


def _layers(keras: ModuleType) -> list[Any]:
    dense = keras.layers.Dense
    return [dense(64, activation="relu"), dense(64, activation="relu"), dense(CLASSES)]


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
)
