"""Tensors put together, along an axis that they have or along a new one, and repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch.ops.base import op, tensor
from kerastorch.ops.numpy.creation import sizes


def _listed(xs: Any) -> Any:
    """The tensors to put together; the slices of a tensor along its first axis."""
    if isinstance(xs, torch.Tensor):
        return torch.unbind(xs)
    for x in xs:
        if not isinstance(x, torch.Tensor):
            return _on_one_device(xs)
    return xs if isinstance(xs, (list, tuple)) else list(xs)


def _on_one_device(xs: Any) -> list[torch.Tensor]:
    device = next((x.device for x in xs if isinstance(x, torch.Tensor)), None)
    return [tensor(x) if device is None else tensor(x).to(device) for x in xs]


@op("keras.ops.numpy")
def concatenate(xs: Any, axis: int = 0) -> Any:
    """Returns tensors joined along an axis.

    Args:
        xs: the tensors; their sizes differ along the axis at most.
        axis: the axis. Default: 0.

    Example:
        >>> concatenate([[1, 2], [3]]).tolist()
        [1, 2, 3]

    Source: `keras.ops.concatenate`, `torch.cat`.
    """
    return torch.cat(_listed(xs), axis)


@op("keras.ops.numpy")
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """Returns two tensors joined along an axis.

    Args:
        x1: the first tensor.
        x2: the second.
        axis: the axis; None joins the flat tensors.

    Example:
        >>> append([1, 2], [[3], [4]]).tolist()
        [1, 2, 3, 4]

    Source: `keras.ops.append`, `torch.cat`.
    """
    x1, x2 = _listed((x1, x2))
    return torch.cat((x1.reshape(-1), x2.reshape(-1))) if axis is None else torch.cat((x1, x2), axis)


@op("keras.ops.numpy")
def stack(x: Any, axis: int = 0) -> Any:
    """Returns tensors of one shape joined along a new axis.

    Args:
        x: the tensors.
        axis: where the new axis lies in the result. Default: 0.

    Example:
        >>> stack([[1, 2], [3, 4]], axis=1).tolist()
        [[1, 3], [2, 4]]

    Source: `keras.ops.stack`, `torch.stack`.
    """
    return torch.stack(_listed(x), axis)


def _stacked(name: str, function: Callable, what: str, example: str, result: str) -> Callable[..., Any]:
    """A function of a list of tensors alone, named and described."""

    def join(xs: Any) -> Any:
        return function(_listed(xs))

    join.__name__ = join.__qualname__ = name
    join.__doc__ = f"""Returns tensors joined {what}.

    Args:
        xs: the tensors.

    Example:
        >>> {name}({example}).tolist()
        {result}

    Source: `keras.ops.{name}`, `torch.{name}`.
    """
    return op("keras.ops.numpy")(join)


_EXAMPLE = "[[1, 2], [3, 4]]"
hstack = _stacked("hstack", torch.hstack, "side by side: along their second axis", _EXAMPLE, "[1, 2, 3, 4]")
vstack = _stacked(
    "vstack", torch.vstack, "one under another: along their first axis", _EXAMPLE, "[[1, 2], [3, 4]]"
)
dstack = _stacked("dstack", torch.dstack, "in depth: along their third axis", _EXAMPLE, "[[[1, 3], [2, 4]]]")


@op("keras.ops.numpy")
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Returns a tensor with each element repeated along an axis.

    Args:
        x: a tensor, array, list or number.
        repeats: how often, for all or for each element of the axis.
        axis: the axis; None repeats the elements of the flat tensor.

    Example:
        >>> repeat([1, 2], 2).tolist(), repeat([[1, 2]], [1, 2], axis=1).tolist()
        ([1, 1, 2, 2], [[1, 2, 2]])

    Source: `keras.ops.repeat`, `torch.repeat_interleave`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if isinstance(repeats, int):
        return torch.repeat_interleave(x, repeats, axis)
    if isinstance(repeats, (list, tuple)) and len(repeats) == 1:
        return torch.repeat_interleave(x, int(repeats[0]), axis)
    counts = tensor(repeats, torch.int64).to(x.device)
    total = sum(repeats) if isinstance(repeats, (list, tuple)) else None
    return torch.repeat_interleave(x, counts, axis, output_size=total)


@op("keras.ops.numpy")
def tile(x: Any, repeats: Any) -> Any:
    """Returns a tensor repeated as a whole along its axes.

    Args:
        x: a tensor, array, list or number.
        repeats: how often: an integer for the last axis, or one for each of the last axes.

    Example:
        >>> tile([[1, 2]], (2, 2)).tolist()
        [[1, 2, 1, 2], [1, 2, 1, 2]]

    Source: `keras.ops.tile`, `torch.tile`.
    """
    return torch.tile(x if isinstance(x, torch.Tensor) else tensor(x), sizes(repeats))
