"""Values in one range, rescaled to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from kerastorch import config as configuration
from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import ShapeError
from kerastorch.layers.layer import Layer


def _fitting(name: str, values: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The values of an argument beside a tensor, to which they must broadcast."""
    pairs = zip(reversed(values.shape), reversed(x.shape), strict=False)
    if any(size != other and 1 not in (size, other) for size, other in pairs):
        raise ShapeError(
            f"`{name}` has {tuple(values.shape)} values, which do not fit the last axes of the input. Received: "
            f"input shape={tuple(x.shape)}."
        )
    return values.to(x)


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

    Raises:
        ShapeError: when a scale or offset for each channel does not fit the input.

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
        scale = self.scale if self._scales is None else _fitting("scale", self._scales, x)
        offset = self.offset if self._offsets is None else _fitting("offset", self._offsets, x)
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
