"""A small transformer that classifies texts: one block over 64 tokens.

Legend: B batch, T tokens, H heads, D width.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.workloads.base import CLASSES, Workload

WORDS, TOKENS, WIDTH, HEADS, HIDDEN = 1000, 64, 64, 4, 128
EPSILON = 0.001  # of Keras's LayerNormalization


def tokens(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of words."""
    return rng.integers(0, WORDS, shape)


class Fused(nn.Module):
    """Self-attention with one projection to query, key and value, on torch's fused kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Linear(WIDTH, 3 * WIDTH)
        self.output = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Attends; (B, T, D) in and out."""
        q, k, v = self.projection(x).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        return self.output(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class Ready(nn.Module):
    """Self-attention by `nn.MultiheadAttention`."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Attends; (B, T, D) in and out."""
        return self.attention(x, x, x, need_weights=False)[0]


class Classifier(nn.Module):
    """Embeddings of words and places, one block of attention and two linear layers, the mean, and logits."""

    def __init__(self, attention: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(WORDS, WIDTH), nn.Embedding(TOKENS, WIDTH)
        self.attention = attention()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH, eps=EPSILON) for _ in range(2))
        self.wide, self.narrow = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The logits of texts, (B, T) to (B, classes)."""
        x = self.words(x) + self.places.weight
        x = self.norms[0](x + self.dropout(self.attention(x)))
        x = self.norms[1](x + self.dropout(self.narrow(F.relu(self.wide(x)))))
        return self.head(x.mean(1))


def _layers(keras: ModuleType) -> list[Any]:
    layers = keras.layers

    class Places(layers.Layer):
        def build(self, input_shape: tuple) -> None:
            self.table = self.add_weight(shape=(TOKENS, WIDTH), initializer="uniform", name="places")

        def call(self, x: Any) -> Any:
            return x + self.table

    def attend(x: Any) -> Any:
        found = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(x, x)
        return layers.LayerNormalization()(layers.Add()([x, layers.Dropout(0.1)(found)]))

    def think(x: Any) -> Any:
        found = layers.Dense(WIDTH)(layers.Dense(HIDDEN, activation="relu")(x))
        return layers.LayerNormalization()(layers.Add()([x, layers.Dropout(0.1)(found)]))

    embedded = [layers.Embedding(WORDS, WIDTH), Places()]
    return [*embedded, attend, think, layers.GlobalAveragePooling1D(), layers.Dense(CLASSES)]


TRANSFORMER = Workload(
    name="transformer",
    shape=(TOKENS,),
    modules={"SDPA": lambda: Classifier(Fused), "nn.MultiheadAttention": lambda: Classifier(Ready)},
    layers=_layers,
    draw=tokens,
    dtype="int32",
)
