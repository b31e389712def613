"""`tf.random`: random numbers, drawn by torch."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.random.draws import (
    categorical,
    gamma,
    normal,
    poisson,
    set_seed,
    shuffle,
    truncated_normal,
    uniform,
)
from kerastorch.compat.tensorflow.random.stateless import (
    fold_in,
    split,
    stateless_categorical,
    stateless_normal,
    stateless_shuffle,
    stateless_truncated_normal,
    stateless_uniform,
)
from kerastorch.compat.tensorflow.random.generator import (
    Generator,
    get_global_generator,
    set_global_generator,
)

__all__ = [
    "Generator",
    "categorical",
    "fold_in",
    "gamma",
    "get_global_generator",
    "normal",
    "poisson",
    "set_global_generator",
    "set_seed",
    "shuffle",
    "split",
    "stateless_categorical",
    "stateless_normal",
    "stateless_shuffle",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.random", name)
