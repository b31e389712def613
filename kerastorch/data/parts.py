"""The parts of a batch: inputs, targets, sample weights."""

from __future__ import annotations

from typing import Any

from kerastorch.errors import DataError


def unpack(data: Any) -> tuple[Any, Any, Any]:
    """Returns `(x, y, sample_weight)` of a batch, None for what it does not have.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        DataError: when a tuple has another length.

    Example:
        >>> unpack((1, 2))
        (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if len(data) > 3 or not data:
        raise DataError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`. "
            f"Received a tuple of length {len(data)}."
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight
