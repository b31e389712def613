"""Numbers that tell of a matrix, and derivatives along a direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.context import state
from kerastorch.ops.base import floating, op, tensor

_NARROWED = {torch.float64: torch.float32, torch.complex128: torch.complex64}


@op("keras.ops.linalg")
def det(x: Any) -> Any:
    """Returns the determinant of square matrices.

    Args:
        x: matrices, (..., m, m).

    Returns:
        Numbers, (...).

    Example:
        >>> det([[2.0, 0.0], [0.0, 3.0]]).item()
        6.0

    Source: `keras.ops.det`, `torch.linalg.det`.
    """
    return torch.linalg.det(floating(x))


@op()
def logdet(x: Any) -> Any:
    """Returns the logarithm of the determinant of square matrices.

    Args:
        x: matrices, (..., m, m).

    Returns:
        Numbers, (...); NaN where the determinant is negative.

    Example:
        >>> logdet([[1.0, 0.0], [0.0, 1.0]]).item()
        0.0

    Source: `keras.ops.logdet`, `torch.logdet`.
    """
    return torch.logdet(floating(x))


@op("keras.ops.linalg")
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the norm of vectors or matrices.

    Args:
        x: a tensor, array or list.
        ord: for vectors a number or infinity; for matrices `"fro"`, `"nuc"`, 1, 2, infinity or one of these numbers
            with a minus. Default: the square root of the sum of all squares.
        axis: one axis for vectors, two for matrices; None takes all axes.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers; of float32 also for float64, as Keras has it.

    Example:
        >>> norm([3.0, 4.0]).item(), norm([[3.0, -4.0]], 1, axis=1).tolist()
        (5.0, [7.0])

    Source: `keras.ops.norm`, `torch.linalg.norm`.
    """
    x = floating(x)
    if x.dtype in _NARROWED:
        x = x.to(_NARROWED[x.dtype])
    return torch.linalg.norm(x, ord, axis, keepdims)


@op("keras.ops.linalg")
def matrix_rank(x: Any, tol: float | None = None) -> Any:
    """Returns the rank of matrices.

    Args:
        x: matrices, (..., m, n).
        tol: singular values up to this one count as zero. Default: the precision of the type times the largest value
            times the larger of m and n.

    Returns:
        Integers of int32, (...).

    Example:
        >>> matrix_rank([[1.0, 1.0], [1.0, 1.0]]).item()
        1

    Source: `keras.ops.matrix_rank`, `torch.linalg.matrix_rank`.
    """
    x = floating(x)
    rank = torch.linalg.matrix_rank(x) if tol is None else torch.linalg.matrix_rank(x, atol=tol)
    return rank.to(torch.int32)


@op("keras.ops.linalg")
def jvp(fun: Callable, primals: Any, tangents: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Returns what a function gives, and how that changes along a direction: the product of Jacobian and vector.

    Args:
        fun: a function of tensors.
        primals: its arguments, a tuple or list.
        tangents: the direction, with a tensor for each of the arguments.
        has_aux: whether `fun` returns a pair, whose second part is passed on as it is. Default: False.

    Returns:
        A tuple `(result, change)`, and the second part as its third item where `has_aux` is True.

    Example:
        >>> [x.item() for x in jvp(torch.square, [3.0], [1.0])]
        [9.0, 6.0]

    Source: `keras.ops.jvp`, `torch.func.jvp`.
    """
    primals, tangents = (tree.map_structure(tensor, tuple(values)) for values in (primals, tangents))
    if state.inferring:
        outputs = fun(*primals)
        return (outputs[0], outputs[0], outputs[1]) if has_aux else (outputs, outputs)
    return torch.func.jvp(fun, primals, tangents, has_aux=has_aux)
