"""The layer that does nothing."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Identity(Layer):
    """Returns its inputs: a place in a model where nothing happens.

    Args:
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any; nested structures too.

    Output shape:
        That of the input.

    Example:
        >>> import torch
        >>> Identity()(torch.ones(2)).tolist()
        [1.0, 1.0]

    Source: `keras.layers.Identity`, `torch.nn.Identity`.
    """

    supports_masking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._build_at_init()

    def call(self, inputs: Any) -> Any:
        """Returns a tensor, or a nested structure of them, as it is."""
        return inputs
