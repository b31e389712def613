"""Quantizers from names and configs, and back."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError


def serialize(initializer: Any) -> Any:
    """Returns the config of a quantizer, with its class.

    Args:
        initializer: a quantizer; the name is Keras's.

    Raises:
        SerializationError: when it has no config.

    Example:
        >>> from kerastorch.quantization.quantizer import AbsMaxQuantizer
        >>> serialize(AbsMaxQuantizer(axis=0))["config"]["axis"]
        (0,)

    Source: `keras.quantizers.serialize`.
    """
    return serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Returns the quantizer that `serialize` described.

    Args:
        config: what `serialize` returned.
        custom_objects: classes of the user by name.

    Raises:
        UnsafeModelError: when it names nothing that is registered.

    Example:
        >>> deserialize({"class_name": "AbsMaxQuantizer", "config": {"axis": 0}}).axis
        (0,)

    Source: `keras.quantizers.deserialize`.
    """
    with registry.CustomObjectScope(custom_objects or {}):
        return deserialize_keras_object(config, module="keras.quantizers")


def get(identifier: Any, **kwargs: Any) -> Any:
    """Returns the quantizer that an identifier stands for.

    Args:
        identifier: a name, a config, a class, a quantizer or another function of a tensor; None gives None.
        **kwargs: the constructor's arguments, where the identifier is a name or a class.

    Raises:
        InvalidArgumentError: when it is none of these.

    Example:
        >>> get("abs_max_quantizer", axis=-1).axis
        (-1,)

    Source: `keras.quantizers.get`.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        found = deserialize(identifier)
    else:
        found = registry.find("keras.quantizers", identifier) if isinstance(identifier, str) else identifier
    if not callable(found):
        raise InvalidArgumentError(f"Could not interpret quantizer identifier: {identifier}")
    return found(**kwargs) if isinstance(found, type) else found
