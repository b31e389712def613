"""The activation functions that are unbounded above, other than the relu family."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from kerastorch.activations.functions import as_input
from kerastorch.registry import builtin

_activation = builtin("keras.activations")


@_activation
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Returns x where it is positive and `alpha * (exp(x) - 1)` elsewhere.

    Args:
        x: a tensor of any shape.
        alpha: minus the limit for very negative x.

    Example:
        >>> elu(torch.tensor([0.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: `keras.activations.elu`, `torch.nn.functional.elu`; Clevert et al., 2016.
    """
    return F.elu(as_input(x), alpha)


@_activation
def selu(x: Any) -> Any:
    """Returns 1.0507 times the `elu` with `alpha` 1.6733, which keeps mean and variance from layer to layer.

    Args:
        x: a tensor of any shape.

    Example:
        >>> round(selu(torch.ones(1)).item(), 4)
        1.0507

    Source: `keras.activations.selu`, `torch.nn.functional.selu`; Klambauer et al., 2017.
    """
    return F.selu(as_input(x))


@_activation
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Returns x where it is positive and `alpha * (exp(x / alpha) - 1)` elsewhere.

    Args:
        x: a tensor of any shape.
        alpha: minus the limit for very negative x.

    Example:
        >>> celu(torch.tensor([0.0, 2.0])).tolist()
        [0.0, 2.0]

    Source: `keras.activations.celu`, `torch.nn.functional.celu`; Barron, 2017.
    """
    return F.celu(as_input(x), alpha)


@_activation
def gelu(x: Any, approximate: bool = False) -> Any:
    """Returns x times the share of a standard normal distribution that lies below x.

    Args:
        x: a tensor of any shape.
        approximate: whether to use the formula with `tanh` in place of the exact one.

    Example:
        >>> round(gelu(torch.ones(1)).item(), 4)
        0.8413

    Source: `keras.activations.gelu`, `torch.nn.functional.gelu`; Hendrycks and Gimpel, 2016.
    """
    return F.gelu(as_input(x), approximate="tanh" if approximate else "none")


@builtin("keras.activations", "swish")
def silu(x: Any) -> Any:
    """Returns `x * sigmoid(x)`, also called swish.

    Args:
        x: a tensor of any shape.

    Example:
        >>> round(silu(torch.ones(1)).item(), 4)
        0.7311

    Source: `keras.activations.silu`, `torch.nn.functional.silu`; Ramachandran et al., 2017.
    """
    return F.silu(as_input(x))


@builtin("keras.activations", "hard_swish")
def hard_silu(x: Any) -> Any:
    """Returns `x * hard_sigmoid(x)`, also called hard swish.

    Args:
        x: a tensor of any shape.

    Example:
        >>> hard_silu(torch.tensor([-3.0, 0.0, 3.0])).tolist()
        [-0.0, 0.0, 3.0]

    Source: `keras.activations.hard_silu`, `torch.nn.functional.hardswish`; Howard et al., 2019.
    """
    return F.hardswish(as_input(x))


@_activation
def mish(x: Any) -> Any:
    """Returns `x * tanh(softplus(x))`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> round(mish(torch.ones(1)).item(), 4)
        0.8651

    Source: `keras.activations.mish`, `torch.nn.functional.mish`; Misra, 2019.
    """
    return F.mish(as_input(x))


@_activation
def softplus(x: Any) -> Any:
    """Returns `log(1 + exp(x))`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> round(softplus(torch.zeros(1)).item(), 4)
        0.6931

    Source: `keras.activations.softplus`, `torch.nn.functional.softplus`.
    """
    return F.softplus(as_input(x))


@_activation
def softsign(x: Any) -> Any:
    """Returns `x / (1 + abs(x))`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> softsign(torch.ones(1)).tolist()
        [0.5]

    Source: `keras.activations.softsign`, `torch.nn.functional.softsign`.
    """
    return F.softsign(as_input(x))


@_activation
def sparse_plus(x: Any) -> Any:
    """Returns 0 up to -1, x from 1 on, and `(x + 1)**2 / 4` between.

    Args:
        x: a tensor of any shape.

    Example:
        >>> sparse_plus(torch.tensor([-2.0, 0.0, 2.0])).tolist()
        [0.0, 0.25, 2.0]

    Source: `keras.activations.sparse_plus`.
    """
    x = as_input(x)
    return torch.where(x <= -1, 0.0, torch.where(x < 1, 0.25 * (x + 1) ** 2, x))


@_activation
def squareplus(x: Any, b: float = 4) -> Any:
    """Returns `(x + sqrt(x**2 + b)) / 2`.

    Args:
        x: a tensor of any shape.
        b: how smooth the bend at zero is.

    Example:
        >>> squareplus(torch.zeros(1)).tolist()
        [1.0]

    Source: `keras.activations.squareplus`; Barron, 2021.
    """
    x = as_input(x)
    return (x + torch.sqrt(x**2 + b)) / 2


@_activation
def glu(x: Any, axis: int = -1) -> Any:
    """Returns the first half of x along an axis times the sigmoid of the second half.

    Args:
        x: a tensor whose size along `axis` is even.
        axis: the axis that is halved.

    Example:
        >>> glu(torch.tensor([4.0, 0.0])).tolist()
        [2.0]

    Source: `keras.activations.glu`, `torch.nn.functional.glu`; Dauphin et al., 2016.
    """
    return F.glu(as_input(x), axis)


@_activation
def tanh_shrink(x: Any) -> Any:
    """Returns `x - tanh(x)`.

    Args:
        x: a tensor of any shape.

    Example:
        >>> tanh_shrink(torch.zeros(1)).tolist()
        [0.0]

    Source: `keras.activations.tanh_shrink`, `torch.nn.functional.tanhshrink`.
    """
    return F.tanhshrink(as_input(x))


@_activation
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Returns x moved towards zero by `threshold`, and zero where it is nearer than that.

    Args:
        x: a tensor of any shape.
        threshold: how far x is moved; not negative.

    Example:
        >>> soft_shrink(torch.tensor([-2.0, 0.25, 2.0])).tolist()
        [-1.5, 0.0, 1.5]

    Source: `keras.activations.soft_shrink`, `torch.nn.functional.softshrink`.
    """
    return F.softshrink(as_input(x), threshold)


@_activation
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Returns x where its size is above `threshold`, and zero elsewhere.

    Args:
        x: a tensor of any shape.
        threshold: the largest size that is set to zero.

    Example:
        >>> hard_shrink(torch.tensor([-2.0, 0.25, 2.0])).tolist()
        [-2.0, 0.0, 2.0]

    Source: `keras.activations.hard_shrink`, `torch.nn.functional.hardshrink`.
    """
    return F.hardshrink(as_input(x), threshold)


@_activation
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """Returns x where it is above `threshold`, and `default_value` elsewhere.

    Args:
        x: a tensor of any shape.
        threshold: the largest value that is replaced.
        default_value: what it is replaced by.

    Example:
        >>> threshold(torch.tensor([1.0, 3.0]), 2.0, -1.0).tolist()
        [-1.0, 3.0]

    Source: `keras.activations.threshold`, `torch.nn.functional.threshold`.
    """
    return F.threshold(as_input(x), threshold, default_value)
