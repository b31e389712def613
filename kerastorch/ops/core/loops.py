"""Loops as functions: what they run is plain Python, so that gradients flow and `torch.compile` can unroll them.

While shapes are inferred one turn of a loop stands for all, as every turn gives tensors of the same shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.context import state
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.ops.base import op, tensor


def _is_one(xs: Any) -> bool:
    """Whether a value is one tensor; so is a list of numbers."""
    return not tree.is_nested(xs) or (
        isinstance(xs, list) and not any(hasattr(leaf, "shape") for leaf in tree.flatten(xs))
    )


def _tensors(structure: Any) -> Any:
    return tensor(structure) if _is_one(structure) else tree.map_structure(tensor, structure)


def _row(xs: Any, number: int) -> Any:
    return tree.map_structure(lambda x: x[number], xs)


def _length(xs: Any) -> int:
    shapes = [tuple(x.shape) for x in tree.flatten(xs)]
    if not all(shapes) or len({s[0] for s in shapes}) != 1:
        raise ShapeError(f"The tensors must have equally many rows. Received shapes: {shapes}.")
    return shapes[0][0]


def _stacked(results: list[Any], count: int) -> Any:
    """The results of `count` turns along a new first axis; one result stands for all where there are fewer."""

    def stack(*leaves: Any) -> torch.Tensor:
        if len(leaves) == count:
            return torch.stack([tensor(leaf) for leaf in leaves])
        leaf = tensor(leaves[0])
        return leaf.new_empty((count, *leaf.shape))

    return tree.map_structure(stack, *results)


def _turns(count: int) -> range:
    """The turns that are taken: while shapes are inferred, or where there are none, one shows what they give."""
    return range(1 if state.inferring or not count else count)


def _example(xs: Any, count: int) -> Any:
    """Tensors with at least one row: of zeros where there are none."""
    return xs if count else tree.map_structure(lambda x: x.new_zeros((1, *x.shape[1:])), xs)


@op()
def map(f: Callable, xs: Any) -> Any:
    """Calls a function on each row and stacks what it gives.

    Args:
        f: takes one row, a structure of rows where `xs` is a structure.
        xs: a tensor, or a nested structure of tensors with equally many rows.

    Returns:
        The results along a new first axis: a tensor, or a structure of them.

    Raises:
        ShapeError: when the tensors have not equally many rows.

    Example:
        >>> map(lambda x: x * x, [1, 2, 3]).tolist()
        [1, 4, 9]

    Source: `keras.ops.map`.
    """
    xs = _tensors(xs)
    count = _length(xs)
    rows = _example(xs, count)
    return _stacked([f(_row(rows, turn)) for turn in _turns(count)], count)


@op()
def vectorized_map(function: Callable, elements: Any) -> Any:
    """Returns what a function gives for each row, computed for all rows at once.

    Args:
        function: takes one row, a structure of rows where `elements` is a structure.
        elements: a tensor, or a nested structure of tensors with equally many rows.

    Returns:
        The results along a new first axis: a tensor, or a structure of them.

    Example:
        >>> vectorized_map(lambda x: x * x, [1.0, 2.0]).tolist()
        [1.0, 4.0]

    Source: `keras.ops.vectorized_map`, `torch.vmap`.
    """
    elements = _tensors(elements)
    if state.inferring:
        return _stacked([function(_row(elements, 0))], _length(elements))
    return torch.vmap(function, randomness="different")(elements)


def _check_scan(f: Any, xs: Any, length: Any, unroll: Any) -> None:
    if not callable(f):
        raise ArgumentTypeError(f"`f` should be a callable. Received: f={f!r}.")
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise InvalidArgumentError(
            f"`unroll` must be an positive integer or boolean. Received: unroll={unroll!r}."
        )
    if xs is None and length is None:
        raise InvalidArgumentError("Got no `xs` to scan over and `length` not provided.")


@op()
def scan(
    f: Callable, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, unroll: Any = 1
) -> tuple[Any, Any]:
    """Calls a function on each row and on what it carried over from the row before.

    Args:
        f: takes what is carried and one row, and returns what is carried next and a result.
        init: what is carried to the first call: a tensor or a nested structure of them.
        xs: a tensor, or a structure of tensors with equally many rows; None calls `f(carry, None)`.
        length: the number of calls. Default: the number of rows.
        reverse: whether to begin with the last row; results stand where their rows do. Default: False.
        unroll: how many turns other libraries write out; loops are always written out here. Default: 1.

    Returns:
        A tuple `(carry, results)`, the results along a new first axis. Where `f` gives None for a result, zeros in the
        shape of `init` stand for it.

    Raises:
        ArgumentTypeError: when `f` cannot be called.
        InvalidArgumentError: when `unroll` is no positive integer, or neither `xs` nor `length` is given.

    Example:
        >>> total, sums = scan(lambda total, x: (total + x, total + x), 0, [1, 2, 3])
        >>> total.item(), sums.tolist()
        (6, [1, 3, 6])

    Source: `keras.ops.scan`, `jax.lax.scan`.
    """
    _check_scan(f, xs, length, unroll)
    xs = None if xs is None else _tensors(xs)
    carry = tree.map_structure(tensor, init)
    count = int(length) if length is not None else _length(xs)
    rows = None if xs is None else _example(xs, count)
    empty = [torch.zeros_like(x) for x in tree.flatten(carry)]
    order = [*_turns(count)]
    results = []
    after = carry
    for turn in reversed(order) if reverse else order:
        after, result = f(after, None if rows is None else _row(rows, turn))
        results.append(empty if result is None else result)
    return after if count else carry, _stacked(results[::-1] if reverse else results, count)


@op()
def associative_scan(f: Callable, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """Combines all slices up to each one, in a number of steps that grows with the logarithm of their number.

    Args:
        f: combines two structures like `elems`, slice by slice, with `f(f(a, b), c)` equal to `f(a, f(b, c))`.
        elems: a tensor, or a nested structure of tensors that are equally long along `axis`.
        reverse: whether to combine from the end. Default: False.
        axis: the axis along which slices lie. Default: 0.

    Returns:
        A structure like `elems` with `a`, `f(a, b)`, `f(f(a, b), c)` and so on along the axis.

    Raises:
        ArgumentTypeError: when `f` cannot be called.
        ShapeError: when the tensors are not equally long along the axis.

    Example:
        >>> associative_scan(lambda a, b: a + b, [1, 2, 3, 4]).tolist()
        [1, 3, 6, 10]

    Source: `keras.ops.associative_scan`, Blelloch, "Prefix Sums and Their Applications", 1990.
    """
    if not callable(f):
        raise ArgumentTypeError(f"`f` should be a callable. Received: f={f!r}.")
    elems = _tensors(elems)
    leaves = tree.flatten(elems)
    shapes = [tuple(x.shape) for x in leaves]
    if len({s[axis] for s in shapes}) != 1:
        raise ShapeError(
            f"The tensors must have the same first dimension, that of axis {axis}. Received shapes: {shapes}."
        )
    places = [axis % x.ndim for x in leaves]

    def combine(left: list, right: list) -> list:
        return tree.flatten(f(tree.pack_sequence_as(elems, left), tree.pack_sequence_as(elems, right)))

    def turned(tensors: list) -> list:
        return [x.flip(a) for x, a in zip(tensors, places, strict=True)] if reverse else tensors

    return tree.pack_sequence_as(elems, turned(_combined(combine, turned(leaves), places)))


def _combined(combine: Callable, elems: list[torch.Tensor], places: list[int]) -> list[torch.Tensor]:
    """All prefixes: those of even length are the prefixes of pairs, and each of the others has one slice more."""

    def part(tensors: list[torch.Tensor], start: int, stop: int | None, step: int) -> list[torch.Tensor]:
        along = slice(start, stop, step)
        return [x[(slice(None),) * axis + (along,)] for x, axis in zip(tensors, places, strict=True)]

    count = elems[0].shape[places[0]]
    if count < 2:
        return elems
    pairs = _combined(combine, combine(part(elems, 0, count - 1, 2), part(elems, 1, None, 2)), places)
    others = part(elems, 0, 1, 1)
    if count > 2:
        longer = combine(part(pairs, 0, (count - 1) // 2, 1), part(elems, 2, None, 2))
        others = [torch.cat((x, y), axis) for x, y, axis in zip(others, longer, places, strict=True)]
    return [_interleaved(x, y, axis) for x, y, axis in zip(others, pairs, places, strict=True)]


def _interleaved(first: torch.Tensor, second: torch.Tensor, axis: int) -> torch.Tensor:
    """Slices of two tensors by turns; the first may have one more."""
    count = second.shape[axis]
    both = torch.stack((first.narrow(axis, 0, count), second), axis + 1).flatten(axis, axis + 1)
    return torch.cat((both, first.narrow(axis, count, first.shape[axis] - count)), axis)


def _number(value: Any) -> Any:
    """An integer; a tensor without values stays."""
    return value if isinstance(value, torch.Tensor) and value.is_meta else int(value)


@op()
def fori_loop(lower: Any, upper: Any, body_fun: Callable, init_val: Any) -> Any:
    """Calls a function on each number of a range and on what it returned for the number before.

    Args:
        lower: the first number.
        upper: the number after the last.
        body_fun: takes a number and a value, and returns the next value.
        init_val: the first value: a tensor or a nested structure of them.

    Returns:
        The last value.

    Example:
        >>> fori_loop(0, 4, lambda i, total: total + i, 0)
        6

    Source: `keras.ops.fori_loop`, `jax.lax.fori_loop`.
    """
    if state.inferring:
        return body_fun(_number(lower), init_val)
    value = init_val
    for number in range(int(lower), int(upper)):
        value = body_fun(number, value)
    return value


@op()
def while_loop(cond: Callable, body: Callable, loop_vars: Any, maximum_iterations: Any = None) -> Any:
    """Calls a function on what it returned before, as long as a condition holds.

    Args:
        cond: returns whether to go on, from the variables.
        body: returns the next variables, from the variables.
        loop_vars: the first variables: a tuple or list of them, which the functions take as arguments, or one.
        maximum_iterations: the largest number of calls; None sets no limit.

    Returns:
        The last variables: a tuple of them, or one.

    Example:
        >>> [v.item() for v in while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), (0, 0))]
        [4, 6]

    Source: `keras.ops.while_loop`.
    """
    several = isinstance(loop_vars, (tuple, list))
    values = tree.map_structure(tensor, tuple(loop_vars) if several else (loop_vars,))
    limit = None if maximum_iterations is None else int(maximum_iterations)
    done = 0
    while (limit is None or done < limit) and _holds(cond(*values)):
        result = body(*values)
        values = tuple(result) if isinstance(result, (tuple, list)) else (result,)
        done += 1
    return values if several else values[0]


def _holds(condition: Any) -> bool:
    """Whether to go on; the variables keep their shapes, so that none is asked where there are no values."""
    return not getattr(condition, "is_meta", False) and bool(condition)
