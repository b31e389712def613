"""Other stand-ins for unknown sizes, for calls whose arguments fit only if some of these are equal, or have a value.

Shapes are inferred with one number for each unknown batch axis and another for every other unknown axis. They do not
fit where an unknown axis meets a known one, as in `add((None, 3), (2, 3))`, or a batch axis another one.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerastorch import tree
from kerastorch.core.graph import replace_tensors, tensors_in
from kerastorch.core.spec import OTHER_SIZES, KerasTensor

_MOST = 40  # attempts with a known size
_SMALL = (144, 288)  # divisible by 9, and not too large for tensors with many unknown axes

Sizes = dict[tuple[int, int], tuple[int, int]]


def with_other_sizes(args: tuple, kwargs: dict) -> Iterator[list[tuple[tuple, dict]]]:
    """Yields groups of the arguments of a call with other stand-ins.

    First come large ones for all unknown sizes, then small ones, then each known size for each of them, then 1 for all
    and for all but one.

    Args:
        args: positional arguments, nested structures with symbolic tensors.
        kwargs: keyword arguments.

    Example:
        >>> [[x.witness[0] for (x,), _ in group] for group in with_other_sizes((KerasTensor((None, 3)),), {})]
        [[(2112, 3)], [(144, 3)], [(3, 3), (1, 3)], [(1, 3), (2112, 3)]]
    """
    tensors = tensors_in([args, kwargs])
    places = dict.fromkeys((id(t), axis) for t in tensors for axis, n in enumerate(t.shape) if n is None)
    given = [n for t in tensors for n in t.shape] + tree.flatten([args, kwargs])
    numbers = [n for n in given if type(n) is int]
    known = dict.fromkeys([*(n for n in numbers if n > 1), 1, *(n for n in numbers if n == 0)])
    one = dict.fromkeys(places, (1, 1))
    groups: list[list[Sizes]] = [
        [dict.fromkeys(places, OTHER_SIZES)],
        [dict.fromkeys(places, _SMALL)],
        [{place: (n, n)} for place in places for n in known][:_MOST],
        [one, *({**one, place: OTHER_SIZES} for place in places)],
    ]
    for group in groups if places else ():
        yield [
            tuple(replace_tensors([args, kwargs], lambda t, sizes=sizes: _resized(t, sizes)))  # type: ignore[misc]
            for sizes in group
        ]


def _resized(tensor: KerasTensor, sizes: Sizes) -> KerasTensor:
    """The tensor with other stand-ins for some of its axes."""
    if tensor.scalars is not None:
        return tensor
    runs = [
        tuple(
            sizes[id(tensor), axis][run] if (id(tensor), axis) in sizes else n
            for axis, n in enumerate(witness)
        )
        for run, witness in enumerate(tensor.witness)
    ]
    return KerasTensor(tensor.shape, tensor.dtype, name=tensor.name, witness=tuple(runs))
