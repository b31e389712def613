"""Summaries of many values, small and mergeable, from which approximate quantiles are read.

A summary is an array `(2, n)` of float32: values in order, and how many values each stands for.
"""

from __future__ import annotations

import numpy as np


def empty_summary() -> np.ndarray:
    """Returns the summary of no values."""
    return np.zeros((2, 0), dtype="float32")


def summarize(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Returns a summary of values.

    Args:
        values: an array of numbers.
        epsilon: the share of the values that one entry may stand for, which bounds the error of quantiles.

    Example:
        >>> summarize(np.array([3.0, 1.0, 2.0, 4.0]), epsilon=0.5).tolist()
        [[2.0, 4.0], [2.0, 2.0]]
    """
    ordered = np.sort(values, axis=None).astype("float32")
    step = max(len(ordered) / (1.0 / epsilon), 1)
    kept = ordered[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def merged(first: np.ndarray, second: np.ndarray, epsilon: float) -> np.ndarray:
    """Returns the summary of the values of two summaries.

    Args:
        first: a summary.
        second: a summary.
        epsilon: the share of the values that one entry may stand for.
    """
    both = np.concatenate((first, second), axis=1)
    return compressed(both[:, np.argsort(both[0])], epsilon)


def compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """Returns a summary with about `1 / epsilon` entries, interpolated between the given ones.

    Args:
        summary: the summary; one that is small enough is returned as it is.
        epsilon: the share of the values that an entry may stand for.
    """
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    ranks = summary[1].cumsum()
    values = np.interp(shares, ranks / ranks[-1], summary[0])
    counts = np.interp(shares, ranks / ranks[-1], ranks)
    return np.stack([values, np.diff(counts, prepend=0.0)]).astype("float32")


def boundaries_of(summary: np.ndarray, bins: int) -> list[float]:
    """Returns the numbers between bins that hold about as many values each.

    Args:
        summary: the summary of the values.
        bins: how many bins there are.

    Example:
        >>> boundaries_of(summarize(np.arange(1.0, 9.0), 0.01), bins=2)
        [4.0]
    """
    return compressed(summary, 1.0 / bins)[0, :-1].tolist()
