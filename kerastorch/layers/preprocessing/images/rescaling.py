"""Values in one range, rescaled to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch import config as configuration
from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Rescaling(Layer):
    """Multiplies by a scale and adds an offset, in training and in inference.

    Args:
        scale: a number, or one for each channel.
        offset: a number, or one for each channel.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any, of any type; whole numbers become floats.

    Output shape:
        that of the input.

    Example:
        >>> Rescaling(1 / 127.5, offset=-1)(torch.tensor([0, 255], dtype=torch.uint8)).tolist()
        [-1.0, 1.0]

    Source: `keras.layers.Rescaling`.
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        channels_first = configuration.image_data_format() == "channels_first"
        for name, value in (("_scale", scale), ("_offset", offset)):
            several = np.ndim(value) > 0
            array = torch.as_tensor(np.asarray(value, dtype="float64")) if several else None
            if array is not None and name == "_scale" and channels_first:
                array = array.reshape(*array.shape, *[1] * (3 - array.ndim))
            self.register_buffer(f"{name}s", array, persistent=False)
        self._build_at_init()

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Rescales a tensor, in the layer's compute type."""
        x = inputs.to(self._compute_torch_dtype)
        scale = self.scale if self._scales is None else self._scales.to(x)
        offset = self.offset if self._offsets is None else self._offsets.to(x)
        return x * scale + offset

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        scale, offset = (serialize_keras_object(v) for v in (self.scale, self.offset))
        return {**super().get_config(), "scale": scale, "offset": offset}

    @classmethod
    def from_config(cls, config: dict) -> Rescaling:
        """Makes the layer from what `get_config` returned.

        Args:
            config: the constructor's arguments, arrays among them as `serialize_keras_object` writes them.
        """
        arrays = {name: deserialize_keras_object(config[name]) for name in ("scale", "offset")}
        return cls(**{**config, **arrays})
