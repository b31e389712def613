"""Makes the functions that work on each number by itself, of which `tf` has a hundred, from one line each."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor, operands, operation

_DOC = """Returns {what}, number by number.

    Args:
{arguments}

    Example:
        >>> {name}({shown}).tolist()
        {result}

    Source: `{home}.{name}`
    """


def _finished(
    function: Callable, name: str, home: str, what: str, arguments: str, shown: str, result: Any
) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__module__ = sys._getframe(2).f_globals["__name__"]
    function.__doc__ = _DOC.format(
        what=what, arguments=arguments, name=name, shown=shown, result=result, home=home
    )
    return operation(home)(function)


def unary(
    name: str,
    function: Callable,
    what: str,
    example: Any,
    result: Any,
    home: str = "tf.math",
    argument: str = "x",
) -> Callable[..., torch.Tensor]:
    """Returns a function of one tensor.

    Args:
        name: its name.
        function: the torch function that computes it.
        what: what it gives, for the docstring.
        example: an argument.
        result: what it gives for that argument.
        home: the namespace that has it.
        argument: the name of the argument.

    Example:
        >>> twice = unary("twice", lambda x: 2 * x, "the double", 1.5, 3.0, "tf.example")
        >>> twice([1, 2]).tolist()
        [2, 4]
    """

    def apply(x: Any) -> torch.Tensor:
        return function(as_tensor(x))

    arguments = f"        {argument}: a tensor, array, list or number."
    called = apply if argument == "x" else _with_argument(apply, argument)
    return _finished(called, name, home, what, arguments, repr(example), result)


def _with_argument(function: Callable[[Any], torch.Tensor], argument: str) -> Callable[..., torch.Tensor]:
    """The function of one argument with another name for it."""
    signature = inspect.Signature([inspect.Parameter(argument, inspect.Parameter.POSITIONAL_OR_KEYWORD)])

    def apply(*args: Any, **kwargs: Any) -> torch.Tensor:
        return function(*signature.bind(*args, **kwargs).args)

    apply.__signature__ = signature  # type: ignore[attr-defined]
    return apply


def binary(
    name: str, function: Callable, what: str, example: tuple, result: Any, home: str = "tf.math"
) -> Callable[..., torch.Tensor]:
    """Returns a function of two tensors that are broadcast to one shape.

    Args:
        name: its name.
        function: the torch function that computes it.
        what: what it gives, for the docstring.
        example: two arguments.
        result: what it gives for them.
        home: the namespace that has it.

    Example:
        >>> half_sum = binary("half_sum", lambda x, y: (x + y) / 2, "the middle", (1.0, 2.0), 1.5, "tf.example")
        >>> half_sum([1.0, 2.0], 0).tolist()
        [0.5, 1.0]
    """

    def apply(x: Any, y: Any) -> torch.Tensor:
        return function(*operands(x, y))

    arguments = "        x: a tensor, array, list or number.\n        y: another, of a shape that broadcasts with `x`."
    shown = ", ".join(map(repr, example))
    return _finished(apply, name, home, what, arguments, shown, result)
