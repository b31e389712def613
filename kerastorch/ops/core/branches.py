"""Choices between functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.spec import KerasTensor
from kerastorch.core.tracing import any_symbolic
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.ops.base import op, tensor


def _outline(result: Any) -> Any:
    """The structure, shapes and types of a result."""
    return tree.map_structure(
        lambda x: (tuple(x.shape), str(x.dtype)) if hasattr(x, "dtype") else type(x), result
    )


def _checked(results: Sequence[Any], names: str) -> Any:
    """The first of several results, which have to be of one kind."""
    outlines = [_outline(result) for result in results]
    if any(outline != outlines[0] for outline in outlines):
        raise InvalidArgumentError(
            f"{names} should return outputs of the same kind (structure, dtype and shape). Received: {outlines}."
        )
    return results[0]


def cond(pred: Any, true_fn: Callable, false_fn: Callable) -> Any:
    """Returns what one of two functions gives.

    Args:
        pred: a truth value, or a tensor of one.
        true_fn: is called where it holds.
        false_fn: is called where it does not.

    Returns:
        What the function returns. With a symbolic `pred` both functions have to return the same kind of thing; where
        they compute with symbolic tensors themselves, a model computes both and takes one.

    Raises:
        ArgumentTypeError: when one of the functions cannot be called.
        InvalidArgumentError: when the functions return different kinds of things for a symbolic `pred`.

    Example:
        >>> cond(torch.tensor(3) > 2, lambda: "larger", lambda: "smaller")
        'larger'

    Source: `keras.ops.cond`, `torch.cond`.
    """
    if not callable(true_fn) or not callable(false_fn):
        raise ArgumentTypeError(
            f"`keras.ops.cond` takes two functions. Received: {true_fn!r} and {false_fn!r}."
        )
    if isinstance(pred, KerasTensor):
        results = true_fn(), false_fn()
        if any_symbolic(results):
            _checked(results, "`true_fn` and `false_fn`")
            return choose_value(pred, *results)
        return choose_function(pred, true_fn, false_fn)
    return chosen(pred, true_fn, false_fn)


def chosen(pred: Any, true_fn: Callable, false_fn: Callable) -> Any:
    """Returns what one of two functions gives; `torch.compile` keeps both.

    Args:
        pred: a truth value, or a tensor of one.
        true_fn: is called where it holds.
        false_fn: is called where it does not.

    Example:
        >>> chosen(False, lambda: 1, lambda: 2)
        2
    """
    if isinstance(pred, torch.Tensor):
        if torch.compiler.is_compiling():
            return torch.cond(pred.to(torch.bool).reshape(()), true_fn, false_fn)
        if pred.is_meta:
            return _checked([true_fn(), false_fn()], "`true_fn` and `false_fn`")
    return true_fn() if pred else false_fn()


@op()
def choose_function(pred: Any, true_fn: Callable, false_fn: Callable) -> Any:
    """Calls one of two functions, as a step of a model."""
    return chosen(pred, true_fn, false_fn)


@op()
def choose_value(pred: Any, first: Any, second: Any) -> Any:
    """Takes one of two structures of tensors, as a step of a model."""
    holds = tensor(pred).to(torch.bool)
    return tree.map_structure(lambda a, b: torch.where(holds, tensor(a), tensor(b)), first, second)


@op()
def switch(index: Any, branches: Sequence[Callable], *operands: Any) -> Any:
    """Returns what one of several functions gives.

    Args:
        index: the number of the function; the first or last one stands for numbers out of range.
        branches: the functions.
        *operands: what it is called with.

    Returns:
        What the function returns.

    Raises:
        InvalidArgumentError: when the functions return different kinds of things for a symbolic `index`.

    Example:
        >>> switch(1, [lambda x: x, lambda x: -x], 5)
        -5

    Source: `keras.ops.switch`, `jax.lax.switch`.
    """
    if isinstance(index, torch.Tensor) and index.is_meta:
        return _checked([branch(*operands) for branch in branches], "The branches")
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)
