"""The activation functions, each as few torch calls as its formula needs.

They call torch functions on their argument and nothing else, so that symbolic tensors, `torch.fx` proxies and compiled
code pass through. NumPy arrays, lists and numbers are made into tensors first.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch.compiler import is_compiling

from kerastorch.core.arrays import as_tensor
from kerastorch.core.devices import current_device
from kerastorch.core.logits import remember_logits
from kerastorch.errors import InvalidArgumentError
from kerastorch.registry import builtin

_activation = builtin("keras.activations")


def as_input(x: Any) -> Any:
    """Returns the argument itself where torch functions take it, else a tensor made from it."""
    return x if hasattr(x, "__torch_function__") else as_tensor(x, device=current_device())


@_activation
def linear(x: Any) -> Any:
    """Returns its argument.

    Args:
        x: a tensor of any shape.

    Example:
        >>> linear(3.0)
        3.0

    Source: `keras.activations.linear`.
    """
    return x


@_activation
def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
    alpha: float | None = None,
) -> Any:
    """Returns `max(x, 0)`, with an optional slope below, limit above and threshold.

    Args:
        x: a tensor of any shape.
        negative_slope: the slope below `threshold`.
        max_value: the largest value of the result; None sets no limit.
        threshold: values up to it give `negative_slope * (x - threshold)`.
        alpha: Keras 2's name of `negative_slope`.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: when both `alpha` and `negative_slope` are given.

    Example:
        >>> relu([-2.0, 3.0]).tolist()
        [0.0, 3.0]

    Source: `keras.activations.relu`, `torch.relu`.
    """
    if negative_slope == 0.0 and max_value is None and threshold == 0.0 and alpha is None:
        return torch.relu(x if hasattr(x, "__torch_function__") else as_input(x))
    if alpha is not None:
        if negative_slope not in (0.0, alpha):
            raise InvalidArgumentError(
                "`alpha` is the older name of `negative_slope`: give one of them. "
                f"Received: alpha={alpha}, negative_slope={negative_slope}."
            )
        negative_slope = alpha
    return _general_relu(as_input(x), negative_slope, max_value, threshold)


def _general_relu(x: Any, negative_slope: float, max_value: float | None, threshold: float) -> Any:
    if max_value is None and threshold == 0.0:
        return F.leaky_relu(x, negative_slope)
    if threshold == 0.0 and max_value == 6:
        upper = F.relu6(x)
    elif threshold == 0.0:  # relu first: its gradient at zero is zero
        upper = torch.relu(x) if max_value is None else torch.clamp(torch.relu(x), max=max_value)
    else:
        upper = torch.where(x > threshold, x, 0.0)
        upper = upper if max_value is None else torch.clamp(upper, 0.0, max_value)
    return upper if negative_slope == 0.0 else upper - negative_slope * torch.relu(threshold - x)


@_activation
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """Returns x where it is positive and `negative_slope * x` elsewhere.

    Args:
        x: a tensor of any shape.
        negative_slope: the slope below zero.

    Example:
        >>> leaky_relu(torch.tensor([-10.0, 3.0])).tolist()
        [-2.0, 3.0]

    Source: `keras.activations.leaky_relu`, `torch.nn.functional.leaky_relu`.
    """
    return F.leaky_relu(as_input(x), negative_slope)


@_activation
def relu6(x: Any) -> Any:
    """Returns x cut off at 0 and 6.

    Args:
        x: a tensor of any shape.

    Example:
        >>> relu6(torch.tensor([-1.0, 3.0, 9.0])).tolist()
        [0.0, 3.0, 6.0]

    Source: `keras.activations.relu6`, `torch.nn.functional.relu6`.
    """
    return F.relu6(as_input(x))


def _over_axes(x: Any, axis: tuple[int, ...] | None) -> Any:
    """The log-softmax over several axes, or over all of them."""
    return x - torch.logsumexp(x, tuple(range(x.ndim)) if axis is None else tuple(axis), keepdim=True)


@_activation
def softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Any:
    """Returns `exp(x) / sum(exp(x))`: positive numbers that sum to one along an axis.

    The result carries its logits, from which the crossentropy losses compute exactly.

    Args:
        x: a float tensor of any shape.
        axis: the axis, or axes, over which the sum runs; None takes all of them.

    Returns:
        A tensor of the shape of `x`.

    Example:
        >>> softmax(torch.zeros(1, 4)).tolist()
        [[0.25, 0.25, 0.25, 0.25]]

    Source: `keras.activations.softmax`, `torch.softmax`.
    """
    x = x if hasattr(x, "__torch_function__") else as_input(x)
    if not isinstance(axis, int):
        return torch.exp(_over_axes(x, axis))
    output = torch.softmax(x, axis)
    if type(output) is torch.Tensor and (axis == -1 or axis == output.ndim - 1) and not is_compiling():
        remember_logits(output, x, "softmax")
    return output


@_activation
def log_softmax(x: Any, axis: int | tuple[int, ...] | None = -1) -> Any:
    """Returns the logarithm of the softmax, computed without overflow.

    Args:
        x: a float tensor of any shape.
        axis: the axis, or axes, over which the sum runs; None takes all of them.

    Example:
        >>> log_softmax(torch.zeros(1, 1)).tolist()
        [[0.0]]

    Source: `keras.activations.log_softmax`, `torch.log_softmax`.
    """
    x = as_input(x)
    return torch.log_softmax(x, axis) if isinstance(axis, int) else _over_axes(x, axis)


@_activation
def sigmoid(x: Any) -> Any:
    """Returns `1 / (1 + exp(-x))`.

    The result carries its logits, from which the crossentropy losses compute exactly.

    Args:
        x: a tensor of any shape.

    Example:
        >>> sigmoid(torch.zeros(1)).tolist()
        [0.5]

    Source: `keras.activations.sigmoid`, `torch.sigmoid`.
    """
    x = x if hasattr(x, "__torch_function__") else as_input(x)
    output = torch.sigmoid(x)
    if type(output) is torch.Tensor and not is_compiling():
        remember_logits(output, x, "sigmoid")
    return output


@_activation
def log_sigmoid(x: Any) -> Any:
    """Returns `log(1 / (1 + exp(-x)))`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> round(log_sigmoid(torch.zeros(1)).item(), 4)
        -0.6931

    Source: `keras.activations.log_sigmoid`, `torch.nn.functional.logsigmoid`.
    """
    return F.logsigmoid(as_input(x))


@_activation
def hard_sigmoid(x: Any) -> Any:
    """Returns `x / 6 + 0.5` cut off at 0 and 1, as Keras 3 defines it (Keras 2 had the slope 0.2).

    Args:
        x: a tensor of any shape.

    Example:
        >>> hard_sigmoid(torch.tensor([-3.0, 0.0, 3.0])).tolist()
        [0.0, 0.5, 1.0]

    Source: `keras.activations.hard_sigmoid`, `torch.nn.functional.hardsigmoid`.
    """
    return F.hardsigmoid(as_input(x))


@_activation
def hard_sigmoid_of_keras_2(x: Any) -> Any:
    """Returns `0.2 * x + 0.5` cut off at 0 and 1, which models in files of Keras 1 and 2 call `hard_sigmoid`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> hard_sigmoid_of_keras_2(torch.tensor([-3.0, 0.0, 3.0])).tolist()
        [0.0, 0.5, 1.0]

    Source: `tf_keras.activations.hard_sigmoid`.
    """
    return (0.2 * as_input(x) + 0.5).clamp(0, 1)


@_activation
def sparse_sigmoid(x: Any) -> Any:
    """Returns `(x + 1) / 2` cut off at 0 and 1.

    Args:
        x: a tensor of any shape.

    Example:
        >>> sparse_sigmoid(torch.tensor([-2.0, 0.0, 2.0])).tolist()
        [0.0, 0.5, 1.0]

    Source: `keras.activations.sparse_sigmoid`; Blondel et al., 2019.
    """
    x = as_input(x)
    return torch.where(x <= -1, 0.0, torch.where(x >= 1, 1.0, 0.5 * (x + 1)))


@_activation
def tanh(x: Any) -> Any:
    """Returns the hyperbolic tangent.

    Args:
        x: a tensor of any shape.

    Example:
        >>> tanh(torch.zeros(1)).tolist()
        [0.0]

    Source: `keras.activations.tanh`, `torch.tanh`.
    """
    return torch.tanh(as_input(x))


@_activation
def hard_tanh(x: Any) -> Any:
    """Returns x cut off at -1 and 1.

    Args:
        x: a tensor of any shape.

    Example:
        >>> hard_tanh(torch.tensor([-2.0, 0.5, 2.0])).tolist()
        [-1.0, 0.5, 1.0]

    Source: `keras.activations.hard_tanh`, `torch.nn.functional.hardtanh`.
    """
    return F.hardtanh(as_input(x))


@_activation
def exponential(x: Any) -> Any:
    """Returns `exp(x)`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> exponential(torch.zeros(1)).tolist()
        [1.0]

    Source: `keras.activations.exponential`, `torch.exp`.
    """
    return torch.exp(as_input(x))


@_activation
def sparsemax(x: Any, axis: int = -1) -> Any:
    """Returns the point of the probability simplex nearest to x: a softmax with exact zeros.

    Args:
        x: a float tensor of any shape.
        axis: the axis along which the result sums to one.

    Example:
        >>> sparsemax(torch.tensor([[2.0, 0.0, 0.0]])).tolist()
        [[1.0, 0.0, 0.0]]

    Source: `keras.activations.sparsemax`; Martins and Astudillo, 2016.
    """
    x = as_input(x)
    ordered = torch.sort(x, dim=axis, descending=True)[0]
    sums = torch.cumsum(ordered, dim=axis)
    ranks = torch.cumsum(torch.ones_like(x), dim=axis)
    support = ordered - (sums - 1) / ranks > 0
    size = torch.sum(support, dim=axis, keepdim=True)
    total = torch.sum(torch.where(support, ordered, 0.0), dim=axis, keepdim=True)
    return torch.clamp(x - (total - 1) / size, min=0.0)
