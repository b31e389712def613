"""All axes of a sample as one."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.spec import InputSpec
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Flatten(Layer):
    """Makes one axis of all axes but the batch axis.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting. With `"channels_first"`
            the channels move to the end before, so that both formats give the same order.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, ...)`.

    Output shape:
        `(batch, features)`; `(batch, 1)` for inputs of shape `(batch,)`.

    Raises:
        InvalidArgumentError: for another data format.

    Example:
        >>> Flatten()(torch.ones(2, 3, 4)).shape
        torch.Size([2, 12])

    Source: `keras.layers.Flatten`, `torch.flatten`.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)
        self._channels_first = self.data_format == "channels_first"

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Flattens a tensor of shape `(batch, ...)`."""
        if inputs.ndim == 1:
            return inputs.unsqueeze(1)
        if self._channels_first:
            inputs = inputs.movedim(1, -1)
        return torch.flatten(inputs, 1)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format}
