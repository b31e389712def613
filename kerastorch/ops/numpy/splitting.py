"""Tensors cut into parts along an axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.core.shapes import unknown_axes
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.numpy.creation import sizes


@op("keras.ops.numpy")
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Returns the parts of a tensor that is cut along an axis.

    Args:
        x: a tensor, array or list.
        indices_or_sections: how many equal parts, or the places where to cut.
        axis: the axis. Default: 0.

    Returns:
        A list of tensors.

    Raises:
        ShapeError: when the axis cannot be cut into that many equal parts.

    Example:
        >>> [part.tolist() for part in split([1, 2, 3, 4], 2)], [part.tolist() for part in split([1, 2, 3], [1])]
        ([[1, 2], [3, 4]], [[1], [2, 3]])

    Source: `keras.ops.split`, `torch.tensor_split`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if not isinstance(indices_or_sections, int):
        return list(torch.tensor_split(x, tuple(sizes(indices_or_sections)), axis))
    if x.shape[axis] % indices_or_sections and unknown_axes(x.shape)[axis] is not None:
        raise ShapeError(
            f"Axis {axis} of a tensor of shape {tuple(x.shape)} cannot be cut into {indices_or_sections} equal parts."
        )
    return list(torch.tensor_split(x, indices_or_sections, axis))


@op("keras.ops.numpy")
def array_split(x: Any, indices_or_sections: int, axis: int = 0) -> Any:
    """Returns the parts of a tensor that is cut along an axis into parts as equal as can be.

    Args:
        x: a tensor, array or list.
        indices_or_sections: how many parts; the first ones are the longer.
        axis: the axis. Default: 0.

    Returns:
        A list of tensors.

    Raises:
        ArgumentTypeError: when the number of parts or the axis is no integer.
        InvalidArgumentError: when the number of parts is not positive.

    Example:
        >>> [part.tolist() for part in array_split([1, 2, 3], 2)]
        [[1, 2], [3]]

    Source: `keras.ops.array_split`, `torch.tensor_split`.
    """
    for name, value in (("indices_or_sections", indices_or_sections), ("axis", axis)):
        if not isinstance(value, int):
            raise ArgumentTypeError(f"Argument `{name}` must be of type `int`.")
    if indices_or_sections <= 0:
        raise InvalidArgumentError("Argument `indices_or_sections` must be a positive integer.")
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return list(torch.tensor_split(x, indices_or_sections, axis))


def _cut(name: str, function: Callable, axis: str, example: str, result: str) -> Callable[..., Any]:
    """A function that cuts along an axis that its name tells."""

    def cut(x: Any, indices_or_sections: Any) -> Any:
        x = x if isinstance(x, torch.Tensor) else tensor(x)
        if not isinstance(indices_or_sections, int):
            indices_or_sections = tuple(sizes(indices_or_sections))
        return list(function(x, indices_or_sections))

    cut.__name__ = cut.__qualname__ = name
    cut.__doc__ = f"""Returns the parts of a tensor that is cut along its {axis} axis, as a list.

    Args:
        x: a tensor, array or list.
        indices_or_sections: how many equal parts, or the places where to cut.

    Example:
        >>> [part.tolist() for part in {name}({example}, 2)]
        {result}

    Source: `keras.ops.{name}`, `torch.{name}`.
    """
    return op("keras.ops.numpy")(cut)


hsplit = _cut(
    "hsplit", torch.hsplit, "second (a vector's only)", "[[1, 2], [3, 4]]", "[[[1], [3]], [[2], [4]]]"
)
vsplit = _cut("vsplit", torch.vsplit, "first", "[[1, 2], [3, 4]]", "[[[1, 2]], [[3, 4]]]")
dsplit = _cut("dsplit", torch.dsplit, "third", "[[[1, 2]]]", "[[[[1]]], [[[2]]]]")
