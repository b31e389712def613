"""What the two CIFAR data sets share: batches of pictures in pickles."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kerastorch.config import image_data_format
from kerastorch.datasets.pickles import ArrayUnpickler


def load_batch(path: Path, label_key: str = "labels") -> tuple[np.ndarray, np.ndarray]:
    """Returns the pictures (N, 32, 32, 3), or (N, 3, 32, 32) by the global data format, and labels (N, 1) of a file.

    Args:
        path: the file.
        label_key: the name of the labels in it. Default: `"labels"`.
    """
    with path.open("rb") as file:
        content = ArrayUnpickler(file, encoding="bytes").load()
    pictures = content[b"data"].reshape(-1, 3, 32, 32)
    if image_data_format() == "channels_last":
        pictures = pictures.transpose(0, 2, 3, 1)
    return pictures, np.reshape(content[label_key.encode()], (-1, 1))
