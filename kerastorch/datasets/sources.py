"""Where the data sets come from, and the hashes that their files must have."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kerastorch.utils.file_utils import get_file

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_CIFAR = "https://www.cs.toronto.edu/~kriz/"

# By address: SHA-256, or the MD5 that the publisher tells where no SHA-256 is known.
PINNED = {
    f"{_BASE}mnist.npz": "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    f"{_BASE}boston_housing.npz": "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    f"{_BASE}california_housing.npz": "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
    f"{_BASE}imdb.npz": "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    f"{_BASE}imdb_word_index.json": "bfafd718b763782e994055a2d397834f",
    f"{_BASE}reuters.npz": "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    f"{_BASE}reuters_word_index.json": "4d44cc38712099c9e383dc6e5f11a921",
    f"{_BASE}train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    f"{_BASE}train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    f"{_BASE}t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    f"{_BASE}t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    f"{_CIFAR}cifar-10-python.tar.gz": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    f"{_CIFAR}cifar-100-python.tar.gz": "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
}


def fetched(path: Any, name: str, cache_dir: Any = None, **arguments: Any) -> str:
    """Returns the path of a file of a data set, which is fetched when it is not in the cache.

    Args:
        path: its name in the cache.
        name: its name at the source.
        cache_dir: as in `get_file`.
        arguments: others of `get_file`.
    """
    origin = next(address for address in PINNED if address.endswith(f"/{name}"))
    return get_file(path, origin, file_hash=PINNED[origin], cache_dir=cache_dir, **arguments)


def arrays(path: Any, name: str, cache_dir: Any = None) -> dict[str, np.ndarray]:
    """Returns the arrays of an `.npz` file of numbers.

    Args:
        path: its name in the cache.
        name: its name at the source.
        cache_dir: as in `get_file`.
    """
    with np.load(fetched(path, name, cache_dir), allow_pickle=False) as file:
        return dict(file)


def word_index(path: Any, name: str, cache_dir: Any = None) -> dict[str, int]:
    """Returns the numbers of words that a JSON file tells.

    Args:
        path: its name in the cache.
        name: its name at the source.
        cache_dir: as in `get_file`.
    """
    with open(fetched(path, name, cache_dir), encoding="utf-8") as file:
        return dict(json.load(file))
