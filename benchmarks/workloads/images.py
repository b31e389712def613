"""Networks over images: a small convolutional network and a small ResNet."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.workloads.base import CLASSES, Workload

LAYOUTS = (torch.contiguous_format, torch.channels_last)
STAGES = ((16, 1), (32, 2), (64, 2))  # filters and stride of each block
MOMENTUM, EPSILON = 0.99, 0.001  # of Keras's BatchNormalization


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


def norm(filters: int) -> nn.BatchNorm2d:
    """Keras's batch normalisation in torch."""
    return nn.BatchNorm2d(filters, eps=EPSILON, momentum=1 - MOMENTUM)


class Block(nn.Module):
    """Two convolutions beside a shortcut; the first block of a stage halves the image.

    A "same" convolution with a stride of two pads images of even size at the end only, as Keras and TensorFlow do.
    """

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.halves = stride == 2
        self.first = nn.Conv2d(channels, filters, 3, stride, padding=0 if self.halves else 1, bias=False)
        self.first_norm = norm(filters)
        self.second = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.second_norm = norm(filters)
        self.shortcut = nn.Conv2d(channels, filters, 1, stride, bias=False) if channels != filters else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Adds what the convolutions find to the shortcut."""
        padded = F.pad(x, (0, 1, 0, 1)) if self.halves else x
        y = F.relu(self.first_norm(self.first(padded)), inplace=True)
        y = self.second_norm(self.second(y))
        return F.relu_(y + (x if self.shortcut is None else self.shortcut(x)))


def _resnet_module() -> nn.Module:
    blocks, channels = [], 16
    for filters, stride in STAGES:
        blocks.append(Block(channels, filters, stride))
        channels = filters
    stem = [nn.Conv2d(3, 16, 3, padding=1, bias=False), norm(16), nn.ReLU(inplace=True)]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))


def _block(keras: ModuleType, channels: int, filters: int, stride: int) -> Callable[[Any], Any]:
    layers = keras.layers

    def convolved(x: Any, size: int, step: int) -> Any:
        return layers.Conv2D(filters, size, step, padding="same", use_bias=False)(x)

    def block(x: Any) -> Any:
        y = layers.ReLU()(layers.BatchNormalization()(convolved(x, 3, stride)))
        y = layers.BatchNormalization()(convolved(y, 3, 1))
        return layers.ReLU()(layers.Add()([y, x if channels == filters else convolved(x, 1, stride)]))

    return block


def _resnet_layers(keras: ModuleType) -> list[Any]:
    layers = keras.layers
    found: list[Any] = [
        layers.Conv2D(16, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
    ]
    channels = 16
    for filters, stride in STAGES:
        found.append(_block(keras, channels, filters, stride))
        channels = filters
    return [*found, layers.GlobalAveragePooling2D(), layers.Dense(CLASSES)]


CNN = Workload(
    name="CNN",
    shape=(28, 28, 1),
    modules={"Sequential": _cnn_module},
    layers=_cnn_layers,
    batch_size=128,
    memory_formats=LAYOUTS,
    channels_first=True,
    most_of_keras=0.5,
)

RESNET = Workload(
    name="ResNet",
    shape=(32, 32, 3),
    modules={"blocks": _resnet_module},
    layers=_resnet_layers,
    steps=10,
    epochs=1,
    memory_formats=LAYOUTS,
    channels_first=True,
)
