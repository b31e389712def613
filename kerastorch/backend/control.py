"""`keras.backend`: choices between tensors, and functions applied to element after element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch import tree
from kerastorch.backend.session import learning_phase
from kerastorch.core.spec import KerasTensor
from kerastorch.core.tracing import any_symbolic
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import ShapeError
from kerastorch.layers.rnn import loop
from kerastorch.ops.base import op, tensor, together


def _called(value: Any) -> Any:
    return value() if callable(value) else value


def _tensor(value: Any) -> Any:
    return value if isinstance(value, KerasTensor) else tensor(value)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Returns one of two tensors, or some of the numbers of each.

    Args:
        condition: a truth value, or a tensor of them: a scalar takes the one or the other, several choose for each
            element along the first axes.
        then_expression: a tensor, or a function that returns one.
        else_expression: likewise, of the same shape. A known scalar condition calls only the function it chooses.

    Returns:
        A tensor.

    Raises:
        ShapeError: when the condition has more axes than the tensors.

    Example:
        >>> switch(torch.tensor([True, False]), torch.ones(2), lambda: torch.zeros(2)).tolist()
        [1.0, 0.0]

    Source: `keras.backend.switch` of Keras 2, `torch.where`.
    """
    condition = _tensor(condition)
    is_lazy = callable(then_expression) or callable(else_expression)
    known = isinstance(condition, torch.Tensor) and not condition.is_meta
    if is_lazy and known and not condition.ndim and not torch.compiler.is_compiling():
        return _called(then_expression if condition else else_expression)
    return _chosen(condition, _called(then_expression), _called(else_expression))


@op("keras.backend")
def _chosen(condition: Any, then: Any, otherwise: Any) -> torch.Tensor:
    then, otherwise = together(then, otherwise)
    condition = tensor(condition).bool()
    rank = max(then.ndim, otherwise.ndim)
    if condition.ndim > rank:
        raise ShapeError(
            "Rank of `condition` should be less than or equal to rank of `then_expression` and `else_expression`. "
            f"Received: {condition.ndim} and {rank}."
        )
    return torch.where(condition.reshape(*condition.shape, *(1,) * (rank - condition.ndim)), then, otherwise)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Returns one thing where a model trains, and another where it does not.

    Args:
        x: a tensor, or a function that returns one: what there is in training.
        alt: likewise: what there is otherwise.
        training: whether the model trains, a truth value or tensor; None asks `learning_phase()`.

    Returns:
        The one or the other.

    Example:
        >>> in_train_phase(torch.ones(1), lambda: torch.zeros(1)).tolist()
        [0.0]

    Source: `keras.backend.in_train_phase` of Keras 2.
    """
    if isinstance(training, (torch.Tensor, KerasTensor)):
        return switch(training, x, alt)
    if training is not None:
        return _called(x if training else alt)
    phase = learning_phase()
    found = _called(x if phase else alt)
    if not any_symbolic([found]):
        return found
    other = _called(alt if phase else x)  # the model that this becomes a part of chooses when it runs
    return _by_phase(found, other) if phase else _by_phase(other, found)


@op("keras.backend")
def _by_phase(x: Any, alt: Any) -> Any:
    """What there is now that a model that was built with both runs."""
    return x if learning_phase() else alt


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Returns one thing where a model does not train, and another where it does.

    Args:
        x: a tensor, or a function that returns one: what there is outside of training.
        alt: likewise: what there is in training.
        training: whether the model trains, a truth value or tensor; None asks `learning_phase()`.

    Returns:
        The one or the other.

    Example:
        >>> in_test_phase(torch.ones(1), lambda: torch.zeros(1)).tolist()
        [1.0]

    Source: `keras.backend.in_test_phase` of Keras 2.
    """
    return in_train_phase(alt, x, training)


def map_fn(fn: Callable, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """Returns what a function gives for each element of the first axis.

    Args:
        fn: a function of one element, which returns a tensor or several.
        elems: a tensor, or a structure of tensors whose elements are given together.
        name: has no effect.
        dtype: the type of the results; None keeps that of the function's.

    Returns:
        A tensor, or several.

    Example:
        >>> map_fn(lambda x: 2 * x, torch.tensor([1, 2])).tolist()
        [2, 4]

    Source: `keras.backend.map_fn` of Keras 2.
    """
    results = [fn(row) for row in _rows(elems)]
    kind = None if dtype is None else torch_dtype(dtype)

    def stacked(*values: Any) -> torch.Tensor:
        return torch.stack(together(*values)).to(dtype=kind) if kind else torch.stack(together(*values))

    return tree.map_structure(stacked, *results)


def _rows(elems: Any) -> list[Any]:
    if not tree.is_nested(elems) or all(
        not tree.is_nested(e) and not hasattr(e, "ndim") for e in tree.flatten(elems)
    ):
        return list(_tensor(elems))
    tensors = tree.map_structure(_tensor, elems)
    count = len(tree.flatten(tensors)[0])
    return [tree.map_structure(lambda e, i=i: e[i], tensors) for i in range(count)]


def foldl(fn: Callable, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Returns what is left when a function takes in the elements of the first axis, one after the other.

    Args:
        fn: a function of what there is so far and of an element.
        elems: a tensor.
        initializer: what there is at first; None takes the first element.
        name: has no effect.

    Returns:
        What the function returned last.

    Example:
        >>> int(foldl(lambda total, x: total - x, torch.tensor([10, 2, 3])))
        5

    Source: `keras.backend.foldl` of Keras 2.
    """
    return _folded(fn, _rows(elems), initializer)


def foldr(fn: Callable, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Returns what is left when a function takes in the elements of the first axis, the last one first.

    Args:
        fn: a function of what there is so far and of an element.
        elems: a tensor.
        initializer: what there is at first; None takes the last element.
        name: has no effect.

    Returns:
        What the function returned last.

    Example:
        >>> int(foldr(lambda total, x: total - x, torch.tensor([10, 2, 3])))
        -9

    Source: `keras.backend.foldr` of Keras 2.
    """
    return _folded(fn, _rows(elems)[::-1], initializer)


def _folded(fn: Callable, rows: list[Any], initializer: Any) -> Any:
    total, rest = (rows[0], rows[1:]) if initializer is None else (initializer, rows)
    for row in rest:
        total = fn(total, row)
    return total


def rnn(
    step_function: Callable,
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: Any = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> tuple[Any, Any, Any]:
    """Runs a function over the steps of a sequence.

    Shapes: B batch, T time.

    Args:
        step_function: a function of the input and the list of states of a step, which returns its output and the list
            of its new states.
        inputs: a tensor `(B, T, ...)`, or a structure of them.
        initial_states: the list of states before the first step.
        go_backwards: whether the last step comes first; the outputs stay in the order in which they are made.
        mask: which steps count, `(B, T)`; at the others the states stay as they are. None counts all.
        constants: tensors that the function gets after the states at each step.
        unroll: has no effect: steps always run one after the other.
        input_length: how many steps count, an integer or a tensor `(B,)`; used where there is no mask.
        time_major: whether inputs and outputs are `(T, B, ...)`.
        zero_output_for_mask: whether the outputs of steps that do not count are zero, not those of the step before.
        return_all_outputs: whether the outputs of all steps are returned, not just the last.

    Returns:
        The last output, `(B, ...)`; all outputs, `(B, T, ...)`; and the list of the last states.

    Example:
        >>> last, outputs, states = rnn(lambda x, s: (x + s[0], [x + s[0]]), torch.ones(1, 3, 2), [torch.zeros(1, 2)])
        >>> last.tolist(), outputs.shape
        ([[3.0, 3.0]], torch.Size([1, 3, 2]))

    Source: `keras.backend.rnn` of Keras 2.
    """
    time = 0 if time_major else 1
    sequences = tree.map_structure(lambda x: _tensor(x).movedim(time, 0), inputs)
    steps = _rows(sequences)
    mask = _mask_of(mask, input_length, len(steps), time_major)
    if go_backwards:
        steps, mask = steps[::-1], None if mask is None else mask.flip(1)
    extra = list(constants or [])
    step = (lambda x, states: step_function(x, [*states, *extra])) if extra else step_function
    outputs, states = loop.run(step, steps, list(initial_states), mask, zero_output_for_mask)
    kept = outputs if return_all_outputs else outputs[-1:]
    return outputs[-1], torch.stack(kept, time), list(states)


def _mask_of(mask: Any, input_length: Any, count: int, time_major: bool) -> torch.Tensor | None:
    """Which steps count, as `(B, T)`; None where all do."""
    if mask is not None:
        mask = tensor(mask).bool()
        mask = mask.squeeze(-1) if mask.ndim == 3 and mask.shape[-1] == 1 else mask
        return mask.transpose(0, 1) if time_major else mask
    if isinstance(input_length, torch.Tensor) and input_length.ndim:
        return torch.arange(count, device=input_length.device) < input_length.reshape(-1, 1)
    return None
