"""Shuffling and splitting rows, with NumPy's generator of old so that seeds mean what they mean in Keras."""

from __future__ import annotations

import numpy as np

from kerastorch.errors import InvalidArgumentError

Pair = tuple[np.ndarray, np.ndarray]


def shuffled(x: np.ndarray, y: np.ndarray, random: np.random.RandomState) -> Pair:
    """Returns rows in random order.

    Args:
        x: the inputs.
        y: the targets.
        random: gives the order.
    """
    order = np.arange(len(x))
    random.shuffle(order)
    return x[order], y[order]


def split(x: np.ndarray, y: np.ndarray, test_split: float) -> tuple[Pair, Pair]:
    """Returns rows in two parts, for training and for tests.

    Args:
        x: the inputs.
        y: the targets.
        test_split: the fraction of the rows in the second part.
    """
    count = int(len(x) * (1 - test_split))
    return (x[:count], y[:count]), (x[count:], y[count:])


def check_split(test_split: float) -> None:
    """Raises when a fraction is none.

    Args:
        test_split: the fraction of the rows for tests.

    Raises:
        InvalidArgumentError: when it is not from 0 to 1, without 1.
    """
    if not 0 <= test_split < 1:
        raise InvalidArgumentError(
            f"`test_split` must be at least 0 and lower than 1. Received: test_split={test_split}."
        )
