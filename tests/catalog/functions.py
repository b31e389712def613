"""Functions that rows of the catalogue name; registered here and in Keras, so that configs may hold them."""

from __future__ import annotations

import importlib.util
from typing import Any

import keras

_REGISTRIES = [keras.saving]
if importlib.util.find_spec("torch") is not None:  # values are pinned where there is TensorFlow alone
    _REGISTRIES.append(importlib.import_module("kerastorch.registry"))


def _registered(function: Any) -> Any:
    for library in _REGISTRIES:
        function = library.register_keras_serializable(package="catalog")(function)
    return function


@_registered
def double_and_shift(x: Any) -> Any:
    return 2 * x + 1


@_registered
def scale_by(x: Any, factor: float = 1.0) -> Any:
    return x * factor


@_registered
def step_mask(inputs: Any, mask: Any = None) -> Any:
    return mask
