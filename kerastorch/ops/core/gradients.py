"""Functions with gradients of their own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import tree
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError
from kerastorch.ops.base import tensor


class _OwnGradient(torch.autograd.Function):
    """A function whose gradient is another function that comes with its result."""

    @staticmethod
    def forward(ctx: Any, run: Callable, *tensors: torch.Tensor) -> Any:
        outputs, ctx.gradients = run(tensors)
        return outputs

    @staticmethod
    def backward(ctx: Any, *upstream: torch.Tensor) -> Any:
        return (None, *ctx.gradients(upstream))


def with_own_gradient(f: Callable, call: Callable[[Callable, tuple, tuple], Any]) -> Callable:
    """Makes a function use the gradient that it returns next to its result.

    Args:
        f: returns `(result, gradient function)`, each a tensor or a nested structure of them.
        call: calls a gradient function, given that, the arguments of `f` and the gradients of the results.

    Returns:
        A function of the arguments of `f` that returns the result only.

    Example:
        >>> tenfold = with_own_gradient(lambda x: (x * 10, torch.sign), lambda grad, args, upstream: grad(*upstream))
        >>> x = torch.tensor(2.0, requires_grad=True)
        >>> torch.autograd.grad(tenfold(x) * 5, x)
        (tensor(1.),)
    """

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        args = tree.map_structure(lambda a: tensor(a) if isinstance(a, np.ndarray) else a, args)
        leaves = tree.flatten(args)
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        results: list[Any] = []

        def run(values: Sequence[torch.Tensor]) -> tuple[Any, Callable]:
            left = iter(values)
            inner = [next(left) if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
            given = tree.pack_sequence_as(args, inner)
            result, gradient = _parts(f, f(*given, **kwargs))
            results.append(result)
            outputs = tree.flatten(result)
            answer = functools.partial(_gradients, gradient, call, given)
            return outputs[0] if len(outputs) == 1 else tuple(outputs), answer

        outputs = _OwnGradient.apply(run, *tensors)
        return tree.pack_sequence_as(results[0], outputs if isinstance(outputs, tuple) else [outputs])

    return decorated


def _parts(f: Callable, returned: Any) -> tuple[Any, Callable]:
    if not isinstance(returned, tuple) or len(returned) != 2 or not callable(returned[1]):
        raise ArgumentTypeError(
            f"A function with a gradient of its own returns `(result, gradient function)`. "
            f"{getattr(f, '__name__', f)!r} returned: {type(returned).__name__}."
        )
    return returned


def _gradients(gradient: Callable, call: Callable, args: tuple, upstream: tuple) -> list[Any]:
    """The gradients of the tensors among the arguments."""
    found = call(gradient, args, upstream)
    found = tree.flatten(found)
    leaves = tree.flatten(args)
    wanted = [isinstance(leaf, torch.Tensor) for leaf in leaves]
    if len(found) == len(leaves):
        return [g for g, is_wanted in zip(found, wanted, strict=True) if is_wanted]
    if len(found) != sum(wanted):
        raise InvalidArgumentError(
            f"The gradient function returned {len(found)} gradients for {sum(wanted)} tensors; one is needed for each, "
            "or None."
        )
    return found


def _call_as_keras(gradient: Callable, args: tuple, upstream: tuple) -> Any:
    """Calls `grad(*args, upstream=...)`, Keras's form on torch, or `grad(*upstream)`, its form elsewhere."""
    parameters = inspect.signature(gradient).parameters
    named = parameters.get("upstream")
    only_upstream = named is not None and len(parameters) == 1 and named.kind is not named.KEYWORD_ONLY
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if only_upstream or not (named is not None or takes_any):
        return gradient(*upstream)
    return gradient(*args, upstream=upstream[0] if len(upstream) == 1 else upstream)


def custom_gradient(f: Callable) -> Callable:
    """Makes a function use the gradient that it returns next to its result.

    Args:
        f: a function of tensors that returns `(result, grad)`. `grad` returns the gradients of the arguments: from the
            gradients of the results as `grad(*upstream)`, or from the arguments and those as
            `grad(*args, upstream=upstream)` where it has a keyword `upstream`.

    Returns:
        A function of the same arguments that returns the result only.

    Raises:
        ArgumentTypeError: when it is called and `f` does not return such a pair.
        InvalidArgumentError: when there is not one gradient for each tensor.

    Example:
        >>> @custom_gradient
        ... def log1pexp(x):
        ...     e = torch.exp(x)
        ...     return torch.log(1 + e), lambda *args, upstream: upstream * (1 - 1 / (1 + e))
        >>> x = torch.tensor(100.0, requires_grad=True)
        >>> torch.autograd.grad(log1pexp(x), x)
        (tensor(1.),)

    Source: `keras.ops.custom_gradient`, `torch.autograd.Function`.
    """
    return with_own_gradient(f, _call_as_keras)
