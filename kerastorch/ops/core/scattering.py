"""Putting values at coordinates of tensors, and parts of tensors."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.core.shapes import unknown_size
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.ops.base import indices as as_indices
from kerastorch.ops.base import like, op, tensor
from kerastorch.ops.plans import planned

_REDUCTIONS = {"max": "amax", "min": "amin", "mul": "prod"}


def put(x: torch.Tensor, indices: torch.Tensor, updates: torch.Tensor, accumulate: bool) -> torch.Tensor:
    """Returns a tensor with values put, or added, at coordinates.

    Args:
        x: the tensor.
        indices: coordinates along the last axis.
        updates: the values.
        accumulate: whether they are added.

    Example:
        >>> put(torch.zeros(3), torch.tensor([[0], [0]]), torch.ones(2), accumulate=True).tolist()
        [2.0, 0.0, 0.0]
    """
    places = as_indices(indices, x.device).unbind(-1)
    return x.index_put(places, like(updates, x), accumulate=accumulate)


def put_reduced(x: torch.Tensor, indices: torch.Tensor, updates: torch.Tensor, kind: str) -> torch.Tensor:
    """Returns a tensor with values combined with those that stand at coordinates.

    Args:
        x: the tensor.
        indices: coordinates along the last axis.
        updates: the values.
        kind: `"amax"`, `"amin"` or `"prod"`, as `torch.Tensor.scatter_reduce` has them.

    Example:
        >>> put_reduced(torch.tensor([0, 5]), torch.tensor([[0], [1]]), torch.tensor([3, 3]), "amax").tolist()
        [3, 5]
    """
    indices = indices.to(x.device, torch.int64)
    depth = indices.shape[-1]
    flat = torch.zeros(indices.shape[:-1], dtype=torch.int64, device=x.device)
    for places, size in zip(indices.unbind(-1), x.shape, strict=False):
        flat = flat * size + torch.where(places < 0, places + size, places)
    inner = x.shape[depth:]
    rows, values = x.reshape(-1, *inner), updates.to(x).reshape(-1, *inner)
    spread = flat.reshape(-1, *[1] * len(inner)).expand(values.shape)
    return rows.scatter_reduce(0, spread, values, kind).reshape(x.shape)


@op()
def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Any:
    """Returns zeros with values added at coordinates.

    Args:
        indices: integers; the last axis holds the coordinates.
        values: the values, those of equal coordinates are added.
        shape: the shape of the result.

    Returns:
        A tensor of the type of `values`.

    Example:
        >>> scatter([[1], [3], [1]], [9, 10, 11], (5,)).tolist()
        [0, 20, 0, 10, 0]

    Source: `keras.ops.scatter`, `torch.Tensor.index_put`.
    """
    indices = indices if isinstance(indices, torch.Tensor) else tensor(indices)
    values = values if isinstance(values, torch.Tensor) else tensor(values)
    sizes = shape if type(shape) is tuple else tuple(map(int, shape))
    zeros = values.new_zeros(sizes)
    if len(sizes) > 1 or indices.ndim != 2 or values.ndim != 1:
        values = values.reshape(*indices.shape[:-1], *sizes[indices.shape[-1] :])
    return zeros.index_put(as_indices(indices, zeros.device).unbind(-1), values, accumulate=True)


@op()
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """Returns a tensor with other values at coordinates.

    Args:
        inputs: a tensor, array or list.
        indices: integers (updates, coordinates); fewer coordinates than axes stand for whole slices.
        updates: the new values, one or a slice for each row of `indices`.
        reduction: how a new value meets what is there: None replaces it, `"add"`, `"mul"`, `"max"` and `"min"`
            combine them.

    Returns:
        A tensor of the type and shape of `inputs`.

    Raises:
        InvalidArgumentError: for another `reduction`.

    Example:
        >>> scatter_update([0, 0, 0], [[1]], [7]).tolist()
        [0, 7, 0]

    Source: `keras.ops.scatter_update`, `torch.Tensor.index_put`.
    """
    inputs, indices, updates = tensor(inputs), tensor(indices), tensor(updates)
    if reduction is None:
        return inputs.index_put(as_indices(indices, inputs.device).unbind(-1), like(updates, inputs))
    reduction = reduction.lower()
    if reduction == "add":
        return put(inputs, indices, updates, accumulate=True)
    if reduction not in _REDUCTIONS:
        raise InvalidArgumentError(
            f"Unknown reduction: {reduction!r}. Expected None, 'add', 'max', 'min' or 'mul'."
        )
    return put_reduced(inputs, indices, updates, _REDUCTIONS[reduction])


def _starts(inputs: torch.Tensor, start_indices: Any, other: Sequence[int]) -> list[Any]:
    """Where a part begins along each axis: integers, or tensors of one integer, which stay on their device."""
    values = tensor(start_indices) if not isinstance(start_indices, (list, tuple)) else start_indices
    starts = list(values.unbind(0) if isinstance(values, torch.Tensor) else values)
    for one, two, given in (("inputs", "shape", other), ("start_indices", "inputs", starts)):
        if len(given) != inputs.ndim:
            raise ShapeError(
                f"The number of dimensions in `{one}` must match the number of dimensions in `{two}`. Received: "
                f"{len(given)} for a tensor of shape {tuple(inputs.shape)}."
            )
    return [s if isinstance(s, torch.Tensor) else int(s) for s in starts]


def _parts(sizes: Sequence[int], starts: Any, lengths: Any) -> tuple[Any, ...] | None:
    """A slice for each axis; None where a start or length is no Python integer, or leaves its axis."""
    try:
        return _planned_parts(sizes, starts, lengths)
    except TypeError:
        return None


@planned
def _planned_parts(sizes: Sequence[int], starts: Any, lengths: Any) -> tuple[Any, ...] | None:
    for values in (
        starts,
        lengths,
    ):  # raises, so that nothing is kept for tensors, which are looked up as objects
        if not isinstance(values, (list, tuple)) or any(type(value) is not int for value in values):
            raise TypeError("Only Python integers can be planned with.")
    if not len(sizes) == len(starts) == len(lengths):
        return None
    parts = []
    for size, start, length in zip(sizes, starts, lengths, strict=True):
        start = start + size if start < 0 else start
        length = size - start if length == -1 else length
        if min(start, length) < 0 or start + length > size:
            return None
        parts.append(builtins.slice(start, start + length))
    return tuple(parts)


def _scattered(x: torch.Tensor, updates: torch.Tensor, parts: tuple[Any, ...], axis: int = 0) -> torch.Tensor:
    """A tensor with a block of it replaced, where nothing may be written to one: under `torch.vmap`, for example."""
    start, end = parts[axis].start, parts[axis].stop
    if axis + 1 < len(parts):
        updates = _scattered(x.narrow(axis, start, end - start), updates, parts, axis + 1)
    return torch.slice_scatter(x, updates, axis, start, end)


@op()
def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """Returns a part of a tensor: so many values along each axis from a start on.

    Args:
        inputs: a tensor, array or list.
        start_indices: the start along each axis, integers or a tensor of them.
        shape: the size along each axis; -1 takes all that follows the start.

    Returns:
        A tensor; a view of `inputs` where the starts are Python integers.

    Raises:
        ShapeError: when there is not one start and one size for each axis.
        InvalidArgumentError: when the part reaches beyond the tensor.

    Example:
        >>> slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)).tolist()
        [[2, 3], [5, 6]]

    Source: `keras.ops.slice`, `torch.narrow`.
    """
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    parts = _parts(x.shape, start_indices, shape)
    if parts is not None:
        return x[parts]
    sizes = [int(size) for size in (shape.tolist() if hasattr(shape, "tolist") else shape)]
    for axis, (start, size) in enumerate(zip(_starts(x, start_indices, sizes), sizes, strict=True)):
        if isinstance(start, torch.Tensor) and size != -1:
            x = x.index_select(axis, start.to(x.device) + torch.arange(size, device=x.device))
        elif isinstance(start, torch.Tensor) and start.is_meta:
            x = x.new_empty((*x.shape[:axis], unknown_size(), *x.shape[axis + 1 :]))
        else:
            start = int(start)
            x = x.narrow(axis, start, x.shape[axis] - start if size == -1 else size)
    return x


@op()
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """Returns a tensor with a part replaced.

    Args:
        inputs: a tensor, array or list.
        start_indices: where the part begins along each axis, integers or a tensor of them.
        updates: the new part, with as many axes as `inputs`.

    Returns:
        A tensor of the type and shape of `inputs`.

    Raises:
        ShapeError: when there is not one start for each axis.
        InvalidArgumentError: when the part reaches beyond the tensor.

    Example:
        >>> slice_update([[1, 2, 3], [4, 5, 6]], (1, 1), [[0, 0]]).tolist()
        [[1, 2, 3], [4, 0, 0]]

    Source: `keras.ops.slice_update`, `torch.Tensor.index_put`.
    """
    x = inputs if isinstance(inputs, torch.Tensor) else tensor(inputs)
    updates = updates if isinstance(updates, torch.Tensor) else tensor(updates)
    parts = _parts(x.shape, start_indices, updates.shape)
    if parts and torch._C._functorch.peek_interpreter_stack() is not None:
        return _scattered(x, like(updates, x), parts)
    if parts:  # torch changes the type and the device of what it writes
        found = x.clone()
        found[parts] = updates
        return found
    starts = _starts(x, start_indices, updates.shape)
    places = []
    for axis, (start, size) in enumerate(zip(starts, updates.shape, strict=True)):
        if isinstance(start, int):
            start = start + x.shape[axis] if start < 0 else start
        along = torch.arange(size, device=x.device) + start
        places.append(along.reshape(-1, *[1] * (x.ndim - axis - 1)))
    return x.index_put(places, like(updates, x)) if places else like(updates, x).clone()


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """Returns the slices of a tensor along an axis.

    Args:
        x: a tensor, array or list.
        num: the number of slices; needed where it is unknown, as along the batch axis of a symbolic tensor.
        axis: the axis, which the slices do not have. Default: 0.

    Returns:
        A list of tensors.

    Raises:
        ShapeError: when there is no such axis or not `num` slices, or their number is unknown.

    Example:
        >>> [part.tolist() for part in unstack([[1, 2], [3, 4]], axis=1)]
        [[1, 3], [2, 4]]

    Source: `keras.ops.unstack`, `torch.unbind`.
    """
    x = x if isinstance(x, (torch.Tensor, KerasTensor)) else tensor(x)
    if not -x.ndim <= axis < x.ndim:
        raise ShapeError(
            f"`keras.ops.unstack` failed: axis {axis} is out of bounds for a tensor of shape {tuple(x.shape)}."
        )
    size = x.shape[axis]
    if size is None and num is None:
        raise ShapeError(
            f"`keras.ops.unstack` failed: Cannot infer argument `num` from shape {tuple(x.shape)}: the number of "
            "slices is unknown. Give it."
        )
    if None not in (size, num) and size != num:
        raise ShapeError(f"A tensor of shape {tuple(x.shape)} has not {num} slices along axis {axis}.")
    return slices(x, size if num is None else num, axis)


@op()
def slices(x: Any, num: int, axis: int) -> list[Any]:
    """Takes so many slices along an axis, as a step of a model."""
    if state.inferring:
        x = x.narrow(axis, 0, num)  # the size of an unknown axis only stands for one
    elif x.shape[axis] != num:
        raise ShapeError(f"A tensor of shape {tuple(x.shape)} has not {num} slices along axis {axis}.")
    return list(x.unbind(axis))
