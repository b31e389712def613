"""MNIST: 70,000 handwritten digits."""

from __future__ import annotations

from typing import Any

from kerastorch.datasets.shuffling import Pair
from kerastorch.datasets.sources import arrays


def load_data(path: Any = "mnist.npz", cache_dir: Any = None) -> tuple[Pair, Pair]:
    """Returns 60,000 digits for training and 10,000 for tests, grayscale pictures of 28 by 28 pixels.

    Args:
        path: the name of the file in the cache, `<cache_dir>/datasets/<path>`; it is fetched when it is not there.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 arrays (pictures, 28, 28) and (pictures,), labels 0 to 9.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data()
        ...     return x_train.shape, x_test.shape  # (60000, 28, 28), (10000, 28, 28)

    Source: keras.datasets.mnist.load_data; Y. LeCun, C. Cortes (CC BY-SA 3.0)
    """
    file = arrays(path, "mnist.npz", cache_dir)
    return (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])
