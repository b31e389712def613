"""Products of samples summed over an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import registry
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.layers.merging.merge import Merge


@registry.builtin("keras.layers")
class Dot(Merge):
    """Multiplies two inputs sample by sample and sums over an axis of each.

    Args:
        axes: the axis to sum over, counted with the batch axis, or one for each input; not the batch axis.
        normalize: whether each input is first divided by its length along that axis, which gives the cosine of the
            angle between them.
        **kwargs: base arguments of `Layer`.

    Input shape:
        A list of two shapes `(batch, ...)` with equal sizes in the summed axes.

    Output shape:
        `(batch, ...)`: the other axes of the first input, then those of the second; `(batch, 1)` if there are none.

    Raises:
        ArgumentTypeError: when `axes` is neither an integer nor a list.
        InvalidArgumentError: when `axes` has not two integers, or names the batch axis.
        ShapeError: when the sizes of the summed axes differ.

    Example:
        >>> Dot(axes=(1, 2))([torch.ones(2, 3, 5), torch.ones(2, 10, 3)]).shape
        torch.Size([2, 5, 10])

    Source: `keras.layers.Dot`, `torch.bmm`.
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, int):
            if not isinstance(axes, (list, tuple)):
                raise ArgumentTypeError(
                    f"Invalid type for argument `axes`: it should be a list or an int. Received: axes={axes}"
                )
            if len(axes) != 2:
                raise InvalidArgumentError(
                    f"Invalid format for argument `axes`: it should contain two elements. Received: axes={axes}"
                )
            if not all(isinstance(axis, int) for axis in axes):
                raise InvalidArgumentError(
                    f"Invalid format for argument `axes`: list elements should be integers. Received: axes={axes}"
                )
        self.axes = axes
        self.normalize = normalize
        self._pair = (axes, axes) if isinstance(axes, int) else tuple(axes)

    def call(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        """Multiplies two tensors of shape `(batch, ...)`."""
        x, y = inputs
        first, second = self._pair
        if self.normalize:
            x, y = F.normalize(x, dim=first, eps=1e-7), F.normalize(y, dim=second, eps=1e-7)
        return multiply_samples(x, y, first, second)

    def compute_output_shape(self, input_shape: Any = None, *args: Any, **kwargs: Any) -> tuple:
        """Returns the axes of both inputs that are not summed over, after the batch axis."""
        is_pair = (
            isinstance(input_shape, (list, tuple))
            and len(input_shape) == 2
            and all(isinstance(s, (list, tuple)) for s in input_shape)
        )
        if not is_pair:
            raise InvalidArgumentError(
                "A `Dot` layer should be called on a list of 2 inputs. "
                f"Received: input_shape={input_shape} in layer {self.name!r}."
            )
        shapes = [list(shape) for shape in input_shape]
        axes = [
            self._position(axis, shape, input_shape) for axis, shape in zip(self._pair, shapes, strict=True)
        ]
        batch_sizes = {shape[0] for shape in shapes} - {None}
        if len(batch_sizes) > 1:
            raise ShapeError(
                f"Cannot multiply tensors with different batch sizes. Received tensors with shapes {input_shape}"
            )
        sizes = [shape.pop(axis) for axis, shape in zip(axes, shapes, strict=True)]
        if None not in sizes and sizes[0] != sizes[1]:
            raise ShapeError(
                f"Incompatible input shapes: axis values {sizes[0]} (at axis {axes[0]}) != {sizes[1]} (at axis "
                f"{axes[1]}). Full input shapes: {input_shape[0]}, {input_shape[1]}"
            )
        rest = shapes[0][1:] + shapes[1][1:]
        return (batch_sizes.pop() if batch_sizes else None, *(rest or [1]))

    def _position(self, axis: int, shape: Sequence[int | None], shapes: Any) -> int:
        position = axis + len(shape) if axis < 0 else axis
        if not 0 < position < len(shape):
            raise InvalidArgumentError(
                f"`axes` of a `Dot` layer must be axes of the inputs other than the batch axis. Received: "
                f"axes={self.axes} for inputs of shapes {shapes}."
            )
        return position

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Returns None: the result has no time steps of its own."""
        return

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def multiply_samples(x: torch.Tensor, y: torch.Tensor, first: int, second: int) -> torch.Tensor:
    """Returns the product of two batches, sample by sample, summed over an axis of each.

    Args:
        x: a tensor of shape `(batch, ...)`.
        y: likewise.
        first: the axis of `x`, not the batch.
        second: the axis of `y`, not the batch.

    Returns:
        The other axes of `x`, then those of `y`; `(batch, 1)` where there are none.

    Example:
        >>> multiply_samples(torch.ones(2, 3), torch.ones(2, 5, 3), 1, 2).shape
        torch.Size([2, 5])
    """
    if x.dtype is not y.dtype:
        dtype = torch.promote_types(x.dtype, y.dtype)
        x, y = x.to(dtype), y.to(dtype)
    x, y = x.movedim(first, -1), y.movedim(second, 1)
    rest = (*x.shape[1:-1], *y.shape[2:]) or (1,)
    rows = x.unsqueeze(1) if x.ndim == 2 else x.flatten(1, -2)
    columns = y.unsqueeze(2) if y.ndim == 2 else y.flatten(2)
    return torch.bmm(rows, columns).reshape(x.shape[0], *rest)


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, normalize: bool = False, **kwargs: Any) -> Any:
    """Returns the product of two inputs summed over an axis of each: `Dot(axes, normalize, **kwargs)(inputs)`.

    Args:
        inputs: a list of two tensors, real or symbolic.
        axes: the axis to sum over, counted with the batch axis, or one for each input.
        normalize: whether each input is first divided by its length along that axis.
        **kwargs: base arguments of `Layer`.

    Example:
        >>> dot([torch.ones(1, 4), torch.ones(1, 4)], axes=1).tolist()
        [[4.0]]

    Source: `keras.layers.dot`.
    """
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
