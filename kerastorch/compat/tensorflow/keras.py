"""`tf.keras`: the surface of kerastorch itself, so that `tf.keras.layers` is `kerastorch.layers`."""

from __future__ import annotations

import importlib
from typing import Any

from kerastorch.compat.tensorflow.absent import missing

# The release of Keras whose names and behaviour are offered; scripts compare it.
__version__ = "3.15.1"

# Its submodules are those of kerastorch, which `kerastorch.install` finds for `import keras.layers`.
__path__: list[str] = []


def __getattr__(name: str) -> Any:
    # kerastorch imports the folders of its surface, and so is read when a name is asked for, not while it is imported.
    if name.startswith("__"):
        raise AttributeError(name)
    try:
        return getattr(importlib.import_module("kerastorch"), name)
    except AttributeError as error:
        raise missing("tf.keras", name) from error


def __dir__() -> list[str]:
    return [*importlib.import_module("kerastorch").__all__]
