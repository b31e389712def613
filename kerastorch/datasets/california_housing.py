"""California housing: prices of houses in 20,640 blocks, of the census of 1990."""

from __future__ import annotations

from typing import Any

import numpy as np

from kerastorch.datasets.shuffling import Pair, check_split, shuffled, split
from kerastorch.datasets.sources import arrays
from kerastorch.errors import InvalidArgumentError

_SMALL = 600  # blocks of the small version


def load_data(
    version: str = "large",
    path: Any = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
    cache_dir: Any = None,
) -> tuple[Pair, Pair]:
    """Returns 8 numbers about each block of houses, and the median of their prices in dollars.

    The numbers are median income, age of the house, rooms and bedrooms of an average household, population, average
    household, latitude and longitude.

    Args:
        version: `"large"` is all 20,640 blocks, `"small"` the first 600. Default: `"large"`.
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        test_split: fraction of the blocks that is for tests. Default: 0.2.
        seed: of the order before the split. Default: 113.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays (blocks, 8) and (blocks,).

    Raises:
        InvalidArgumentError: when `test_split` is no fraction, or for another `version`.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data(version="small")
        ...     return x_train.shape, x_test.shape  # (480, 8), (120, 8)

    Source: keras.datasets.california_housing.load_data; the StatLib library
    """
    check_split(test_split)
    if version not in ("large", "small"):
        raise InvalidArgumentError(f"`version` must be 'large' or 'small'. Received: version={version!r}.")
    file = arrays(path, "california_housing.npz", cache_dir)
    rows = slice(_SMALL if version == "small" else None)
    return split(*shuffled(file["x"][rows], file["y"][rows], np.random.RandomState(seed)), test_split)
