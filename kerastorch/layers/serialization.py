"""Layers as configs, and back."""

from __future__ import annotations

from typing import Any

from kerastorch.core.identifiers import deserialize_object, serialize_object
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


def serialize(layer: Layer, use_legacy_format: bool = False) -> dict:
    """Returns the config of a layer, from which `deserialize` makes an equal one without its weights.

    Args:
        layer: a layer or a model.
        use_legacy_format: True writes Keras 2's short form, with only `class_name` and `config`.

    Raises:
        SerializationError: when the layer holds something that has no config.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> serialize(Dense(3), use_legacy_format=True)["class_name"]
        'Dense'

    Source: `keras.layers.serialize`.
    """
    return serialize_object(layer, use_legacy_format)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Layer:
    """Returns the layer that a config describes.

    Args:
        config: what `serialize` returned, in the format of Keras 3 or 2.
        custom_objects: names and the user's classes and functions that they stand for.
        use_legacy_format: accepted for Keras 2; both formats are told apart by themselves.

    Raises:
        InvalidArgumentError: when the config describes something else than a layer.
        UnsafeModelError: when it names nothing that is registered.

    Example:
        >>> deserialize({"class_name": "Dense", "config": {"units": 3}}).units
        3

    Source: `keras.layers.deserialize`.
    """
    found = deserialize_object(config, "keras.layers", "layer", custom_objects)
    if not isinstance(found, Layer):
        raise InvalidArgumentError(
            "`layers.deserialize` was passed a config of something else than a layer. "
            f"Received: config={config!r}, which describes {found!r}."
        )
    return found
