"""Activation functions."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.compat.tensorflow.operation import as_tensor, integer, operation
from kerastorch.compat.tensorflow.pointwise import unary

relu = unary(
    "relu",
    torch.relu,
    "the number, 0 where it is negative",
    [-2.0, 3.0],
    [0.0, 3.0],
    "tf.nn",
    argument="features",
)
relu6 = unary(
    "relu6", F.relu6, "the number cut off at 0 and 6", [-2.0, 8.0], [0.0, 6.0], "tf.nn", argument="features"
)
elu = unary(
    "elu",
    F.elu,
    "`x`, `exp(x) - 1` where it is negative",
    [0.0, 8.0],
    [0.0, 8.0],
    "tf.nn",
    argument="features",
)
selu = unary("selu", torch.selu, "the scaled `elu`", [0.0], [0.0], "tf.nn", argument="features")
softsign = unary("softsign", F.softsign, "`x / (1 + abs(x))`", [1.0], [0.5], "tf.nn", argument="features")


@operation("tf.nn")
def leaky_relu(features: Any, alpha: float = 0.2) -> Any:
    """Returns the number where it is positive and `alpha` times it elsewhere.

    Args:
        features: a float tensor.
        alpha: the slope below zero. Default: 0.2.

    Example:
        >>> leaky_relu([-10.0, 3.0]).tolist()
        [-2.0, 3.0]

    Source: `tf.nn.leaky_relu`
    """
    return F.leaky_relu(as_tensor(features), alpha)


@operation("tf.nn")
def gelu(features: Any, approximate: bool = False) -> Any:
    """Returns the number times the normal distribution function of it.

    Args:
        features: a float tensor.
        approximate: whether to compute it with `tanh`. Default: False.

    Example:
        >>> gelu([0.0]).tolist()
        [0.0]

    Source: `tf.nn.gelu`
    """
    return F.gelu(as_tensor(features), approximate="tanh" if approximate else "none")


@operation("tf.nn")
def silu(features: Any, beta: float = 1.0) -> Any:
    """Returns the number times the sigmoid of `beta` times it.

    Args:
        features: a float tensor.
        beta: the factor within the sigmoid. Default: 1.

    Example:
        >>> silu([0.0]).tolist()
        [0.0]

    Source: `tf.nn.silu`
    """
    x = as_tensor(features)
    return F.silu(x) if isinstance(beta, float) and beta == 1.0 else x * torch.sigmoid(beta * x)


swish = silu


@operation("tf.nn")
def softmax(logits: Any, axis: Any = None) -> Any:
    """Returns probabilities in proportion to `exp(logits)` along an axis.

    Args:
        logits: a float tensor.
        axis: the axis. Default: the last.

    Example:
        >>> softmax([0.0, 0.0]).tolist()
        [0.5, 0.5]

    Source: `tf.nn.softmax`, `torch.softmax`
    """
    return torch.softmax(as_tensor(logits), -1 if axis is None else integer(axis))


@operation("tf.nn")
def log_softmax(logits: Any, axis: Any = None) -> Any:
    """Returns the logarithm of the softmax along an axis.

    Args:
        logits: a float tensor.
        axis: the axis. Default: the last.

    Example:
        >>> log_softmax([5.0]).tolist()
        [0.0]

    Source: `tf.nn.log_softmax`, `torch.log_softmax`
    """
    return torch.log_softmax(as_tensor(logits), -1 if axis is None else integer(axis))


@operation("tf.nn")
def crelu(features: Any, axis: int = -1) -> Any:
    """Returns the positive part and the negative part side by side.

    Args:
        features: a float tensor.
        axis: the axis along which they are joined. Default: the last.

    Example:
        >>> crelu([-2.0, 3.0]).tolist()
        [0.0, 3.0, 2.0, 0.0]

    Source: `tf.nn.crelu`
    """
    x = as_tensor(features)
    return torch.relu(torch.cat([x, -x], axis))
