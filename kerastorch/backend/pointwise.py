"""`keras.backend`: functions that work on each number by itself, from one line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch import random
from kerastorch.activations import functions as activations
from kerastorch.activations import smooth
from kerastorch.ops.base import floating, op, pair, tensor, together

_DOC = """Returns {what}, number by number.

    Args:
{arguments}

    Returns:
        A tensor.

    Example:
        >>> {name}({shown}).tolist()
        {result}

    Source: `keras.backend.{name}` of Keras 2.
    """
_ONE = "        x: a tensor, array, list or number."
_TWO = _ONE + "\n        y: another, of a shape that broadcasts with that of `x`."


def _finished(function: Callable, name: str, what: str, arguments: str, example: tuple, result: Any) -> Any:
    function.__name__ = function.__qualname__ = name
    shown = ", ".join(map(repr, example))
    function.__doc__ = _DOC.format(what=what, arguments=arguments, name=name, shown=shown, result=result)
    return op("keras.backend")(function)


def _unary(name: str, function: Callable, what: str, example: Any, result: Any) -> Callable[[Any], Any]:
    def apply(x: Any) -> Any:
        return function(x if isinstance(x, torch.Tensor) else tensor(x))

    return _finished(apply, name, what, _ONE, (example,), result)


def _binary(
    name: str, function: Callable, what: str, example: tuple, result: Any
) -> Callable[[Any, Any], Any]:
    def apply(x: Any, y: Any) -> Any:
        return function(*pair(x, y))

    return _finished(apply, name, what, _TWO, example, result)


def _extreme(function: Callable, bound: Callable) -> Callable[[Any, Any], torch.Tensor]:
    """The greater or lesser of two numbers, from a function of tensors and one of a tensor and a Python number."""

    def apply(x: torch.Tensor, y: Any) -> torch.Tensor:
        if not isinstance(y, torch.Tensor):
            return bound(x, y)
        return function(x, y) if x.dtype is y.dtype else function(*together(x, y))

    return apply


_greater_of = _extreme(torch.maximum, torch.clamp_min)
_lesser_of = _extreme(torch.minimum, torch.clamp_max)


def _of_floats(function: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Any], torch.Tensor]:
    return lambda x: function(floating(x))


abs = _unary("abs", torch.abs, "the size of the numbers, without their sign", [-1.0, 2.0], [1.0, 2.0])
square = _unary("square", torch.square, "the squares", [-1.0, 3.0], [1.0, 9.0])
sqrt = _unary(
    "sqrt",
    _of_floats(lambda x: x.clamp(min=0).sqrt()),
    "the square roots; those of negative numbers are 0",
    [4.0, -1.0],
    [2.0, 0.0],
)
exp = _unary("exp", torch.exp, "the exponentials", [0.0], [1.0])
log = _unary("log", torch.log, "the natural logarithms", [1.0], [0.0])
round = _unary(
    "round", torch.round, "the nearest integers, the even one of two", [0.5, 1.5, 1.7], [0.0, 2.0, 2.0]
)
sign = _unary(
    "sign", torch.sign, "-1, 0 or 1 as the numbers are negative, zero or positive", [-3.0, 2.0], [-1.0, 1.0]
)
sin = _unary("sin", torch.sin, "the sines", [0.0], [0.0])
cos = _unary("cos", torch.cos, "the cosines", [0.0], [1.0])

sigmoid = _unary("sigmoid", activations.sigmoid, "`1 / (1 + exp(-x))`", [0.0], [0.5])
tanh = _unary("tanh", activations.tanh, "the hyperbolic tangents", [0.0], [0.0])
softplus = _unary("softplus", smooth.softplus, "`log(exp(x) + 1)`", [100.0], [100.0])
softsign = _unary("softsign", smooth.softsign, "`x / (1 + abs(x))`", [1.0], [0.5])
hard_sigmoid = _unary(
    "hard_sigmoid",
    lambda x: (0.2 * x + 0.5).clamp(0, 1),
    "`0.2 * x + 0.5`, at least 0 and at most 1",
    [-3.0, 0.0, 3.0],
    [0.0, 0.5, 1.0],
)

equal = _binary("equal", torch.eq, "whether two numbers are equal", ([1, 2], [1, 3]), [True, False])
not_equal = _binary("not_equal", torch.ne, "whether two numbers differ", ([1, 2], [1, 3]), [False, True])
greater = _binary("greater", torch.gt, "whether `x > y`", ([1, 4], [1, 3]), [False, True])
greater_equal = _binary("greater_equal", torch.ge, "whether `x >= y`", ([1, 2], [1, 3]), [True, False])
less = _binary("less", torch.lt, "whether `x < y`", ([1, 2], [1, 3]), [False, True])
less_equal = _binary("less_equal", torch.le, "whether `x <= y`", ([1, 4], [1, 3]), [True, False])
maximum = _binary("maximum", _greater_of, "the greater of two numbers", ([1, 4], [2, 3]), [2, 4])
minimum = _binary("minimum", _lesser_of, "the lesser of two numbers", ([1, 4], [2, 3]), [1, 3])


@op("keras.backend")
def pow(x: Any, a: Any) -> Any:
    """Returns the powers `x ** a`, number by number.

    Args:
        x: a tensor, array, list or number.
        a: the exponent, a number or a tensor whose shape broadcasts with that of `x`.

    Returns:
        A tensor.

    Example:
        >>> pow([1.0, 3.0], 2).tolist()
        [1.0, 9.0]

    Source: `keras.backend.pow` of Keras 2.
    """
    return torch.pow(*pair(x, a))


@op("keras.backend")
def clip(x: Any, min_value: Any = None, max_value: Any = None) -> Any:
    """Returns the numbers with those out of bounds moved to the bounds.

    Args:
        x: a tensor, array, list or number.
        min_value: the lower bound; None for none.
        max_value: the upper bound; None for none. One below the lower bound counts as that.

    Returns:
        A tensor.

    Example:
        >>> clip([-2.0, 0.5, 3.0], 0.0, 1.0).tolist()
        [0.0, 0.5, 1.0]

    Source: `keras.backend.clip` of Keras 2, `torch.clamp`.
    """
    x = tensor(x)
    if isinstance(min_value, (int, float)) and isinstance(max_value, (int, float)):
        return x.clamp(min_value, max_value if max_value > min_value else min_value)
    if min_value is not None:
        x = _greater_of(*pair(x, min_value))
    return x if max_value is None else _lesser_of(*pair(x, max_value))


@op("keras.backend")
def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Returns the numbers above a threshold, and little or nothing of those below.

    Args:
        x: a tensor, array, list or number.
        alpha: what numbers below the threshold are multiplied by, after it has been subtracted.
        max_value: the greatest result; None for no limit.
        threshold: where the results begin.

    Returns:
        A tensor.

    Example:
        >>> relu([-1.0, 2.0, 9.0], alpha=0.5, max_value=6.0).tolist()
        [-0.5, 2.0, 6.0]

    Source: `keras.backend.relu` of Keras 2.
    """
    return activations.relu(tensor(x), alpha, max_value, threshold)


@op("keras.backend")
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Returns positive numbers, and `alpha * (exp(x) - 1)` for negative ones.

    Args:
        x: a tensor, array, list or number.
        alpha: how far results go below 0.

    Returns:
        A tensor.

    Example:
        >>> elu([0.0, 3.0]).tolist()
        [0.0, 3.0]

    Source: `keras.backend.elu` of Keras 2.
    """
    return smooth.elu(tensor(x), alpha)


@op("keras.backend")
def softmax(x: Any, axis: int = -1) -> Any:
    """Returns positive numbers with the sum 1 along an axis.

    Args:
        x: a tensor, array or list.
        axis: the axis.

    Returns:
        A tensor.

    Example:
        >>> softmax([0.0, 0.0]).tolist()
        [0.5, 0.5]

    Source: `keras.backend.softmax` of Keras 2.
    """
    return activations.softmax(tensor(x), axis)


@op("keras.backend")
def l2_normalize(x: Any, axis: int | None = None) -> Any:
    """Returns the numbers divided by their length along an axis.

    Args:
        x: a tensor, array or list.
        axis: the axis; None takes all numbers together.

    Returns:
        A tensor; zeros stay zeros.

    Example:
        >>> l2_normalize([0.0, 2.0]).tolist()
        [0.0, 1.0]

    Source: `keras.backend.l2_normalize` of Keras 2.
    """
    x = tensor(x)
    return x * x.square().sum(axis, keepdim=True).clamp(min=1e-12).rsqrt()


@op("keras.backend")
def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """Returns the numbers with a share of them set to 0 and the others scaled up.

    Args:
        x: a tensor, array or list.
        level: the share that is set to 0, from 0 up to 1.
        noise_shape: the shape of the pattern, which is broadcast; None takes that of `x`.
        seed: an integer gives the same pattern each time; None another one.

    Returns:
        A tensor.

    Example:
        >>> set(dropout(torch.ones(100), 0.5).tolist()) <= {0.0, 2.0}
        True

    Source: `keras.backend.dropout` of Keras 2.
    """
    return random.dropout(tensor(x), level, noise_shape, seed)
