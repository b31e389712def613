"""Functions of numbers, or of small tensors, made functions of whole tensors."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.graph import FunctionOp
from kerastorch.core.tracing import any_symbolic, record
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, ShapeError
from kerastorch.naming import auto_name
from kerastorch.ops.base import tensor

Core = tuple[str, ...]
_LIST = r"\((?:\w+(?:,\w+)*)?\)"
_SIGNATURE = re.compile(rf"({_LIST}(?:,{_LIST})*)->({_LIST}(?:,{_LIST})*)")


def _parsed(signature: str) -> tuple[list[Core], list[Core]]:
    """The names of the axes of each argument and each result in a signature such as `(m,n),(n)->(m)`."""
    match = _SIGNATURE.fullmatch(signature.replace(" ", ""))
    if match is None:
        raise InvalidArgumentError(
            f"Not a valid signature: {signature!r}. Expected such as '(m,n),(n)->(m)'."
        )
    sides = [[tuple(re.findall(r"\w+", part)) for part in re.findall(_LIST, side)] for side in match.groups()]
    return sides[0], sides[1]


def _measure(known: dict[str, int], shape: tuple, core: Core, what: str) -> None:
    """Notes the sizes of named axes, the last of a shape; one that is known already must be the same."""
    if len(shape) < len(core):
        raise ShapeError(f"{what} of shape {tuple(shape)} has not enough axes for {core}.")
    for name, size in zip(core, shape[len(shape) - len(core) :], strict=True):
        if known.setdefault(name, size) != size:
            raise ShapeError(f"Axis {name!r} has the sizes {known[name]} and {size}.")


def vectorize(
    pyfunc: Callable, *, excluded: Collection[int | str] | None = None, signature: str | None = None
) -> Callable:
    """Returns a function that applies another to each number of its arguments, which are broadcast to one shape.

    Args:
        pyfunc: a function of numbers, given as tensors without axes; with a signature, of the axes that it names.
        excluded: positions and names of arguments that are passed on as they are.
        signature: the axes of the arguments and of the result, such as `"(m,n),(n)->(m)"`.

    Returns:
        A function of tensors, arrays, lists and numbers.

    Raises:
        InvalidArgumentError: when `pyfunc` cannot be called, or the signature cannot be read.

    Example:
        >>> vectorize(lambda a, b: a + b)([1, 2, 3], 2).tolist()
        [3, 4, 5]
        >>> vectorize(torch.mv, signature="(m,n),(n)->(m)")([[[1.0, 2.0]]], [3.0, 4.0]).tolist()
        [[11.0]]

    Source: `keras.ops.vectorize`, `numpy.vectorize`, `torch.vmap`.
    """
    if not callable(pyfunc):
        raise InvalidArgumentError(f"Expected argument `pyfunc` to be a callable. Received: pyfunc={pyfunc}")
    cores, result_cores = (None, None) if signature is None else _parsed(signature)
    skipped = frozenset(excluded or ())

    @functools.wraps(pyfunc)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        if any_symbolic(args, kwargs):
            name = auto_name(getattr(pyfunc, "__name__", "vectorized").strip("_<>"))
            return record(FunctionOp(vectorized, False, name), args, kwargs)
        given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
        varied = {key: tensor(x) for key, x in given.items() if key not in skipped and x is not None}
        if cores is not None and len(cores) != len(varied):
            raise ArgumentTypeError(f"{signature!r} names {len(cores)} arguments, {len(varied)} are given.")

        def apply(*values: torch.Tensor) -> Any:
            call = {**given, **dict(zip(varied, values, strict=True))}
            positional = [call.pop(place) for place in range(len(args))]
            result = pyfunc(*positional, **call)
            return tree.map_structure(tensor, result)

        return _mapped(apply, list(varied.values()), cores or [()] * len(varied), result_cores)

    return vectorized


def _mapped(
    function: Callable, values: list[torch.Tensor], cores: list[Core], result_cores: list[Core] | None
) -> Any:
    """What a function gives for each of the slices that the axes before the named ones make."""
    known: dict[str, int] = {}
    outer = []
    for place, (x, core) in enumerate(zip(values, cores, strict=True)):
        _measure(known, x.shape, core, f"Argument {place}")
        outer.append(x.shape[: x.ndim - len(core)])
    batch = torch.broadcast_shapes(*outer)
    if batch:
        flat = [
            x.expand(*batch, *x.shape[len(shape) :]).reshape(-1, *x.shape[len(shape) :]) if shape else x
            for x, shape in zip(values, outer, strict=True)
        ]
        results = torch.vmap(function, tuple(0 if shape else None for shape in outer))(*flat)
        results = tree.map_structure(lambda y: y.reshape(*batch, *y.shape[1:]), results)
    else:
        results = function(*values)
    if result_cores is not None:
        _check_results(results, len(batch), result_cores, known)
    return results


def _check_results(results: Any, rank: int, cores: list[Core], known: dict[str, int]) -> None:
    found = list(results) if isinstance(results, (list, tuple)) else [results]
    if len(found) != len(cores):
        raise ArgumentTypeError(f"The signature names {len(cores)} results, the function gave {len(found)}.")
    for y, core in zip(found, cores, strict=True):
        if y.ndim - rank != len(core):
            raise ShapeError(f"A result of shape {tuple(y.shape[rank:])} does not have the axes {core}.")
        _measure(known, y.shape[rank:], core, "A result")
