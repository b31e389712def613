"""What `get`, `serialize` and `deserialize` of every area share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerastorch.core.serializable import resolve_identifier, serialize_keras_object
from kerastorch.registry import CustomObjectScope


def serialize_object(obj: Any, use_legacy_format: bool = False) -> Any:
    """Returns the config of an object.

    Args:
        obj: an initializer, regularizer, constraint or the like.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Raises:
        SerializationError: when the object has no config.
    """
    return legacy(serialize_keras_object(obj)) if use_legacy_format else serialize_keras_object(obj)


def legacy(config: Any) -> Any:
    """Returns a config in Keras 2's short form."""
    if isinstance(config, Mapping) and "class_name" in config:
        return {"class_name": config["class_name"], "config": config["config"]}
    return config


def deserialize_object(
    config: Any, module: str, what: str, custom_objects: dict[str, Any] | None = None
) -> Any:
    """Returns the object that a config or a name describes.

    Args:
        config: a dictionary in the format of Keras 3 or 2, or a name.
        module: where names are looked up, such as `"keras.initializers"`.
        what: the kind of thing, for the error message.
        custom_objects: names and the user's classes and functions that they stand for.

    Raises:
        UnknownIdentifierError: when a string names nothing.
        UnsafeModelError: when a dictionary names nothing that is registered.
    """
    if not custom_objects:
        return resolve_identifier(config, module, what)
    with CustomObjectScope(custom_objects):
        return resolve_identifier(config, module, what)
