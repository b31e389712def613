"""`pad_sequences`: lists of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Returns sequences of different lengths as one array, filled up and cut off to one length.

    Args:
        sequences: lists of numbers, or of anything of one shape.
        maxlen: that length, in steps. Default: None, that of the longest.
        dtype: the type of the array; `object` for text. Default: `"int32"`.
        padding: the side that is filled up, `"pre"` or `"post"`. Default: `"pre"`.
        truncating: the side that is cut off, `"pre"` or `"post"`. Default: `"pre"`.
        value: what fills up. Default: 0.

    Returns:
        An array (sequences, maxlen, ...).

    Raises:
        ArgumentTypeError: when `sequences` is no list of sequences.
        InvalidArgumentError: for another side, or text as `value` of numbers.
        ShapeError: when the steps of two sequences have different shapes.

    Example:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
        [[0, 1], [2, 3], [5, 6]]

    Source: keras.utils.pad_sequences
    """
    _check(padding, truncating, value, dtype)
    lengths = _lengths(sequences)
    longest = max(lengths, default=0) if maxlen is None else maxlen
    shape = next((np.asarray(sequence).shape[1:] for sequence in sequences if len(sequence)), ())
    result = np.full((len(lengths), longest, *shape), value, dtype=dtype)
    for row, sequence in enumerate(sequences):
        cut = sequence[max(len(sequence) - longest, 0) :] if truncating == "pre" else sequence[:longest]
        if not len(cut):
            continue
        steps = np.asarray(cut, dtype=dtype)
        if steps.shape[1:] != shape:
            raise ShapeError(
                f"The steps of all sequences must have one shape. Expected {shape} as in the first, received "
                f"{steps.shape[1:]} in sequence {row}."
            )
        start = longest - len(steps) if padding == "pre" else 0
        result[row, start : start + len(steps)] = steps
    return result


def _check(padding: str, truncating: str, value: Any, dtype: Any) -> None:
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            raise InvalidArgumentError(f"`{name}` must be 'pre' or 'post'. Received: {name}={side!r}.")
    if isinstance(value, str) and np.dtype(dtype).kind not in "OUS":
        raise InvalidArgumentError(
            f"`dtype` {dtype} is not compatible with the text of `value`. Set dtype=object for text of any length."
        )


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise ArgumentTypeError(f"`sequences` must be a list of sequences. Received: {sequences!r}.")
    for row, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ArgumentTypeError(
                f"`sequences` must be a list of sequences. Received {sequence!r} at place {row}."
            )
    return [len(sequence) for sequence in sequences]
