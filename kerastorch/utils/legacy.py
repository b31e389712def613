"""Configs in the short form of Keras 2: `keras.utils.legacy`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kerastorch.errors import InvalidArgumentError, SerializationError, UnknownIdentifierError, did_you_mean
from kerastorch.registry import CustomObjectScope, get_registered_name, get_registered_object

__all__ = ["deserialize_keras_object", "serialize_keras_object"]


def serialize_keras_object(instance: Any) -> Any:
    """Returns the config of an object in the short form, with only `class_name` and `config`.

    Args:
        instance: an object with `get_config`, a function, or None.

    Returns:
        A dictionary; the name of a function; None for None.

    Raises:
        SerializationError: for anything else.

    Example:
        >>> from kerastorch.regularizers import L2
        >>> serialize_keras_object(L2(0.5))
        {'class_name': 'L2', 'config': {'l2': 0.5}}

    Source: `keras.utils.legacy.serialize_keras_object`.
    """
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        config = {name: _item(value) for name, value in instance.get_config().items()}
        return {"class_name": get_registered_name(type(instance)), "config": config}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise SerializationError(f"Cannot serialize {instance!r} because it doesn't implement `get_config()`.")


def _item(value: Any) -> Any:
    return serialize_keras_object(value) if hasattr(value, "get_config") or callable(value) else value


def deserialize_keras_object(
    identifier: Any,
    module_objects: dict[str, Any] | None = None,
    custom_objects: dict[str, Any] | None = None,
    printable_module_name: str = "object",
) -> Any:
    """Returns the object that a config in the short form, or a name, stands for.

    Args:
        identifier: a dictionary of `class_name` and `config`, a name, a function, or None.
        module_objects: names and the classes and functions that they stand for.
        custom_objects: those of the user, which come first.
        printable_module_name: the kind of thing, for the error.

    Returns:
        An object of the class; a function; None for None.

    Raises:
        InvalidArgumentError: when it is nothing of these.
        UnknownIdentifierError: when no object has the name.

    Example:
        >>> from kerastorch.regularizers import L2
        >>> deserialize_keras_object({"class_name": "L2", "config": {"l2": 0.5}}, {"L2": L2}).get_config()
        {'l2': 0.5}

    Source: `keras.utils.legacy.deserialize_keras_object`.
    """
    if identifier is None or inspect.isfunction(identifier):
        return identifier
    if isinstance(identifier, str):
        found = _find(identifier, module_objects, custom_objects, printable_module_name)
        return found() if inspect.isclass(found) else found
    if not isinstance(identifier, Mapping) or not {"class_name", "config"} <= identifier.keys():
        raise InvalidArgumentError(f"Could not interpret serialized {printable_module_name}: {identifier!r}.")
    found = _find(identifier["class_name"], module_objects, custom_objects, printable_module_name)
    with CustomObjectScope(custom_objects or {}):
        if hasattr(found, "from_config"):
            return found.from_config(dict(identifier["config"]))
        return found(**identifier["config"])


def _find(name: str, module_objects: dict | None, custom_objects: dict | None, what: str) -> Any:
    found = get_registered_object(name, custom_objects, module_objects)
    if found is None:
        known = [*(custom_objects or {}), *(module_objects or {})]
        raise UnknownIdentifierError(
            f"Unknown {what}: {name!r}.{did_you_mean(name, known)} Please ensure you are using a "
            "`keras.utils.custom_object_scope` and that this object is included in the scope."
        )
    return found
