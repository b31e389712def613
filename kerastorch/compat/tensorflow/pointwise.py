"""Makes the functions that work on each number by itself, of which `tf` has a hundred, from one line each."""

from __future__ import annotations

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
    name: str, function: Callable, what: str, example: Any, result: Any, home: str = "tf.math"
) -> Callable[..., torch.Tensor]:
    """Returns a function of one tensor.

    Args:
        name: its name.
        function: the torch function that computes it.
        what: what it gives, for the docstring.
        example: an argument.
        result: what it gives for that argument.
        home: the namespace that has it.

    Example:
        >>> twice = unary("twice", lambda x: 2 * x, "the double", 1.5, 3.0, "tf.example")
        >>> twice([1, 2]).tolist()
        [2, 4]
    """

    def apply(x: Any) -> torch.Tensor:
        return function(as_tensor(x))

    arguments = "        x: a tensor, array, list or number."
    return _finished(apply, name, home, what, arguments, repr(example), result)


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
