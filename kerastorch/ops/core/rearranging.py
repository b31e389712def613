"""Axes rearranged by a pattern of names, as in einops."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import op
from kerastorch.ops.base import tensor as as_tensor
from kerastorch.ops.plans import planned

_AXIS = re.compile(r"\(([^()]*)\)|(\w+)")


def _parse(pattern: str) -> tuple[list[list[str]], list[list[str]], list[int]]:
    """The axes of both sides of a pattern, each a list of names, and the order of the names."""
    sides = pattern.split("->")
    if len(sides) != 2:
        raise InvalidArgumentError(f"The pattern {pattern!r} needs one arrow '->'.")
    if any(_AXIS.sub("", side).strip() for side in sides):
        raise InvalidArgumentError(f"The pattern {pattern!r} may hold names and groups of names only.")
    left, right = ([(group or name).split() for group, name in _AXIS.findall(side)] for side in sides)
    names, wanted = ([name for axis in side for name in axis] for side in (left, right))
    if sorted(names) != sorted(wanted) or len(set(names)) < len(names):
        raise InvalidArgumentError(f"Each name of {pattern!r} has to stand once on either side of the arrow.")
    return left, right, [names.index(name) for name in wanted]


@op()
def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """Returns a tensor with its axes in another order, split and joined as a pattern says.

    Args:
        tensor: a tensor, array or list.
        pattern: the names of its axes, an arrow, and those of the result: `"b h w c -> b (h w) c"`. Brackets join
            several names into one axis.
        **axes_lengths: the sizes of names in brackets, all but one of each pair of brackets.

    Returns:
        A tensor.

    Raises:
        InvalidArgumentError: when the pattern cannot be read, or its sides differ in their names.
        ShapeError: when the tensor does not have the axes of the pattern.

    Example:
        >>> rearrange([[1, 2, 3, 4]], "b (h w) -> w (b h)", w=2).tolist()
        [[1, 3], [2, 4]]

    Source: `keras.ops.rearrange`, `einops.rearrange`.
    """
    x = as_tensor(tensor)
    apart, order, result = (
        _steps(x.shape, pattern, *axes_lengths.items()) if axes_lengths else _steps(x.shape, pattern)
    )
    if apart is not None:
        x = x.reshape(apart)
    if order is not None:
        x = x.permute(order)
    return x if result is None else x.reshape(result)


@planned
def _steps(shape: Sequence[int], pattern: str, *lengths: tuple[str, int]) -> tuple[Any, Any, Any]:
    """The shape with all names apart, their order in the result, and its shape; None for what stays."""
    left, right, order = _parse(pattern)
    if len(left) != len(shape):
        raise ShapeError(
            f"The pattern {pattern!r} has {len(left)} axes, a tensor of shape {tuple(shape)} has not."
        )
    sizes = dict(lengths)
    for names, size in zip(left, shape, strict=True):
        _complete(sizes, names, size, pattern)
    apart = [sizes[name] for names in left for name in names]
    result = [math.prod([sizes[name] for name in names]) for names in right]
    return (
        None if all(len(names) == 1 for names in left) else apart,
        None if order == sorted(order) else order,
        None if all(len(names) == 1 for names in right) else result,
    )


def _complete(sizes: dict[str, int], names: list[str], size: int, pattern: str) -> None:
    """Adds the size of the one name of an axis that is not known."""
    open_names = [name for name in names if name not in sizes]
    known = math.prod([sizes[name] for name in names if name in sizes])
    if len(open_names) == 1 and known and size % known == 0:
        sizes[open_names[0]] = size // known
    elif open_names or known != size:
        given = {name: sizes[name] for name in names if name in sizes}
        raise ShapeError(
            f"The pattern {pattern!r} cannot split an axis of size {size} into {names} with sizes {given}."
        )
