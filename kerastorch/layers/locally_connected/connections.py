"""Which elements of the input a locally connected layer reads at each place of its output.

Legend: P places of the output, O elements of the window, Q places of the input, in row-major order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def edges(
    sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int], padding: str
) -> tuple[tuple[int, int], ...]:
    """Returns how far windows stick out before and after each axis.

    With "same" Keras 2 puts the middle of a window, the second of two, on every stride-th element: not where
    convolutions have it.

    Args:
        sizes: the size of each axis of the input.
        windows: the size of the window on each.
        strides: its step on each.
        padding: `"valid"` or `"same"`.
    """
    if padding == "valid":
        return tuple((0, 0) for _ in sizes)
    last_starts = (-(-size // stride) * stride - stride for size, stride in zip(sizes, strides, strict=True))
    settings = zip(last_starts, sizes, windows, strict=True)
    return tuple((k // 2, max(start - k // 2 + k - size, 0)) for start, size, k in settings)


def read_places(
    sizes: Sequence[int],
    windows: Sequence[int],
    strides: Sequence[int],
    before: Sequence[int],
    places: Sequence[int],
) -> np.ndarray:
    """Returns the place (P, O) of the input that each element of each window reads; -1 is outside.

    Args:
        sizes: the size of each axis of the input.
        windows: the size of the window on each.
        strides: its step on each.
        before: how far the first window sticks out on each.
        places: the size of each axis of the output.
    """
    found = np.zeros((1, 1), dtype=np.int64)
    for size, window, stride, out, count in zip(sizes, windows, strides, before, places, strict=True):
        along = np.arange(count)[:, None] * stride - out + np.arange(window)
        along[(along < 0) | (along >= size)] = -1
        outer, inner = found[:, None, :, None], along[None, :, None, :]
        both = np.where((outer < 0) | (inner < 0), -1, outer * size + inner)
        found = both.reshape(found.shape[0] * count, found.shape[1] * window)
    return found


def dense_mask(reads: np.ndarray, sizes: int) -> np.ndarray:
    """Returns whether each place (Q, P) of the input counts at each place of the output.

    Args:
        reads: what `read_places` returned.
        sizes: the number Q of places of the input.
    """
    mask = np.zeros((sizes + 1, len(reads)), dtype=bool)
    np.put_along_axis(mask.T, np.where(reads < 0, sizes, reads), True, axis=1)
    return mask[:-1]


def numbered(reads: np.ndarray, channels: int, filters: int, channels_last: bool) -> np.ndarray:
    """Returns which of the weights in a row each element of each window has; those outside have one past the last.

    The weights are in the order of the elements of the output, and for each of these in that of the input's.

    Args:
        reads: what `read_places` returned.
        channels: the number C of channels of the input.
        filters: the number F of channels of the output.
        channels_last: whether the order is (P, F, O, C), or with channels first (F, P, C, O).
    """
    inside = reads >= 0
    if channels_last:
        inside = np.broadcast_to(inside[:, None, :, None], (len(reads), filters, reads.shape[1], channels))
    else:
        inside = np.broadcast_to(inside[None, :, None, :], (filters, len(reads), channels, reads.shape[1]))
    return np.where(inside, np.cumsum(inside).reshape(inside.shape) - 1, inside.sum())
