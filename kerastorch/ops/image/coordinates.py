"""Arrays of any rank read at places between their numbers."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from typing import Any

import torch

from kerastorch.core.images.sampling import inside
from kerastorch.errors import MissingMethodError, ShapeError
from kerastorch.ops.base import op, tensor
from kerastorch.ops.image.layout import check_choice

FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


@op("keras.ops.image")
def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: Any = 0.0
) -> Any:
    """Returns the numbers of an array at given places.

    Args:
        inputs: an array of any rank.
        coordinates: the places, one tensor for each axis of `inputs`, or all of them stacked: (rank, ...).
        order: 0 for the nearest number, 1 to mix the neighbours.
        fill_mode: what lies outside: `"constant"` is `fill_value`, `"nearest"` the number at the edge, `"reflect"` the
            array mirrored at its edge (`d c b a | a b c d | d c b a`), `"mirror"` at the middle of the outermost
            numbers (`d c b | a b c d | c b a`), `"wrap"` the array again.
        fill_value: the number outside for `"constant"`.

    Returns:
        A tensor of the type of `inputs` and the shape of the places; whole numbers are rounded.

    Raises:
        InvalidArgumentError: for an unknown `fill_mode`.
        MissingMethodError: for another order.
        ShapeError: when there is not one coordinate for each axis.

    Example:
        >>> map_coordinates([10.0, 20.0, 40.0], [[0.5, 1.25]], order=1).tolist()
        [15.0, 25.0]

    Source: `keras.ops.image.map_coordinates`, `scipy.ndimage.map_coordinates`.
    """
    values = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    places = [tensor(c).to(values.device) for c in coordinates]
    _check(values, places, order)
    check_choice("fill_mode", fill_mode, FILL_MODES)
    if not values.is_floating_point() and isinstance(fill_value, (int, float)):
        fill_value = int(fill_value)
    neighbours = [_nearest(place) if order == 0 else _two(place) for place in places]
    parts = []
    for corner in itertools.product(*neighbours):
        index = [place for place, _ in corner]
        found = _numbers_at(values, index, fill_mode, fill_value)
        parts.append(math.prod(weight for _, weight in corner) * found)
    total = functools.reduce(operator.add, parts)
    if total.is_floating_point() and not values.is_floating_point():
        total = torch.round(total)
    return total.to(values.dtype)


def _check(values: torch.Tensor, places: list[torch.Tensor], order: int) -> None:
    if order not in (0, 1):
        raise MissingMethodError(f"`order` must be 0 or 1. Received: order={order!r}.")
    if len(places) != values.ndim:
        raise ShapeError(
            "The first axis of `coordinates` must be the same as the rank of `inputs`. Received: inputs.shape="
            f"{tuple(values.shape)} and {len(places)} coordinates."
        )
    if places and not places[0].ndim:
        raise ShapeError(
            "Invalid coordinates rank: expected at least rank 2. Received: coordinates of shape "
            f"{(len(places),)}."
        )


def _nearest(place: torch.Tensor) -> list[tuple[torch.Tensor, Any]]:
    """The nearest index along an axis, with its weight."""
    return [((torch.round(place) if place.is_floating_point() else place).long(), 1)]


def _two(place: torch.Tensor) -> list[tuple[torch.Tensor, Any]]:
    """The two indices around places along an axis, with their weights."""
    low = torch.floor(place)
    share = place - low
    return [(low.long(), 1 - share), (low.long() + 1, share)]


def _numbers_at(
    values: torch.Tensor, index: list[torch.Tensor], fill_mode: str, fill_value: Any
) -> torch.Tensor:
    found = values[tuple(inside(i, size, fill_mode) for i, size in zip(index, values.shape, strict=True))]
    if fill_mode != "constant":
        return found
    valid = ((i >= 0) & (i < size) for i, size in zip(index, values.shape, strict=True))
    return torch.where(functools.reduce(operator.and_, valid), found, fill_value)
