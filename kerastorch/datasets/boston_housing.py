"""Boston housing: prices of 506 houses of the 1970s."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerastorch.datasets.shuffling import Pair, check_split, shuffled, split
from kerastorch.datasets.sources import arrays


def load_data(
    path: Any = "boston_housing.npz", test_split: float = 0.2, seed: int = 113, cache_dir: Any = None
) -> tuple[Pair, Pair]:
    """Returns 13 numbers about each of 506 houses, and their prices in thousands of dollars.

    One of the numbers is about the skin colour of neighbours and was made up on racist assumptions; take
    `california_housing` instead where you can.

    Args:
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        test_split: fraction of the houses that is for tests. Default: 0.2.
        seed: of the order before the split. Default: 113.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float64 arrays (houses, 13) and (houses,).

    Raises:
        InvalidArgumentError: when `test_split` is no fraction.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data()
        ...     return x_train.shape, x_test.shape  # (404, 13), (102, 13)

    Source: keras.datasets.boston_housing.load_data; the StatLib library, Carnegie Mellon University
    """
    check_split(test_split)
    file = arrays(path, "boston_housing.npz", cache_dir)
    return split(*shuffled(file["x"], file["y"], np.random.RandomState(seed)), test_split)
