"""Fashion-MNIST: 70,000 pictures of clothes."""

from __future__ import annotations

import gzip
import os
from typing import Any

import numpy as np

from kerastorch.datasets.shuffling import Pair
from kerastorch.datasets.sources import fetched

_FOLDER = os.path.join("datasets", "fashion-mnist")


def load_data(cache_dir: Any = None) -> tuple[Pair, Pair]:
    """Returns 60,000 pictures for training and 10,000 for tests, grayscale, 28 by 28 pixels.

    The classes are T-shirt or top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.

    Args:
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 arrays (pictures, 28, 28) and (pictures,), labels 0 to 9.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data()
        ...     return x_train.shape, x_test.shape  # (60000, 28, 28), (10000, 28, 28)

    Source: keras.datasets.fashion_mnist.load_data; Zalando SE (MIT)
    """
    return _part("train", cache_dir), _part("t10k", cache_dir)


def _part(name: str, cache_dir: Any) -> Pair:
    labels = _bytes(f"{name}-labels-idx1-ubyte.gz", cache_dir)[8:]
    pictures = _bytes(f"{name}-images-idx3-ubyte.gz", cache_dir)[16:]
    return pictures.reshape(len(labels), 28, 28), labels


def _bytes(name: str, cache_dir: Any) -> np.ndarray:
    with gzip.open(fetched(name, name, cache_dir, cache_subdir=_FOLDER), "rb") as file:
        return np.frombuffer(
            bytearray(file.read()), np.uint8
        )  # a bytearray, so that the array can be changed
