"""Tensors one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.merging.merge import Merge


@registry.builtin("keras.layers")
class Concatenate(Merge):
    """Puts the inputs one after the other along an axis.

    Args:
        axis: the axis, counted with the batch axis.
        **kwargs: base arguments of `Layer`.

    Input shape:
        A list of shapes that differ in `axis` only.

    Output shape:
        That shape, with the sum of their sizes in `axis`.

    Raises:
        InvalidArgumentError: when the layer is called with something else than a list of tensors.
        ShapeError: when the shapes differ elsewhere.

    Example:
        >>> Concatenate()([torch.ones(2, 3), torch.ones(2, 5)]).shape
        torch.Size([2, 8])

    Source: `keras.layers.Concatenate`, `torch.cat`.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        """Concatenates a list of tensors."""
        if not isinstance(inputs, (list, tuple)):
            raise self._no_list("inputs", inputs)
        return torch.cat(inputs, self.axis)

    def _call_second(self, inputs: Any) -> torch.Tensor:
        return torch.cat(inputs, (0, 2, 3, 1)[self.axis])

    def compute_output_shape(self, input_shape: Any = None, *args: Any, **kwargs: Any) -> tuple:
        """Returns the shape of the inputs with the sum of their sizes in `axis`."""
        if not isinstance(input_shape, (list, tuple)) or not all(
            isinstance(s, (list, tuple)) for s in input_shape
        ):
            raise self._no_list("input_shape", input_shape)
        if not input_shape:
            raise InvalidArgumentError(
                "A `Concatenate` layer should be called on a list of at least 1 input. Received 0 inputs."
            )
        rank = len(input_shape[0])
        if not -rank <= self.axis < rank:
            raise ShapeError(
                f"`axis` of Concatenate {self.name!r} is {self.axis}, but the inputs have {rank} axes. "
                f"Received: input_shape={input_shape}"
            )
        joined = self.axis % rank
        if any(len(shape) != rank for shape in input_shape):
            raise self._mismatch(input_shape)
        sizes = []
        for axis, dims in enumerate(zip(*input_shape, strict=True)):
            known = set(dims) - {None}
            if axis == joined:
                sizes.append(None if None in dims else sum(dims))
                continue
            if len(known) > 1:
                raise self._mismatch(input_shape)
            sizes.append(known.pop() if known else None)
        return tuple(sizes)

    def _mismatch(self, shapes: Any) -> ShapeError:
        return ShapeError(
            "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
            f"Received: input_shape={shapes} in layer {self.name!r} with axis={self.axis}."
        )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns the masks one after the other; along the last axis, where any of the inputs counts."""
        masks = self._checked_masks(inputs, previous_mask)
        if masks is None or all(mask is None for mask in masks):
            return None
        masks = [_of_steps(mask, x) for mask, x in zip(masks, inputs, strict=True)]
        axis, last = self.axis % inputs[0].ndim, inputs[0].ndim - 1
        if axis < last:
            return torch.cat(masks, axis)
        merged = masks[0]
        for mask in masks[1:]:
            merged = torch.logical_or(merged, mask)
        return merged

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}


def _of_steps(mask: torch.Tensor | None, x: torch.Tensor) -> torch.Tensor:
    """A mask of all axes but the last; all true where there is none."""
    if mask is None:
        return torch.ones(x.shape[:-1], dtype=torch.bool, device=x.device)
    if mask.ndim == x.ndim:
        return torch.any(mask, -1)
    return mask[(..., *[None] * (x.ndim - 1 - mask.ndim))].expand(x.shape[:-1])


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """Returns the inputs one after the other: `Concatenate(axis, **kwargs)(inputs)`.

    Args:
        inputs: a list of tensors, real or symbolic.
        axis: the axis, counted with the batch axis.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> concatenate([torch.ones(2, 3), torch.ones(2, 5)]).shape
        torch.Size([2, 8])

    Source: `keras.layers.concatenate`.
    """
    return Concatenate(axis=axis, **kwargs)(inputs)
