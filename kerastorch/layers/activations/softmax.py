"""The softmax as a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.activations.functions import softmax
from kerastorch.errors import ShapeError
from kerastorch.layers.layer import Layer


@registry.builtin("keras.layers")
class Softmax(Layer):
    """Makes positive numbers that sum to one along an axis.

    Called with `mask` it takes the sum over the unmasked values only and gives zero for the others.

    Args:
        axis: the axis, or axes, over which the sum runs.
        robust_masking: accepted for Keras 2; masked values never count here, however large they are.
        **kwargs: base arguments of `Layer`.

    Input shape:
        Any.

    Output shape:
        That of the input.

    Raises:
        ShapeError: when the inputs lack an axis, or a mask does not fit them.

    Example:
        >>> Softmax()(torch.zeros(1, 2)).tolist()
        [[0.5, 0.5]]
        >>> Softmax()(torch.zeros(1, 2), mask=torch.tensor([[True, False]])).tolist()
        [[1.0, 0.0]]

    Source: `keras.layers.Softmax`, `torch.softmax`.
    """

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, *, robust_masking: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self._axes = (axis,) if isinstance(axis, int) else tuple(axis)
        self._axis = self._axes[0] if len(self._axes) == 1 else self._axes
        self._build_at_init()

    def call(self, inputs: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Applies the function to a tensor of any shape; `mask` is broadcast to it and true where values count."""
        if any(not -inputs.ndim <= axis < inputs.ndim for axis in self._axes):
            raise ShapeError(
                f"Softmax has axis={self.axis}, which inputs with {inputs.ndim} axes lack. "
                f"Received: inputs.shape={tuple(inputs.shape)}"
            )
        if mask is None:
            return softmax(inputs, self._axis)
        _check_mask(mask, inputs)
        if mask.dtype is not torch.bool:
            mask = mask > 0.5
        return masked_softmax(inputs, mask, self._axis)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}


def masked_softmax(
    inputs: torch.Tensor, mask: torch.Tensor, axis: int | tuple[int, ...] = -1
) -> torch.Tensor:
    """Returns the softmax over the values where a mask is true, and zero for the others.

    Args:
        inputs: a float tensor.
        mask: truth values, broadcast to it.
        axis: the axis, or axes, over which the sum runs.

    Example:
        >>> masked_softmax(torch.zeros(2, 2), torch.tensor([[True, False], [False, False]])).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
    """
    lowest = -3e4 if inputs.dtype is torch.float16 else -1e9
    return torch.where(mask, softmax(torch.where(mask, inputs, lowest), axis), 0.0)


def _check_mask(mask: torch.Tensor, inputs: torch.Tensor) -> None:
    if mask.ndim > inputs.ndim:
        fault = "it must not have more dimensions than `inputs`"
    elif any(m not in (1, i) for m, i in zip(reversed(mask.shape), reversed(inputs.shape), strict=False)):
        fault = "each of its dimensions must be 1 or that of `inputs`"
    else:
        return
    raise ShapeError(
        f"The `mask` must be broadcastable to `inputs`: {fault}. "
        f"Received: inputs.shape={tuple(inputs.shape)}, mask.shape={tuple(mask.shape)}"
    )
