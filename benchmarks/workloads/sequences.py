"""Networks over sequences: recurrent ones, with and without masks, and convolutions with normalisation."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from benchmarks.workloads.base import CLASSES, Workload, normal
from benchmarks.workloads.images import EPSILON, MOMENTUM

STEPS, FEATURES, UNITS = 50, 16, 64


def padded(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Sequences of 10 to 50 steps, followed by zeros."""
    x = normal(rng, shape)
    lengths = rng.integers(10, shape[1] + 1, shape[0])
    x[np.arange(shape[1]) >= lengths[:, None]] = 0.0
    return x


class Last(nn.Module):
    """A recurrent network of torch and a linear layer on its last outputs."""

    def __init__(self, recurrent: nn.RNNBase) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.head = nn.Linear(UNITS * (2 if recurrent.bidirectional else 1), CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits of the last step."""
        return self.head(self.recurrent(x)[0][:, -1])


class BothEnds(Last):
    """As `Last`, for a network of two directions, of which each has its own last step."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits of the last states of both directions."""
        states = self.recurrent(x)[1][0]
        return self.head(torch.cat([states[0], states[1]], 1))


def _lengths(x: torch.Tensor) -> torch.Tensor:
    return (x != 0).any(-1).sum(1)


class Gathered(Last):
    """As `Last` for padded sequences: runs over the padding and takes the outputs at the last real steps."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits of the last real step."""
        outputs = self.recurrent(x)[0]
        return self.head(outputs[torch.arange(len(x), device=x.device), _lengths(x) - 1])


class Packed(Last):
    """As `Last` for padded sequences: packs them."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits of the last real step."""
        packed = pack_padded_sequence(x, _lengths(x).cpu(), batch_first=True, enforce_sorted=False)
        return self.head(self.recurrent(packed)[1][0][-1])


class TwoConvolutions(nn.Module):
    """Two convolutions with normalisation, pooling and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        sizes = ((FEATURES, UNITS), (UNITS, UNITS))
        parts: list[nn.Module] = []
        for channels, filters in sizes:
            parts += [
                nn.Conv1d(channels, filters, 5, padding=2),
                nn.BatchNorm1d(filters, eps=EPSILON, momentum=1 - MOMENTUM),
                nn.ReLU(inplace=True),
            ]
        self.first, self.second = nn.Sequential(*parts[:3]), nn.Sequential(*parts[3:])
        self.head = nn.Linear(UNITS, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits of sequences with the channels first."""
        x = nn.functional.max_pool1d(self.first(x), 2)
        return self.head(self.second(x).mean(-1))


def _torch_lstm() -> nn.LSTM:
    return nn.LSTM(FEATURES, UNITS, num_layers=2, batch_first=True)


def _two(name: str, keras: ModuleType) -> list[Any]:
    layer = getattr(keras.layers, name)
    return [layer(UNITS, return_sequences=True), layer(UNITS), keras.layers.Dense(CLASSES)]


def _bidirectional(keras: ModuleType) -> list[Any]:
    layers = keras.layers
    return [layers.Bidirectional(layers.LSTM(UNITS)), layers.Dense(CLASSES)]


def _convolutions(keras: ModuleType) -> list[Any]:
    layers = keras.layers

    def block() -> list[Any]:
        return [layers.Conv1D(UNITS, 5, padding="same"), layers.BatchNormalization(), layers.ReLU()]

    pooled = [*block(), layers.MaxPooling1D(), *block(), layers.GlobalAveragePooling1D()]
    return [*pooled, layers.Dense(CLASSES)]


WORDS, EMBEDDED = 5000, 64


def _words(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, WORDS, shape, dtype=np.int64)


class Words(nn.Module):
    """The mean of the embeddings of words, and a classifier."""

    def __init__(self, bag: bool) -> None:
        super().__init__()
        self.embed: nn.Module = nn.EmbeddingBag(WORDS, EMBEDDED) if bag else nn.Embedding(WORDS, EMBEDDED)
        self.bag = bag
        self.hidden, self.head = nn.Linear(EMBEDDED, UNITS), nn.Linear(UNITS, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        embedded = self.embed(x)
        return self.head(self.hidden(embedded if self.bag else embedded.mean(1)).relu_())


def _text(keras: ModuleType) -> list[Any]:
    layers = keras.layers
    embedded = [layers.Embedding(WORDS, EMBEDDED), layers.GlobalAveragePooling1D()]
    return [*embedded, layers.Dense(UNITS, activation="relu"), layers.Dense(CLASSES)]


TEXT = Workload(
    name="text classifier",
    shape=(100,),
    modules={"Embedding": lambda: Words(False), "EmbeddingBag": lambda: Words(True)},
    layers=_text,
    draw=_words,
    dtype="int64",
    most=1.03,
)

LSTM = Workload(
    name="LSTM",
    shape=(STEPS, FEATURES),
    modules={"nn.LSTM": lambda: Last(_torch_lstm())},
    layers=lambda keras: _two("LSTM", keras),
)

GRU = Workload(
    name="GRU",
    shape=(STEPS, FEATURES),
    modules={"nn.GRU": lambda: Last(nn.GRU(FEATURES, UNITS, num_layers=2, batch_first=True))},
    layers=lambda keras: _two("GRU", keras),
)

BIDIRECTIONAL = Workload(
    name="Bidirectional",
    shape=(STEPS, FEATURES),
    modules={"nn.LSTM": lambda: BothEnds(nn.LSTM(FEATURES, UNITS, batch_first=True, bidirectional=True))},
    layers=_bidirectional,
)

MASKED_LSTM = Workload(
    name="masked LSTM",
    shape=(STEPS, FEATURES),
    modules={"gathered": lambda: Gathered(_torch_lstm()), "packed": lambda: Packed(_torch_lstm())},
    layers=lambda keras: [keras.layers.Masking(), *_two("LSTM", keras)],
    draw=padded,
    most=1.05,
)

CONV1D = Workload(
    name="Conv1D",
    shape=(128, FEATURES),
    modules={"Sequential": TwoConvolutions},
    layers=_convolutions,
    channels_first=True,
)
