"""Sums, differences and means of tensors, element by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.merging.merge import Merge
from kerastorch.layers.overwriting import Overwriting


@registry.builtin("keras.layers")
class Add(Overwriting, Merge):
    """Adds the inputs up.

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
        >>> Add()([torch.ones(1, 2), torch.ones(1, 2)]).tolist()
        [[2.0, 2.0]]

    Source: `keras.layers.Add`, `torch.add`.
    """

    _fresh_from = 2

    overwrites = True
    _in_place = staticmethod(torch.Tensor.add_)

    def _merge_function(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        output = inputs[0]
        for x in inputs[1:]:
            output = torch.add(output, x)
        return output


@registry.builtin("keras.layers")
class Average(Merge):
    """Takes the mean of the inputs.

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
        >>> Average()([torch.zeros(1, 2), torch.ones(1, 2)]).tolist()
        [[0.5, 0.5]]

    Source: `keras.layers.Average`.
    """

    def _merge_function(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        output = inputs[0]
        for x in inputs[1:]:
            output = torch.add(output, x)
        return output / len(inputs)


@registry.builtin("keras.layers")
class Subtract(Merge):
    """Subtracts the second input from the first.

    Args:
        **kwargs: base arguments of `Layer`.

    Input shape:
        A list of two shapes `(batch, ...)` that broadcast to each other.

    Output shape:
        The shape to which they broadcast.

    Raises:
        InvalidArgumentError: when the layer is called with something else than two tensors.
        ShapeError: when the shapes cannot be broadcast to each other.

    Example:
        >>> Subtract()([torch.ones(1, 2), torch.zeros(1, 2)]).tolist()
        [[1.0, 1.0]]

    Source: `keras.layers.Subtract`, `torch.sub`.
    """

    def build(self, input_shape: Any) -> None:
        """Checks the number and the shapes of the inputs."""
        super().build(input_shape)
        if len(input_shape) != 2:
            raise InvalidArgumentError(
                "A `Subtract` layer should be called on exactly 2 inputs. "
                f"Received: input_shape={input_shape} in layer {self.name!r}."
            )

    def _merge_function(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        first, second = inputs
        return torch.sub(first, second)


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Returns the sum of the inputs: `Add(**kwargs)(inputs)`.

    Args:
        inputs: a list of tensors, real or symbolic.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> add([torch.ones(1, 2), torch.ones(1, 2)]).tolist()
        [[2.0, 2.0]]

    Source: `keras.layers.add`.
    """
    return Add(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Returns the mean of the inputs: `Average(**kwargs)(inputs)`.

    Args:
        inputs: a list of tensors, real or symbolic.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> average([torch.zeros(1, 2), torch.ones(1, 2)]).tolist()
        [[0.5, 0.5]]

    Source: `keras.layers.average`.
    """
    return Average(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Returns the first input less the second: `Subtract(**kwargs)(inputs)`.

    Args:
        inputs: a list of two tensors, real or symbolic.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> subtract([torch.ones(1, 2), torch.zeros(1, 2)]).tolist()
        [[1.0, 1.0]]

    Source: `keras.layers.subtract`.
    """
    return Subtract(**kwargs)(inputs)
