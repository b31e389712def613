"""`tf.compat`: the names of TensorFlow 1 and 2, and conversions of text."""

from __future__ import annotations

import importlib
from typing import Any

from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.compat import v1
from kerastorch.compat.tensorflow.compat.text import as_bytes, as_str, as_str as as_text

__all__ = ["as_bytes", "as_str", "as_text", "v1"]


def __getattr__(name: str) -> Any:
    if name == "v2":  # the whole of `tf`, which imports this folder
        return importlib.import_module("kerastorch.compat.tensorflow")
    raise missing("tf.compat", name)
