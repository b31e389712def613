"""Weights in files of Keras's `.weights.h5` layout."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import numpy as np

from kerastorch.saving.h5 import read_arrays
from kerastorch.saving.h5_writing import write_arrays
from kerastorch.saving.state import live_state_of, place_of
from kerastorch.saving.walk import parts_of


def write_weights(model: Any, file: str | BinaryIO, include_optimizer: bool = True) -> None:
    """Writes all state of a model.

    Args:
        model: the model.
        file: a path, or a binary file.
        include_optimizer: whether the state of the optimizer is part of it.
    """
    names = {
        place_of(part): part.owner.name
        for part in parts_of(model)
        if isinstance(getattr(part.owner, "name", None), str) and (include_optimizer or not part.is_optimizer)
    }
    write_arrays(file, live_state_of(model, include_optimizer), names)


def read_weights(content: bytes, label: str) -> dict[str, np.ndarray]:
    """Returns the arrays of a file that is held in memory.

    Raises:
        CorruptModelError: when it is damaged, or holds anything else than numbers.
    """
    return read_arrays(io.BytesIO(content), label)
