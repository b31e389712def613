"""Optimizers from names and configs, and back."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from kerastorch import registry
from kerastorch.core.identifiers import serialize_object
from kerastorch.core.serializable import deserialize_keras_object
from kerastorch.errors import UnknownIdentifierError
from kerastorch.optimizers.optimizer import Optimizer

_MODULE = "keras.optimizers"
_LEGACY = "keras.optimizers.legacy"
# Names in configs of Keras 2.
_OLD_NAMES = {
    "experimentaladadelta": "adadelta",
    "experimentaladagrad": "adagrad",
    "experimentaladam": "adam",
    "experimentalsgd": "sgd",
    "lossscaleoptimizer": "loss_scale_optimizer",
    "lossscaleoptimizerv1": "loss_scale_optimizer",
    "lossscaleoptimizerv3": "loss_scale_optimizer",
}


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
    is_class = isinstance(identifier, type) and issubclass(identifier, Optimizer)
    found = _make(identifier, identifier) if is_class else identifier
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
            return _make(registry.lookup(_MODULE, _known_name(_MODULE, config), "optimizer"), config)
    if "class_name" in config:
        # Keras names its backend's module here, and Keras 2 others; a class of the user has a registered name.
        module = _LEGACY if str(config.get("module", "")).endswith("optimizers.legacy") else _MODULE
        config = {**config, "class_name": _known_name(module, config["class_name"]), "module": module}
    return deserialize_keras_object(config, custom_objects=custom_objects)


def _known_name(module: str, name: str) -> str:
    """The built-in name for one in another case, such as `"RMSProp"`; other names stay as they are."""
    known = _OLD_NAMES.get(name.lower(), name.lower())
    return known if registry.find(module, known) is not None else name


def _make(cls: Any, identifier: Any) -> Any:
    """An optimizer of a class with its default arguments."""
    parameters = inspect.signature(cls).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    if needed:
        raise UnknownIdentifierError(
            f"The optimizer {identifier!r} cannot be made from its name alone: it needs `{needed[0]}`. Give an object, "
            f"`{cls.__name__}({needed[0]}=...)`."
        )
    return cls()
