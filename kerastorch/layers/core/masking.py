"""Masks for padded sequences."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Masking(Layer):
    """Masks the steps of a sequence whose features all have one value, and sets these features to 0.

    Layers that support masks then leave such steps out.

    Args:
        mask_value: the value that marks a step as padding.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, steps, features)`, or with further axes before the features.

    Output shape:
        that of the input; the mask has its shape without the features.

    Example:
        >>> Masking()(torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]))._keras_mask.tolist()
        [[True, False]]

    Source: `keras.layers.Masking`.
    """

    supports_masking = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(mask_value, dict) and mask_value.get("config"):
            mask_value = deserialize_keras_object(mask_value)
        self.mask_value = mask_value
        self._build_at_init()

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns which steps have another value."""
        return (inputs != self.mask_value).any(-1)

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Sets masked steps to 0."""
        if self._marks_zeros() and not inputs.requires_grad:
            return inputs.view_as(inputs)  # they are zeros
        return torch.where((inputs != self.mask_value).any(-1, keepdim=True), inputs, 0)

    def _marks_zeros(self) -> bool:
        return type(self.mask_value) in (int, float) and self.mask_value == 0

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "mask_value": self.mask_value}
