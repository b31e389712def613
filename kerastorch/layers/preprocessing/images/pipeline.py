"""Several layers, one after the other, on anything that the first of them takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch import registry, tree
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import SerializationError
from kerastorch.layers import masks
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Pipeline(Layer):
    """Applies layers one after the other: to images, or to dictionaries of images, labels and bounding boxes.

    Unlike `Sequential` it is no model, and takes nested data.

    Args:
        layers: the layers.
        name: the layer's name.

    Input shape:
        what the first layer takes.

    Output shape:
        what the last layer returns.

    Raises:
        SerializationError: by `from_config`, when the config has no list of layers.

    Example:
        >>> import torch
        >>> from kerastorch.layers import CenterCrop, Rescaling
        >>> Pipeline([CenterCrop(2, 2), Rescaling(0.5)])(torch.ones(4, 4, 3)).shape
        torch.Size([2, 2, 3])

    Source: `keras.layers.Pipeline`.
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        self._pipeline_layers = list(layers)
        self._build_at_init()

    @property
    def layers(self) -> list[Layer]:
        """The layers."""
        return list(self._pipeline_layers)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        """Applies the layers; each gets the mask that the one before has made."""
        for layer in self._pipeline_layers:
            arguments = {"mask": mask} if layer._signature.takes_mask else {}
            if layer._signature.takes_training and training is not None:
                arguments["training"] = training
            inputs = layer(inputs, **arguments)
            mask = tree.map_structure(masks.get_mask, inputs)
        return inputs

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        layers = [serialize_keras_object(layer) for layer in self._pipeline_layers]
        return {"layers": layers, "name": self.name}

    @classmethod
    def from_config(cls, config: dict) -> Pipeline:
        """Makes the layer from what `get_config` returned.

        Args:
            config: a dictionary with the configs of the layers.

        Raises:
            SerializationError: when it has no list of layers.
        """
        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise SerializationError(
                "`Pipeline` config must contain a `layers` key mapping to a list of serialized layers. Received config "
                f"with layers={layers}."
            )
        return cls(**{**config, "layers": [deserialize_keras_object(layer) for layer in layers]})
