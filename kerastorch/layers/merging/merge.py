"""What the layers that merge several tensors share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.layer import Layer


class Merge(Layer):
    """A layer that takes a list of tensors and makes one of them, element by element.

    Subclasses define `_merge_function(inputs)`. Tensors of lower rank get axes of length one after the batch axis.

    Args:
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when the layer is called with something else than a list of tensors.
        ShapeError: when the shapes cannot be broadcast to each other.

    Source: `keras.layers.Layer` that merges, such as `keras.layers.Add`.
    """

    supports_masking = True
    _only_combines_masks = True
    _takes_second = True

    def build(self, input_shape: Any) -> None:
        """Checks the shapes of the inputs."""
        self.compute_output_shape(input_shape)

    def call(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        """Merges a list of tensors of shape `(batch, ...)`."""
        if not isinstance(inputs, (list, tuple)):
            raise self._no_list("inputs", inputs)
        return self._merge_function(same_rank(inputs))

    def _call_second(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        return self._merge_function(inputs)

    def _merge_function(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        return inputs[0]

    def compute_output_shape(self, input_shape: Any = None, *args: Any, **kwargs: Any) -> tuple:
        """Returns the shape to which the shapes of the inputs broadcast."""
        if not isinstance(input_shape, (list, tuple)) or not all(
            isinstance(s, (list, tuple)) for s in input_shape
        ):
            raise self._no_list("input_shape", input_shape)
        if not input_shape:
            raise InvalidArgumentError(
                "A merge layer should be called on a list of at least 1 input. Received 0 inputs."
            )
        batch_sizes = {shape[0] for shape in input_shape if shape} - {None}
        if len(batch_sizes) > 1:
            raise ShapeError(
                f"Cannot merge tensors with different batch sizes. Received tensors with shapes {input_shape}"
            )
        sample: tuple = ()
        for shape in input_shape:
            sample = _broadcast(sample, tuple(shape[1:]), input_shape)
        return (batch_sizes.pop() if batch_sizes else None, *sample)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns where any input counts; None when one of the inputs has no mask."""
        masks = self._checked_masks(inputs, previous_mask)
        if masks is None or any(mask is None for mask in masks):
            return None
        merged = masks[0]
        for mask in masks[1:]:
            merged = torch.logical_or(merged, mask)
        return merged

    def _checked_masks(self, inputs: Any, masks: Any) -> Any:
        if masks is None:
            return None
        for name, value in (("mask", masks), ("inputs", inputs)):
            if not isinstance(value, (list, tuple)):
                raise InvalidArgumentError(f"`{name}` should be a list. Received: {name}={value}")
        if len(masks) != len(inputs):
            raise InvalidArgumentError(
                "The lists `inputs` and `mask` should have the same length. "
                f"Received: {len(inputs)} inputs and {len(masks)} masks."
            )
        return [torch.as_tensor(mask) if isinstance(mask, np.ndarray) else mask for mask in masks]

    def _no_list(self, name: str, value: Any) -> InvalidArgumentError:
        return InvalidArgumentError(
            f"A merge layer should be called on a list of inputs. Received: {name}={value} (not a list of "
            f"{'shapes' if name == 'input_shape' else 'tensors'}) in layer {self.name!r}."
        )


def _broadcast(first: tuple, second: tuple, shapes: Any) -> tuple:
    """The shape of an elementwise operation on samples of two shapes; the shorter one is aligned at the end."""
    if len(first) < len(second):
        first, second = second, first
    lead = len(first) - len(second)
    sizes = list(first[:lead])
    for i, j in zip(first[lead:], second, strict=True):
        if i is not None and j is not None and i != j and 1 not in (i, j):
            raise ShapeError(f"Inputs have incompatible shapes. Received shapes {list(shapes)}")
        sizes.append(None if i is None or j is None else max(i, j) if 0 not in (i, j) else 0)
    return tuple(sizes)


def same_rank(inputs: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
    """Returns the tensors with as many axes as the longest has; new ones come after the batch axis."""
    rank = inputs[0].ndim
    for x in inputs:
        if x.ndim != rank:
            return _expanded(inputs)
    return inputs


def _expanded(inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    rank = max(x.ndim for x in inputs)
    return [x[(slice(None), *[None] * (rank - x.ndim))] if x.ndim < rank else x for x in inputs]
