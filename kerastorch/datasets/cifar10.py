"""CIFAR-10: 60,000 small pictures of ten classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from kerastorch.datasets.cifar import load_batch
from kerastorch.datasets.shuffling import Pair
from kerastorch.datasets.sources import fetched


def load_data(cache_dir: Any = None) -> tuple[Pair, Pair]:
    """Returns 50,000 pictures for training and 10,000 for tests, in colour, 32 by 32 pixels.

    The classes are airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.

    Args:
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 arrays (pictures, 32, 32, 3), or (pictures, 3, 32, 32) where the
        global data format is `"channels_first"`, and (pictures, 1), labels 0 to 9.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data()
        ...     return x_train.shape, x_test.shape  # (50000, 32, 32, 3), (10000, 32, 32, 3)

    Source: keras.datasets.cifar10.load_data; A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images
    """
    archive = fetched("cifar-10-batches-py-target", "cifar-10-python.tar.gz", cache_dir, extract=True)
    folder = Path(archive, "cifar-10-batches-py")
    batches = [load_batch(folder / f"data_batch_{number}") for number in range(1, 6)]
    x_test, y_test = load_batch(folder / "test_batch")
    x_train = np.concatenate([pictures for pictures, _ in batches])
    y_train = np.concatenate([labels for _, labels in batches])
    return (x_train, y_train.astype("uint8")), (x_test, y_test.astype("uint8"))
