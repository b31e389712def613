"""Functions with gradients of their own, and the name of sparse gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.utils.checkpoint

from kerastorch.ops.core.gradients import with_own_gradient


def custom_gradient(f: Callable) -> Callable:
    """Makes a function use the gradient that it returns next to its result.

    Args:
        f: a function of tensors that returns `(result, gradient_function)`; the latter takes the gradients of the
            results and returns those of the arguments. Gradients of variables used inside are not passed on.

    Returns:
        A function of the same arguments that returns the result only.

    Example:
        >>> @custom_gradient
        ... def clipped(x):
        ...     return x * 10.0, lambda upstream: torch.clamp(upstream, -1.0, 1.0)
        >>> x = torch.tensor(2.0, requires_grad=True)
        >>> torch.autograd.grad(clipped(x) * 5.0, x)
        (tensor(1.),)

    Source: `tf.custom_gradient`, `torch.autograd.Function`
    """
    return with_own_gradient(f, lambda gradient, args, upstream: gradient(*upstream))


def recompute_grad(f: Callable) -> Callable:
    """Makes a function compute its inner values again for the gradient, to save memory.

    Args:
        f: a function of tensors.

    Returns:
        A function of the same arguments.

    Example:
        >>> recompute_grad(torch.square)(torch.tensor(3.0))
        tensor(9.)

    Source: `tf.recompute_grad`, `torch.utils.checkpoint.checkpoint`
    """

    def decorated(*args: Any, **kwargs: Any) -> Any:
        return torch.utils.checkpoint.checkpoint(f, *args, use_reentrant=False, **kwargs)

    return decorated


class IndexedSlices:
    """The name of TensorFlow's sparse gradients, for `isinstance`: gradients are dense tensors here.

    Args:
        values: the rows.
        indices: the number of each row.
        dense_shape: the shape of the whole. Default: None.

    Example:
        >>> isinstance(torch.ones(2), IndexedSlices)
        False

    Source: `tf.IndexedSlices`
    """

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape
