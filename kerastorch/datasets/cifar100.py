"""CIFAR-100: 60,000 small pictures of a hundred classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerastorch.datasets.cifar import load_batch
from kerastorch.datasets.shuffling import Pair
from kerastorch.datasets.sources import fetched
from kerastorch.errors import InvalidArgumentError


def load_data(label_mode: str = "fine", cache_dir: Any = None) -> tuple[Pair, Pair]:
    """Returns 50,000 pictures for training and 10,000 for tests, in colour, 32 by 32 pixels.

    Args:
        label_mode: `"fine"` for 100 classes, `"coarse"` for the 20 groups of them. Default: `"fine"`.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 arrays (pictures, 32, 32, 3), or (pictures, 3, 32, 32) where the
        global data format is `"channels_first"`, and int64 arrays (pictures, 1).

    Raises:
        InvalidArgumentError: for another `label_mode`.

    Example:
        >>> def shapes():
        ...     (x_train, y_train), (x_test, y_test) = load_data(label_mode="coarse")
        ...     return x_train.shape, x_test.shape  # (50000, 32, 32, 3), (10000, 32, 32, 3)

    Source: keras.datasets.cifar100.load_data; A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images
    """
    if label_mode not in ("fine", "coarse"):
        raise InvalidArgumentError(
            f"`label_mode` must be 'fine' or 'coarse'. Received: label_mode={label_mode!r}."
        )
    archive = fetched("cifar-100-python-target", "cifar-100-python.tar.gz", cache_dir, extract=True)
    folder, key = Path(archive, "cifar-100-python"), f"{label_mode}_labels"
    return load_batch(folder / "train", key), load_batch(folder / "test", key)
