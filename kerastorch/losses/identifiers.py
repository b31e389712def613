"""Losses by name, class or config."""

from __future__ import annotations

from typing import Any

from kerastorch.core.serializable import (
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)
from kerastorch.registry import CustomObjectScope

_MODULE = "keras.losses"


def serialize(loss: Any, use_legacy_format: bool = False) -> Any:
    """Returns the config of a loss.

    Args:
        loss: a `Loss` or a loss function.
        use_legacy_format: whether to write the form of Keras 2: the name of a function, or a dictionary of
            `class_name` and `config`.

    Raises:
        SerializationError: for lambdas and objects without `get_config`.

    Example:
        >>> from kerastorch.losses.regression import MeanSquaredError
        >>> serialize(MeanSquaredError())["config"]
        {'name': 'mean_squared_error', 'reduction': 'sum_over_batch_size'}

    Source: Keras.
    """
    config = serialize_keras_object(loss)
    if use_legacy_format and isinstance(config, dict):
        if config["class_name"] == "function":
            return config["config"]
        return {"class_name": config["class_name"], "config": config["config"]}
    return config


def deserialize(
    name: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """Returns the loss that a config or a name stands for.

    Args:
        name: what `serialize` returned, or a name.
        custom_objects: names and the user's classes and functions that they stand for.
        use_legacy_format: accepted; both forms are read in any case.

    Raises:
        UnknownIdentifierError: when the name is not known.
        UnsafeModelError: when the config names nothing registered.

    Example:
        >>> deserialize("mse").__name__
        'mean_squared_error'

    Source: Keras.
    """
    with CustomObjectScope(custom_objects or {}):
        if isinstance(name, str):
            return resolve_identifier(name, _MODULE, "loss")
        return deserialize_keras_object(name, module=_MODULE)


def get(identifier: Any) -> Any:
    """Returns the loss that an identifier stands for.

    Args:
        identifier: a name, a config, a class, a `Loss` or a function; None stays None.

    Returns:
        A function or a `Loss`; a class is called without arguments.

    Raises:
        UnknownIdentifierError: when it stands for nothing; the nearest name is suggested.

    Example:
        >>> get("mse").__name__, get("MeanSquaredError").name
        ('mean_squared_error', 'mean_squared_error')

    Source: Keras.
    """
    return resolve_identifier(identifier, _MODULE, "loss")
