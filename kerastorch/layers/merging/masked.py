"""Products, maxima and minima of tensors, which leave masked values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.layers.merging.merge import Merge, same_rank


class _MaskedMerge(Merge):
    """A merge in which the masked values of an input do not take part."""

    def call(self, inputs: Sequence[torch.Tensor], mask: Sequence[Any] | None = None) -> torch.Tensor:
        """Merges a list of tensors of shape `(batch, ...)`, with a list of their masks or None."""
        if not isinstance(inputs, (list, tuple)):
            raise self._no_list("inputs", inputs)
        if mask is None:
            return self._merge_function(same_rank(inputs))
        same = same_rank(inputs)
        # As in Keras, an input that gets new axes leaves its mask behind.
        masks = [_like(m, x) if x is given else None for m, x, given in zip(mask, same, inputs, strict=True)]
        return self._merge_masked(same, masks)

    _call_second = Merge._call_second

    def _merge_masked(self, inputs: Sequence[torch.Tensor], masks: Sequence[Any]) -> torch.Tensor:
        return self._merge_function(inputs)


def _like(mask: torch.Tensor | None, x: torch.Tensor) -> torch.Tensor | None:
    """The mask of time steps with an axis more, where the tensor has features."""
    return mask if mask is None or mask.ndim == x.ndim else mask.unsqueeze(-1)


class _Extreme(_MaskedMerge):
    """A maximum or minimum."""

    _choose: Callable

    def _merge_function(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        output = inputs[0]
        for x in inputs[1:]:
            output = self._choose(output, x)
        return output

    def _merge_masked(self, inputs: Sequence[torch.Tensor], masks: Sequence[Any]) -> torch.Tensor:
        output, output_mask = inputs[0], masks[0]
        for x, mask in zip(inputs[1:], masks[1:], strict=True):
            if mask is not None:
                x = torch.where(mask, x, output)
            if output_mask is not None:
                output = torch.where(output_mask, output, x)
            both = mask is not None and output_mask is not None
            output_mask = torch.logical_or(output_mask, mask) if both else None
            output = self._choose(output, x)
        return output


@registry.builtin("keras.layers")
class Maximum(_Extreme):
    """Takes the largest of the inputs. Masked values of one input give way to those of the others.

    Args:
        **kwargs: base arguments of `Layer`.

    Input shape:
        A list of shapes `(batch, ...)` that broadcast to each other.

    Output shape:
        The shape to which they broadcast.

    Raises:
        InvalidArgumentError: when the layer is called with something else than a list of tensors.
        ShapeError: when the shapes cannot be broadcast to each other.

    Example:
        >>> Maximum()([torch.zeros(1, 2), torch.ones(1, 2)]).tolist()
        [[1.0, 1.0]]

    Source: `keras.layers.Maximum`, `torch.maximum`.
    """

    _choose = staticmethod(torch.maximum)


@registry.builtin("keras.layers")
class Minimum(_Extreme):
    """Takes the smallest of the inputs. Masked values of one input give way to those of the others.

    Args:
        **kwargs: base arguments of `Layer`.

    Input shape:
        A list of shapes `(batch, ...)` that broadcast to each other.

    Output shape:
        The shape to which they broadcast.

    Raises:
        InvalidArgumentError: when the layer is called with something else than a list of tensors.
        ShapeError: when the shapes cannot be broadcast to each other.

    Example:
        >>> Minimum()([torch.zeros(1, 2), torch.ones(1, 2)]).tolist()
        [[0.0, 0.0]]

    Source: `keras.layers.Minimum`, `torch.minimum`.
    """

    _choose = staticmethod(torch.minimum)


@registry.builtin("keras.layers")
class Multiply(_MaskedMerge):
    """Multiplies the inputs. Masked values count as one; the product is zero where all inputs are masked.

    Args:
        **kwargs: base arguments of `Layer`.

    Input shape:
        A list of shapes `(batch, ...)` that broadcast to each other.

    Output shape:
        The shape to which they broadcast.

    Raises:
        InvalidArgumentError: when the layer is called with something else than a list of tensors.
        ShapeError: when the shapes cannot be broadcast to each other.

    Example:
        >>> Multiply()([torch.full((1, 2), 3.0), torch.full((1, 2), 2.0)]).tolist()
        [[6.0, 6.0]]

    Source: `keras.layers.Multiply`, `torch.mul`.
    """

    def _merge_function(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        output = inputs[0]
        for x in inputs[1:]:
            output = torch.mul(output, x)
        return output

    def _merge_masked(self, inputs: Sequence[torch.Tensor], masks: Sequence[Any]) -> torch.Tensor:
        output = self._merge_function(
            [x if m is None else torch.where(m, x, 1) for x, m in zip(inputs, masks, strict=True)]
        )
        if any(m is None for m in masks):
            return output
        counts = masks[0]
        for mask in masks[1:]:
            counts = torch.logical_or(counts, mask)
        return torch.where(counts, output, 0)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Returns the product of the inputs: `Multiply(**kwargs)(inputs)`.

    Args:
        inputs: a list of tensors, real or symbolic.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> multiply([torch.full((1, 2), 3.0), torch.full((1, 2), 2.0)]).tolist()
        [[6.0, 6.0]]

    Source: `keras.layers.multiply`.
    """
    return Multiply(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Returns the largest of the inputs: `Maximum(**kwargs)(inputs)`.

    Args:
        inputs: a list of tensors, real or symbolic.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> maximum([torch.zeros(1, 2), torch.ones(1, 2)]).tolist()
        [[1.0, 1.0]]

    Source: `keras.layers.maximum`.
    """
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Returns the smallest of the inputs: `Minimum(**kwargs)(inputs)`.

    Args:
        inputs: a list of tensors, real or symbolic.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> minimum([torch.zeros(1, 2), torch.ones(1, 2)]).tolist()
        [[0.0, 0.0]]

    Source: `keras.layers.minimum`.
    """
    return Minimum(**kwargs)(inputs)
