"""Control flow as functions: conditions, loops and maps, which run as plain Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch import tree
from kerastorch.compat.tensorflow.operation import as_tensor, integer, operation
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError


def cond(
    pred: Any, true_fn: Callable | None = None, false_fn: Callable | None = None, name: str | None = None
) -> Any:
    """Returns what one of two functions gives.

    Args:
        pred: a truth value, or a tensor of one.
        true_fn: what is called where it holds.
        false_fn: what is called where it does not.
        name: a name, without meaning here.

    Raises:
        ArgumentTypeError: when one of the functions cannot be called.

    Example:
        >>> cond(torch.tensor(3) > 2, lambda: "larger", lambda: "smaller")
        'larger'

    Source: `tf.cond`
    """
    if not callable(true_fn) or not callable(false_fn):
        raise ArgumentTypeError(f"tf.cond takes two functions. Received: {true_fn!r} and {false_fn!r}.")
    return true_fn() if bool(pred) else false_fn()


def case(
    pred_fn_pairs: Any,
    default: Callable | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str | None = None,
) -> Any:
    """Returns what the function of the first condition that holds gives.

    Args:
        pred_fn_pairs: pairs of a truth value and a function.
        default: what is called where none holds.
        exclusive: whether at most one may hold. Default: False.
        strict: whether TensorFlow keeps lists of one element; without meaning here.
        name: a name, without meaning here.

    Raises:
        InvalidArgumentError: when none holds and there is no default, or several hold and `exclusive` is True.

    Example:
        >>> case([(False, lambda: 1), (True, lambda: 2)])
        2

    Source: `tf.case`
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, dict) else list(pred_fn_pairs)
    chosen = [function for pred, function in pairs if bool(pred)]
    if exclusive and len(chosen) > 1:
        raise InvalidArgumentError(
            f"tf.case: {len(chosen)} of the conditions hold, but exclusive=True was given."
        )
    if chosen:
        return chosen[0]()
    if default is None:
        raise InvalidArgumentError("tf.case: none of the conditions holds, and there is no default.")
    return default()


def switch_case(
    branch_index: Any, branch_fns: Any, default: Callable | None = None, name: str | None = None
) -> Any:
    """Returns what the function of a number gives.

    Args:
        branch_index: the number.
        branch_fns: the functions: a list, pairs of number and function, or a dictionary.
        default: what is called for other numbers. Default: the function of the largest number.
        name: a name, without meaning here.

    Example:
        >>> switch_case(1, [lambda: "a", lambda: "b"])
        'b'

    Source: `tf.switch_case`
    """
    if isinstance(branch_fns, dict):
        table = dict(branch_fns)
    else:
        pairs = [f if isinstance(f, tuple) else (i, f) for i, f in enumerate(branch_fns)]
        table = dict(pairs)
    return table.get(integer(branch_index), default or table[max(table)])()


def while_loop(
    cond: Callable,
    body: Callable,
    loop_vars: Sequence[Any],
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Calls a function on its own results as long as a condition holds.

    Args:
        cond: returns whether to go on, from the variables.
        body: returns the next variables, from the variables.
        loop_vars: the first variables.
        shape_invariants: for TensorFlow's graphs, without meaning here.
        parallel_iterations: for TensorFlow's graphs, without meaning here.
        back_prop: whether gradients flow back. Default: True.
        swap_memory: for TensorFlow's graphs, without meaning here.
        maximum_iterations: the largest number of calls; None sets no limit.
        name: a name, without meaning here.

    Returns:
        The last variables, in the structure of the first.

    Example:
        >>> [int(v) for v in while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), (0, 0))]
        [4, 6]

    Source: `tf.while_loop`
    """
    values = tree.map_structure(as_tensor, loop_vars)
    limit = None if maximum_iterations is None else integer(maximum_iterations)
    done = 0
    with torch.set_grad_enabled(torch.is_grad_enabled() and back_prop):
        while (limit is None or done < limit) and bool(cond(*values)):
            result = body(*values)
            values = tree.map_structure(as_tensor, result if isinstance(result, (list, tuple)) else (result,))
            done += 1
    return type(loop_vars)(values) if isinstance(loop_vars, (list, tuple)) else values


def _rows(elems: Any) -> list[Any]:
    """The rows of every tensor of a structure, as structures of rows."""
    flat = [as_tensor(leaf) for leaf in tree.flatten(elems)] if tree.is_nested(elems) else [as_tensor(elems)]
    if not tree.is_nested(elems):
        return list(flat[0])
    return [tree.pack_sequence_as(elems, row) for row in zip(*flat, strict=True)]


def _structure(elems: Any) -> Any:
    """Lists of numbers are one tensor; tuples, dictionaries and lists of tensors are structures."""
    if isinstance(elems, list) and not any(isinstance(item, torch.Tensor) for item in elems):
        return as_tensor(elems)
    return elems


def _stacked(results: list[Any]) -> Any:
    return tree.map_structure(lambda *rows: torch.stack([as_tensor(row) for row in rows]), *results)


def map_fn(
    fn: Callable,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Calls a function on each row and stacks its results.

    Args:
        fn: takes one row, a structure of rows where `elems` is one.
        elems: a tensor, or a structure of tensors with equally many rows.
        dtype: the older name of `fn_output_signature`.
        parallel_iterations: for TensorFlow's graphs, without meaning here.
        back_prop: whether gradients flow back. Default: True.
        swap_memory: for TensorFlow's graphs, without meaning here.
        infer_shape: for TensorFlow's graphs, without meaning here.
        name: a name, without meaning here.
        fn_output_signature: the type of the results, a data type for all or a structure of them.

    Returns:
        The results, stacked along a new first axis.

    Example:
        >>> map_fn(lambda x: x * x, [1, 2, 3]).tolist()
        [1, 4, 9]

    Source: `tf.map_fn`
    """
    with torch.set_grad_enabled(torch.is_grad_enabled() and back_prop):
        stacked = _stacked([fn(row) for row in _rows(_structure(elems))])
    wanted = fn_output_signature if fn_output_signature is not None else dtype
    if wanted is None:
        return stacked
    if tree.is_nested(wanted):
        return tree.map_structure(lambda x, kind: as_tensor(x, getattr(kind, "dtype", kind)), stacked, wanted)
    return tree.map_structure(lambda x: as_tensor(x, getattr(wanted, "dtype", wanted)), stacked)


def vectorized_map(fn: Callable, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """Returns the results of a function for each row, computed at once and stacked.

    Args:
        fn: takes one row, a structure of rows where `elems` is one.
        elems: a tensor, or a structure of tensors with equally many rows.
        fallback_to_while_loop: whether TensorFlow may go row by row; `torch.vmap` raises where it cannot go at once.
        warn: whether TensorFlow warns when it goes row by row.

    Example:
        >>> vectorized_map(lambda x: x * x, [1.0, 2.0]).tolist()
        [1.0, 4.0]

    Source: `tf.vectorized_map`, `torch.vmap`
    """
    return torch.vmap(fn)(tree.map_structure(as_tensor, _structure(elems)))


def _folded(fn: Callable, elems: Any, initializer: Any, reverse: bool) -> list[Any]:
    rows = _rows(_structure(elems))
    rows = rows[::-1] if reverse else rows
    total, rows = (
        (rows[0], rows[1:]) if initializer is None else (tree.map_structure(as_tensor, initializer), rows)
    )
    totals = [total] if initializer is None else []
    for row in rows:
        total = fn(total, row)
        totals.append(total)
    return totals if totals else [total]


def foldl(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Returns what is left when a function has combined a total with each row, from the first.

    Args:
        fn: takes the total and a row.
        elems: a tensor, or a structure of them.
        initializer: the first total; None takes the first row.
        parallel_iterations: for TensorFlow's graphs, without meaning here.
        back_prop: whether gradients flow back. Default: True.
        swap_memory: for TensorFlow's graphs, without meaning here.
        name: a name, without meaning here.

    Example:
        >>> int(foldl(lambda total, x: total + x, [1, 2, 3]))
        6

    Source: `tf.foldl`
    """
    with torch.set_grad_enabled(torch.is_grad_enabled() and back_prop):
        return _folded(fn, elems, initializer, reverse=False)[-1]


def foldr(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Returns what is left when a function has combined a total with each row, from the last.

    Args:
        fn: takes the total and a row.
        elems: a tensor, or a structure of them.
        initializer: the first total; None takes the last row.
        parallel_iterations: for TensorFlow's graphs, without meaning here.
        back_prop: whether gradients flow back. Default: True.
        swap_memory: for TensorFlow's graphs, without meaning here.
        name: a name, without meaning here.

    Example:
        >>> int(foldr(lambda total, x: total - x, [1, 2, 3]))
        0

    Source: `tf.foldr`
    """
    with torch.set_grad_enabled(torch.is_grad_enabled() and back_prop):
        return _folded(fn, elems, initializer, reverse=True)[-1]


def scan(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """Returns every total on the way as a function combines it with each row.

    Args:
        fn: takes the total and a row.
        elems: a tensor, or a structure of them.
        initializer: the first total; None takes the first row.
        parallel_iterations: for TensorFlow's graphs, without meaning here.
        back_prop: whether gradients flow back. Default: True.
        swap_memory: for TensorFlow's graphs, without meaning here.
        infer_shape: for TensorFlow's graphs, without meaning here.
        reverse: whether to begin with the last row. Default: False.
        name: a name, without meaning here.

    Example:
        >>> scan(lambda total, x: total + x, [1, 2, 3]).tolist()
        [1, 3, 6]

    Source: `tf.scan`
    """
    with torch.set_grad_enabled(torch.is_grad_enabled() and back_prop):
        totals = _folded(fn, elems, initializer, reverse)
        return _stacked(totals[::-1] if reverse else totals)


def group(*inputs: Any, name: str | None = None) -> None:
    """Does nothing: what TensorFlow's graphs would group has run already.

    Args:
        inputs: anything.
        name: a name, without meaning here.

    Example:
        >>> group(1, 2)

    Source: `tf.group`
    """


def no_op(name: str | None = None) -> None:
    """Does nothing.

    Args:
        name: a name, without meaning here.

    Example:
        >>> no_op()

    Source: `tf.no_op`
    """


@operation()
def tuple_(tensors: Any, control_inputs: Any = None) -> Any:
    """Returns tensors as a list.

    Args:
        tensors: the tensors.
        control_inputs: for TensorFlow's graphs, without meaning here.

    Example:
        >>> [x.tolist() for x in tuple_([[1], [2]])]
        [[1], [2]]

    Source: `tf.tuple`
    """
    return [None if tensor is None else as_tensor(tensor) for tensor in tensors]
