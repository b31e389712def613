"""Tensors with elements added before and after their axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean
from kerastorch.ops.base import op, tensor
from kerastorch.ops.plans import planned


def _reflected(places: torch.Tensor, length: int) -> torch.Tensor:
    if length == 1:
        return torch.zeros_like(places)
    return length - 1 - (places.remainder(2 * length - 2) - (length - 1)).abs()


def _symmetric(places: torch.Tensor, length: int) -> torch.Tensor:
    turned = places.remainder(2 * length)
    return torch.minimum(turned, 2 * length - 1 - turned)


def _median(x: torch.Tensor, axis: int) -> torch.Tensor:
    middle = torch.sort(x, axis).values.narrow(axis, (x.shape[axis] - 1) // 2, 2 - x.shape[axis] % 2)
    return _mean(middle, axis)


def _mean(x: torch.Tensor, axis: int) -> torch.Tensor:
    if x.is_floating_point():
        return x.mean(axis, keepdim=True)
    return x.double().mean(axis, keepdim=True).round()


# Where the added elements come from, given places that may lie outside of an axis, and its length.
_SOURCES: dict[str, Callable[[torch.Tensor, int], torch.Tensor]] = {
    "edge": lambda places, length: places.clamp(0, length - 1),
    "reflect": _reflected,
    "symmetric": _symmetric,
    "wrap": torch.remainder,
    "circular": torch.remainder,
}
# What number of each row is added.
_STATISTICS: dict[str, Callable[[torch.Tensor, int], torch.Tensor]] = {
    "maximum": lambda x, axis: x.amax(axis, keepdim=True),
    "minimum": lambda x, axis: x.amin(axis, keepdim=True),
    "mean": _mean,
    "median": _median,
}
_MODES = ["constant", "empty", "linear_ramp", *_SOURCES, *_STATISTICS]


def extended(x: torch.Tensor, axis: int, before: int, after: int, mode: str) -> torch.Tensor:
    """Returns a tensor with elements of its own added along an axis.

    Args:
        x: a tensor.
        axis: the axis.
        before: how many elements are added before it.
        after: how many after it.
        mode: a mode of `pad` other than `"constant"`.

    Raises:
        ShapeError: when the axis has no elements.

    Example:
        >>> extended(torch.tensor([1, 2, 3]), 0, 2, 1, "symmetric").tolist()
        [2, 1, 1, 2, 3, 3]
    """
    length = x.shape[axis]
    if not length:
        raise ShapeError(
            f"Mode {mode!r} adds copies of elements, but axis {axis} of shape {tuple(x.shape)} has none."
        )
    if mode in _SOURCES:
        places = torch.arange(-before, length + after, device=x.device)
        return x.index_select(axis, _SOURCES[mode](places, length))
    if mode in _STATISTICS:
        value = _STATISTICS[mode](x, axis).to(x.dtype)
        sides = [value.expand([n if i == axis else -1 for i in range(x.ndim)]) for n in (before, after)]
        return torch.cat([sides[0], x, sides[1]], axis)
    rising = _ramp(x.narrow(axis, 0, 1), axis, before)
    falling = torch.flip(_ramp(x.narrow(axis, length - 1, 1), axis, after), (axis,))
    return torch.cat([rising, x, falling], axis)


def _ramp(edge: torch.Tensor, axis: int, count: int) -> torch.Tensor:
    """Numbers that rise in a straight line from zero to an edge, which is left out."""
    steps = torch.arange(count, device=edge.device).reshape(
        [-1 if i == axis else 1 for i in range(edge.ndim)]
    )
    return (edge * steps / max(count, 1)).to(edge.dtype)


@planned
def _widths(pad_width: Any, rank: int) -> tuple[int, ...]:
    """The widths in the order of `torch.nn.functional.pad`."""
    return tuple(width for pair in reversed(_pairs(pad_width, rank)) for width in pair)


def _pairs(pad_width: Any, rank: int) -> Sequence[Sequence[int]]:
    """How many elements are added before and after each axis."""
    rows = [(pad_width,)] if isinstance(pad_width, int) else pad_width
    if len(rows) == rank and _are_pairs(rows):
        return rows
    if rows and isinstance(rows[0], int):
        rows = [rows]
    if any(len(row) != len(rows[0]) or len(row) not in (1, 2) for row in rows):
        raise InvalidArgumentError("`pad_width` should be a list of tuples of length 1 or 2.")
    if len(rows) not in (1, rank):
        raise ShapeError(
            f"`pad_width` must have the same length as `x.shape`. It has {len(rows)} pairs for {rank} axes."
        )
    pairs = [(int(row[0]), int(row[-1])) for row in rows]
    return pairs * rank if len(pairs) == 1 else pairs


def _are_pairs(rows: Any) -> bool:
    for row in rows:  # noqa: SIM110 - a generator costs more
        if not isinstance(row, (tuple, list)) or len(row) != 2:
            return False
    return True


@op("keras.ops.numpy")
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Any:
    """Returns a tensor with elements added before and after its axes.

    Args:
        x: a tensor, array or list.
        pad_width: how many elements: an integer for all sides, a pair (before, after) for all axes, or a pair for each
            axis.
        mode: what is added. `"constant"`: one number; `"edge"`: the first or last element; `"reflect"`: the elements
            mirrored without the edge; `"symmetric"`: with it; `"wrap"` and `"circular"`: those of the other end;
            `"linear_ramp"`: a line from zero to the edge; `"maximum"`, `"minimum"`, `"mean"`, `"median"`: that of the
            row; `"empty"`: anything.
        constant_values: the number for `"constant"`. Default: 0.

    Raises:
        InvalidArgumentError: when the mode is unknown, or takes no `constant_values`.
        ShapeError: when there is not a pair for each axis, or an axis has no elements to copy.

    Example:
        >>> pad([1, 2], 1).tolist(), pad([1, 2, 3], (2, 0), mode="reflect").tolist()
        ([0, 1, 2, 0], [3, 2, 1, 2, 3])

    Source: `keras.ops.pad`, `numpy.pad`, `torch.nn.functional.pad`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if mode not in _MODES:
        raise InvalidArgumentError(
            f"Unknown mode {mode!r}. Expected one of {_MODES}.{did_you_mean(mode, _MODES)}"
        )
    if constant_values is not None and mode != "constant":
        raise InvalidArgumentError(
            f"Argument `constant_values` can only be provided when `mode == 'constant'`. It is {mode!r}."
        )
    if type(pad_width) is not tuple and isinstance(pad_width, (torch.Tensor, np.ndarray)):
        pad_width = pad_width.tolist()
    if mode == "constant" or mode == "empty":
        widths = _widths(pad_width, x.ndim)
        if constant_values is None:
            return torch.constant_pad_nd(x, widths)
        value = constant_values.item() if hasattr(constant_values, "item") else constant_values
        return torch.constant_pad_nd(x, widths, value)
    for axis, (before, after) in enumerate(_pairs(pad_width, x.ndim)):
        if before or after:
            x = extended(x, axis, before, after, mode)
    return x
