"""`tf.train`: checkpoints of models, optimizers and variables."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.averages import ExponentialMovingAverage
from kerastorch.compat.tensorflow.checkpoint_files import (
    checkpoints_iterator,
    get_checkpoint_state,
    latest_checkpoint,
    list_variables,
    load_checkpoint,
    load_variable,
)
from kerastorch.compat.tensorflow.checkpoint_manager import CheckpointManager
from kerastorch.compat.tensorflow.checkpoints import Checkpoint, CheckpointOptions, LoadStatus
from kerastorch.compat.tensorflow.compat.optimizers import (
    AdagradOptimizer,
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
    RMSPropOptimizer,
)

__all__ = [
    "AdagradOptimizer",
    "AdamOptimizer",
    "Checkpoint",
    "CheckpointManager",
    "CheckpointOptions",
    "ExponentialMovingAverage",
    "GradientDescentOptimizer",
    "LoadStatus",
    "MomentumOptimizer",
    "RMSPropOptimizer",
    "checkpoints_iterator",
    "get_checkpoint_state",
    "latest_checkpoint",
    "list_variables",
    "load_checkpoint",
    "load_variable",
]


def __getattr__(name: str) -> Any:
    raise missing("tf.train", name)
