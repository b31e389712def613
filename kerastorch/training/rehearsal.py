"""A copy of a model for steps that shall leave no trace: measurements before the training itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerastorch.core.random_state import random_state, set_random_state
from kerastorch.errors import InvalidArgumentError


@contextmanager
def rehearsal(model: Any) -> Iterator[Any]:
    """Gives a copy of a compiled model, with its optimizer and metrics, for a `with` block.

    Weights, state and random generators are as before afterwards; weights that the copy makes go with it.

    Args:
        model: the model.

    Raises:
        InvalidArgumentError: when the model cannot be copied.
    """
    before = random_state()
    try:
        twin = copy.deepcopy(model)
    except (TypeError, RuntimeError, ValueError, AttributeError) as error:
        raise InvalidArgumentError(
            f"Model {model.name!r} cannot be copied, and measuring its own steps would train it: {error}"
        ) from error
    try:
        yield twin
    finally:
        set_random_state(before)
