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


def pack(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Returns the parts of a batch as one value, which `unpack` takes apart again.

    Args:
        x: the inputs.
        y: the targets, or None.
        sample_weight: a weight for each sample, or None.

    Returns:
        `x` alone, in a tuple where it is a list or tuple itself; `(x, y)`; or `(x, y, sample_weight)`.

    Example:
        >>> pack(1), pack([1, 2]), pack(1, 2)
        (1, ([1, 2],), (1, 2))

    Source: `keras.utils.pack_x_y_sample_weight`.
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
