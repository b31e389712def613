"""Weights in files of Keras's `.weights.h5` layout."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from kerastorch.saving.archive import WEIGHTS, opened_member
from kerastorch.saving.h5 import Saved, stored_arrays
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


@contextlib.contextmanager
def saved_weights(file: str | BinaryIO, label: str) -> Iterator[dict[str, Saved]]:
    """Gives the arrays of a saved model by name, large ones as `Stored`, which can be read inside the block.

    Args:
        file: an archive, a folder or a binary file.
        label: what errors call it.

    Raises:
        CorruptModelError: when it is damaged, or holds anything else than numbers.
    """
    with opened_member(file, WEIGHTS, label) as stream, stored_arrays(stream, label) as arrays:
        yield arrays
