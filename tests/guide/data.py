"""Real data for the guide: scikit-learn's handwritten digits, in the shapes that the guides use."""

from __future__ import annotations

import functools

import numpy as np
from sklearn.datasets import load_digits


@functools.cache
def digits(train: int = 1200, validation: int = 300) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Training, validation and test parts as `(x, y)`: rows of 64 numbers between 0 and 1, and labels.

    Args:
        train: rows to train on.
        validation: rows to validate on; the rest, 297 rows, is for testing.
    """
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    x = (data.data[order] / 16.0).astype("float32")
    y = data.target[order].astype("float32")
    ends = train, train + validation
    return tuple(zip(np.split(x, ends), np.split(y, ends), strict=True))


def one_hot(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    return np.eye(classes, dtype="float32")[labels.astype(int)]
