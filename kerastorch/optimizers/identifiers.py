"""Optimizers from names and configs, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerastorch import registry
from kerastorch.core.identifiers import serialize_object
from kerastorch.core.serializable import deserialize_keras_object
from kerastorch.errors import UnknownIdentifierError
from kerastorch.optimizers.optimizer import Optimizer

_MODULE = "keras.optimizers"


def get(identifier: Any) -> Optimizer | None:
    """Returns the optimizer that any form of identifier stands for.

    Args:
        identifier: a name in any case such as `"adam"`, a config, a class, an optimizer, or None.

    Returns:
        An optimizer; the same one when it is one already; None for None.

    Raises:
        UnknownIdentifierError: when it stands for no optimizer; it suggests the nearest name.

    Example:
        >>> get("RMSprop").rho
        0.9
    """
    if isinstance(identifier, (str, Mapping)):
        return deserialize(identifier)
    found = identifier() if isinstance(identifier, type) and issubclass(identifier, Optimizer) else identifier
    if found is None or isinstance(found, Optimizer):
        return found
    raise UnknownIdentifierError(
        f"Could not interpret optimizer identifier: {identifier!r}. Expected a name, a config, an optimizer of "
        "kerastorch or its class."
    )


def serialize(optimizer: Optimizer, use_legacy_format: bool = False) -> dict:
    """Returns the config of an optimizer.

    Args:
        optimizer: an optimizer.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Returns:
        A dictionary that `json` can write and `deserialize` reads.

    Raises:
        SerializationError: when its learning rate is a lambda.

    Example:
        >>> from kerastorch.optimizers import SGD
        >>> serialize(SGD(0.5))["config"]["learning_rate"]
        0.5
    """
    return serialize_object(optimizer, use_legacy_format)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Optimizer:
    """Returns the optimizer that a config or a name describes.

    Args:
        config: what `serialize` returned, in the format of Keras 3 or 2, or a name; built-in names in any case.
        custom_objects: names and the user's classes that they stand for.
        use_legacy_format: has no effect, since both formats are read.

    Returns:
        A new optimizer.

    Raises:
        UnknownIdentifierError: when a name stands for nothing.
        UnsafeModelError: when a config names no registered class.

    Example:
        >>> deserialize({"class_name": "sgd", "config": {"momentum": 0.9}}).momentum
        0.9
    """
    if isinstance(config, str):
        with registry.CustomObjectScope(custom_objects or {}):
            return registry.lookup(_MODULE, _known_name(config), "optimizer")()
    if "class_name" in config:
        # Keras names its backend's module here, and Keras 2 others; a class of the user has a registered name.
        config = {**config, "class_name": _known_name(config["class_name"]), "module": _MODULE}
    return deserialize_keras_object(config, custom_objects=custom_objects)


def _known_name(name: str) -> str:
    """The built-in name for one in another case, such as `"RMSProp"`; other names stay as they are."""
    return name.lower() if registry.find(_MODULE, name.lower()) is not None else name
