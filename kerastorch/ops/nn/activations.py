"""The activation functions: those of `keras.activations`, with the arguments and defaults of `keras.ops`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.activations import functions, smooth
from kerastorch.errors import InvalidArgumentError
from kerastorch.ops.base import axes, op, tensor

_nn = op("keras.ops.nn")

_DOC = """Returns {what}, number by number.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> [round(y, 4) for y in {name}([-2.0, 0.0, 8.0]).tolist()]
        {result}

    Source: `keras.ops.{name}`, `{source}`.
    """


def _activation(function: Callable, what: str, result: list[float], source: str = "") -> Callable[[Any], Any]:
    """A function of one argument, from an activation; its docstring shows what it makes of -2, 0 and 8."""

    def apply(x: Any) -> torch.Tensor:
        return function(x if isinstance(x, torch.Tensor) else tensor(x))

    name = apply.__name__ = apply.__qualname__ = function.__name__
    source = source or f"torch.nn.functional.{name}"
    apply.__doc__ = _DOC.format(what=what, name=name, result=result, source=source)
    return _nn(apply)


relu = _activation(functions.relu, "`max(x, 0)`", [0.0, 0.0, 8.0], "torch.relu")
relu6 = _activation(functions.relu6, "x cut off at 0 and 6", [0.0, 0.0, 6.0])
sigmoid = _activation(
    functions.sigmoid,
    "`1 / (1 + exp(-x))`",
    [0.1192, 0.5, 0.9997],
    "torch.sigmoid",
)
hard_sigmoid = _activation(
    functions.hard_sigmoid,
    "`x / 6 + 0.5` cut off at 0 and 1",
    [0.1667, 0.5, 1.0],
    "torch.nn.functional.hardsigmoid",
)
sparse_sigmoid = _activation(
    functions.sparse_sigmoid,
    "`(x + 1) / 2` cut off at 0 and 1",
    [0.0, 0.5, 1.0],
    "keras.activations.sparse_sigmoid",
)
log_sigmoid = _activation(
    functions.log_sigmoid,
    "the logarithm of the sigmoid",
    [-2.1269, -0.6931, -0.0003],
    "torch.nn.functional.logsigmoid",
)
hard_tanh = _activation(
    functions.hard_tanh, "x cut off at -1 and 1", [-1.0, 0.0, 1.0], "torch.nn.functional.hardtanh"
)
tanh_shrink = _activation(
    smooth.tanh_shrink,
    "`x - tanh(x)`",
    [-1.036, 0.0, 7.0],
    "torch.nn.functional.tanhshrink",
)
silu = _activation(smooth.silu, "`x * sigmoid(x)`, also called swish", [-0.2384, 0.0, 7.9973])
hard_silu = _activation(
    smooth.hard_silu,
    "`x * hard_sigmoid(x)`, also called hard swish",
    [-0.3333, 0.0, 8.0],
    "torch.nn.functional.hardswish",
)
selu = _activation(smooth.selu, "1.0507 times the `elu` with `alpha` 1.6733", [-1.5202, 0.0, 8.4056])
softplus = _activation(smooth.softplus, "`log(1 + exp(x))`", [0.1269, 0.6931, 8.0003])
softsign = _activation(smooth.softsign, "`x / (1 + abs(x))`", [-0.6667, 0.0, 0.8889])
sparse_plus = _activation(
    smooth.sparse_plus,
    "0 up to -1, x from 1 on, and `(x + 1)**2 / 4` between",
    [0.0, 0.25, 8.0],
    "keras.activations.sparse_plus",
)


@_nn
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """Returns x where it is positive and `negative_slope * x` elsewhere.

    Args:
        x: a tensor, array, list or number.
        negative_slope: the slope below zero.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> leaky_relu([-10.0, 3.0]).tolist()
        [-2.0, 3.0]

    Source: `keras.ops.leaky_relu`, `torch.nn.functional.leaky_relu`.
    """
    return functions.leaky_relu(x if isinstance(x, torch.Tensor) else tensor(x), negative_slope)


@_nn
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Returns x where it is positive and `alpha * (exp(x) - 1)` elsewhere.

    Args:
        x: a tensor, array, list or number.
        alpha: minus the limit for very negative x.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> elu([0.0, 2.0]).tolist()
        [0.0, 2.0]

    Source: `keras.ops.elu`, `torch.nn.functional.elu`.
    """
    return smooth.elu(x if isinstance(x, torch.Tensor) else tensor(x), alpha)


@_nn
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Returns x where it is positive and `alpha * (exp(x / alpha) - 1)` elsewhere.

    Args:
        x: a tensor, array, list or number.
        alpha: minus the limit for very negative x.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> celu([0.0, 2.0]).tolist()
        [0.0, 2.0]

    Source: `keras.ops.celu`, `torch.nn.functional.celu`.
    """
    return smooth.celu(x if isinstance(x, torch.Tensor) else tensor(x), alpha)


@_nn
def gelu(x: Any, approximate: bool = True) -> Any:
    """Returns x times the share of a standard normal distribution that lies below x.

    Args:
        x: a tensor, array, list or number.
        approximate: whether to use the formula with `tanh`, the default here, in place of the exact one.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> round(gelu(1.0).item(), 4), round(gelu(1.0, approximate=False).item(), 4)
        (0.8412, 0.8413)

    Source: `keras.ops.gelu`, `torch.nn.functional.gelu`.
    """
    return smooth.gelu(x if isinstance(x, torch.Tensor) else tensor(x), approximate)


@_nn
def glu(x: Any, axis: int = -1) -> Any:
    """Returns the first half of x along an axis times the sigmoid of the second half.

    Args:
        x: a tensor, array or list.
        axis: the axis, whose size must be even.

    Returns:
        A tensor with half the size along `axis`.

    Raises:
        InvalidArgumentError: when the size is odd, or there is no such axis.

    Example:
        >>> glu([4.0, 0.0]).tolist()
        [2.0]

    Source: `keras.ops.glu`, `torch.nn.functional.glu`.
    """
    return smooth.glu(x if isinstance(x, torch.Tensor) else tensor(x), axis)


@_nn
def squareplus(x: Any, b: float = 4) -> Any:
    """Returns `(x + sqrt(x**2 + b)) / 2`.

    Args:
        x: a tensor, array, list or number.
        b: how smooth the bend is at zero.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> squareplus([-1.5, 0.0, 1.5]).tolist()
        [0.5, 1.0, 2.0]

    Source: `keras.ops.squareplus`; Barron, 2021.
    """
    return smooth.squareplus(x if isinstance(x, torch.Tensor) else tensor(x), b)


@_nn
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Returns x moved towards zero by `threshold`, and zero where it is nearer than that.

    Args:
        x: a tensor, array, list or number.
        threshold: the distance, not negative.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> soft_shrink([-2.0, 0.25, 2.0]).tolist()
        [-1.5, 0.0, 1.5]

    Source: `keras.ops.soft_shrink`, `torch.nn.functional.softshrink`.
    """
    return smooth.soft_shrink(x if isinstance(x, torch.Tensor) else tensor(x), threshold)


@_nn
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Returns x where its size is above `threshold`, and zero elsewhere.

    Args:
        x: a tensor, array, list or number.
        threshold: the largest size that becomes zero.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> hard_shrink([-2.0, 0.25, 2.0]).tolist()
        [-2.0, 0.0, 2.0]

    Source: `keras.ops.hard_shrink`, `torch.nn.functional.hardshrink`.
    """
    return smooth.hard_shrink(x if isinstance(x, torch.Tensor) else tensor(x), threshold)


@_nn
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """Returns x where it is above `threshold`, and `default_value` elsewhere.

    Args:
        x: a tensor, array, list or number.
        threshold: the largest number that is replaced.
        default_value: what replaces it.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> threshold([-1.0, 1.0, 2.0], 1.0, 9.0).tolist()
        [9.0, 9.0, 2.0]

    Source: `keras.ops.threshold`, `torch.nn.functional.threshold`.
    """
    return smooth.threshold(x if isinstance(x, torch.Tensor) else tensor(x), threshold, default_value)


def _size(x: torch.Tensor, axis: int) -> int:
    """The size of an axis that must be there: shapes of symbolic tensors are found without looking for it."""
    try:
        return x.shape[axis]
    except IndexError as error:
        raise InvalidArgumentError(
            f"axis {axis} is out of bounds for a tensor of shape {tuple(x.shape)}."
        ) from error


@_nn
def softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Any:
    """Returns `exp(x) / sum(exp(x))`: positive numbers that sum to one along an axis.

    Args:
        x: a float tensor, array or list.
        axis: the axis, or axes, over which the sum runs; None takes all of them.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: when there is no such axis.

    Example:
        >>> softmax([[0.0, 0.0], [0.0, 0.0]], axis=(0, 1)).tolist()
        [[0.25, 0.25], [0.25, 0.25]]

    Source: `keras.ops.softmax`, `torch.softmax`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if not isinstance(axis, int):
        return functions.softmax(x, axes(axis, x.ndim))
    if x.ndim and _size(x, axis) == 1:
        warnings.warn(
            f"You are using a softmax over axis {axis} of a tensor of shape {tuple(x.shape)}. This axis has size 1. "
            "The softmax operation will always return the value 1, which is likely not what you intended. "
            "Did you mean to use a sigmoid instead?",
            stacklevel=3,
        )
    return functions.softmax(x, axis)


@_nn
def log_softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Any:
    """Returns the logarithm of the softmax, computed without overflow.

    Args:
        x: a float tensor, array or list.
        axis: the axis, or axes, over which the sum runs; None takes all of them.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: when there is no such axis.

    Example:
        >>> log_softmax([0.0]).tolist()
        [0.0]

    Source: `keras.ops.log_softmax`, `torch.log_softmax`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    if not isinstance(axis, int):
        return functions.log_softmax(x, axes(axis, x.ndim))
    if x.ndim:
        _size(x, axis)
    return functions.log_softmax(x, axis)


@_nn
def sparsemax(x: Any, axis: int = -1) -> Any:
    """Returns the point of the probability simplex nearest to x: a softmax with exact zeros.

    Args:
        x: a float tensor, array or list.
        axis: the axis along which the result sums to one.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: when there is no such axis.

    Example:
        >>> sparsemax([2.0, 0.0, 0.0]).tolist()
        [1.0, 0.0, 0.0]

    Source: `keras.ops.sparsemax`; Martins and Astudillo, 2016.
    """
    return functions.sparsemax(x if isinstance(x, torch.Tensor) else tensor(x), axis)
