"""Initializers from names, configs and values, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch.core.identifiers import deserialize_object, serialize_object
from kerastorch.initializers.constant import from_values


def get(identifier: Any) -> Any:
    """Returns the initializer that any form of identifier stands for.

    Args:
        identifier: a name, a config, a class, an initializer, a function of `(shape, dtype)`, or an array or tensor
            that holds the values themselves; None gives None.

    Returns:
        A function of `(shape, dtype=None)`.

    Raises:
        UnknownIdentifierError: when it is no identifier, or the name is unknown; it suggests the nearest.

    Example:
        >>> get("ones")((2,)).tolist()
        [1.0, 1.0]

    Source: `keras.initializers.get`.
    """
    if isinstance(identifier, (np.ndarray, np.generic, torch.Tensor)):
        return from_values(identifier)
    return deserialize_object(identifier, "keras.initializers", "initializer")


def serialize(initializer: Any, use_legacy_format: bool = False) -> Any:
    """Returns the config of an initializer.

    Args:
        initializer: an initializer or a registered function.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Raises:
        SerializationError: when the initializer has no config.

    Example:
        >>> serialize(get("ones"), use_legacy_format=True)
        {'class_name': 'Ones', 'config': {}}

    Source: `keras.initializers.serialize`.
    """
    return serialize_object(initializer, use_legacy_format)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Returns the initializer that a config or a name describes.

    Args:
        config: a name, or a dictionary in the format of Keras 3 or 2.
        custom_objects: names and the user's classes and functions that they stand for.
        use_legacy_format: accepted for Keras 2; both formats are recognised without it.

    Raises:
        UnknownIdentifierError: when a string names nothing; it suggests the nearest.
        UnsafeModelError: when a dictionary names nothing that is registered.

    Example:
        >>> deserialize({"class_name": "Constant", "config": {"value": 2.0}}).value
        2.0

    Source: `keras.initializers.deserialize`.
    """
    return deserialize_object(config, "keras.initializers", "initializer", custom_objects)
