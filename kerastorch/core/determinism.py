"""The same numbers in every run, to the last bit."""

from __future__ import annotations

import os

import torch


def enable_determinism() -> None:
    """Lets torch use only algorithms that give the same numbers each time, which may be slower.

    Two runs of a script on one machine that begin with this and `set_random_seed` end with the same weights, to the
    last bit: also with dropout, shuffled data, and worker processes, which draw from seeds of their own. An operation
    for which a GPU has no such algorithm is an error. Call it before anything runs on a GPU.

    Example:
        >>> enable_determinism()
        >>> torch.are_deterministic_algorithms_enabled()
        True
        >>> torch.use_deterministic_algorithms(False)

    Source: `torch.use_deterministic_algorithms`, `tf.config.experimental.enable_op_determinism`.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it cuBLAS has no such algorithms
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True)
