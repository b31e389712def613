"""The base of layers that hold another one."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Wrapper(Layer):
    """The base of layers that hold another layer and change what it does.

    Args:
        layer: the layer.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when `layer` is no layer.

    Example:
        >>> import torch
        >>> from kerastorch.layers.core.dense import Dense
        >>> class Twice(Wrapper):
        ...     def call(self, x):
        ...         return self.layer(self.layer(x))
        >>> Twice(Dense(3))(torch.ones(2, 3)).shape
        torch.Size([2, 3])

    Source: `keras.layers.Wrapper`.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        checked_layer(layer, type(self).__name__)
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict, custom_objects: Any = None) -> Any:
        """Returns a wrapper made from what `get_config` returned."""
        layer = deserialize_keras_object(config["layer"], custom_objects=custom_objects)
        return super().from_config({**config, "layer": layer})


def checked_layer(layer: Any, wrapper: str, argument: str = "layer") -> Layer:
    """Returns the layer that a wrapper is given.

    Raises:
        InvalidArgumentError: when it is no layer.
    """
    if not isinstance(layer, Layer):
        raise InvalidArgumentError(
            f"Layer {layer!r} supplied to {wrapper} isn't a supported layer type. Please ensure wrapped layer is a "
            f"valid Keras layer. Please initialize `{wrapper}` layer with a `kerastorch.layers.Layer` instance as "
            f"`{argument}`. Received: {layer!r} (of type {type(layer).__name__})"
        )
    return layer
