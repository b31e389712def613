"""Special functions of numbers, and functions that compare numbers or points with one another."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import ShapeError
from kerastorch.ops.base import HALF, floating, indices, op, tensor, together

_EXACT = "donot_use_mm_for_euclid_dist"


@op()
def erf(x: Any) -> Any:
    """Returns the error function, number by number.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> erf([0.0, 10.0]).tolist()
        [0.0, 1.0]

    Source: `keras.ops.erf`, `torch.erf`.
    """
    return torch.erf(x if isinstance(x, torch.Tensor) else tensor(x))


@op()
def erfc(x: Any) -> Any:
    """Returns one less the error function, number by number.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> erfc([0.0, 20.0]).tolist()
        [1.0, 0.0]

    Source: `keras.ops.erfc`, `torch.erfc`.
    """
    return torch.erfc(x if isinstance(x, torch.Tensor) else tensor(x))


@op()
def erfinv(x: Any) -> Any:
    """Returns the inverse of the error function, number by number.

    Args:
        x: a tensor, array, list or number; numbers between -1 and 1.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> erfinv([0.0, 1.0]).tolist()
        [0.0, inf]

    Source: `keras.ops.erfinv`, `torch.erfinv`.
    """
    return torch.erfinv(x if isinstance(x, torch.Tensor) else tensor(x))


@op()
def rsqrt(x: Any) -> Any:
    """Returns one divided by the square root, number by number.

    Args:
        x: a tensor, array, list or number.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> rsqrt([1.0, 4.0]).tolist()
        [1.0, 0.5]

    Source: `keras.ops.rsqrt`, `torch.rsqrt`.
    """
    return torch.rsqrt(x if isinstance(x, torch.Tensor) else tensor(x))


@op()
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Returns the logarithm of the sum of the exponentials, without overflow.

    Args:
        x: a tensor, array, list or number.
        axis: an axis or several; None takes all of them.
        keepdims: whether the axes stay, with length one. Default: False.

    Returns:
        A tensor of floating-point numbers.

    Example:
        >>> round(logsumexp([1000.0, 1000.0]).item(), 2)
        1000.69

    Source: `keras.ops.logsumexp`, `torch.logsumexp`.
    """
    x = x if isinstance(x, torch.Tensor) else tensor(x)
    return torch.logsumexp(x, tuple(range(x.ndim)) if axis is None else axis, keepdims)


@op()
def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """Returns the largest numbers along the last axis, and where they stand.

    Args:
        x: a tensor, array or list.
        k: how many numbers.
        sorted: whether the largest comes first. Default: True.

    Returns:
        A tuple `(values, indices)`.

    Example:
        >>> [x.tolist() for x in top_k([5, 2, 7, 1], 2)]
        [[7, 5], [2, 0]]

    Source: `keras.ops.top_k`, `torch.topk`.
    """
    return torch.topk(x if isinstance(x, torch.Tensor) else tensor(x), k, sorted=sorted)


@op()
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Returns whether the score of the right class is among the largest.

    Args:
        targets: the number of the right class of each sample, integers (batch,).
        predictions: a score for each class, (batch, classes).
        k: how many scores are the largest; those equal to the last of them count as well.

    Returns:
        Truth values, (batch,).

    Example:
        >>> in_top_k([0, 1], [[0.1, 0.9], [0.1, 0.9]], 1).tolist()
        [False, True]

    Source: `keras.ops.in_top_k`, `torch.topk`.
    """
    scores = predictions if isinstance(predictions, torch.Tensor) else tensor(predictions)
    right = torch.gather(scores, -1, indices(targets, scores.device).unsqueeze(-1))
    return (right >= torch.topk(scores, k).values).any(-1)


@op()
def cdist(x: Any, y: Any) -> Any:
    """Returns the Euclidean distance between each two points of two collections.

    Args:
        x: points, (..., m, features).
        y: points, (..., n, features).

    Returns:
        Distances, (..., m, n).

    Raises:
        ShapeError: when the points have not equally many features.

    Example:
        >>> cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]]).tolist()
        [[5.0, 1.0]]

    Source: `keras.ops.cdist`, `torch.cdist`.
    """
    x, y = floating(x), floating(y)
    if x.dtype is not y.dtype:
        x, y = together(x, y)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ShapeError(
            "`cdist` takes tensors of two axes or more whose last axes are equally long. Received shapes: "
            f"{tuple(x.shape)} and {tuple(y.shape)}."
        )
    if x.dtype in HALF:  # for which torch has no `cdist`
        return torch.cdist(x.float(), y.float(), compute_mode=_EXACT).to(x.dtype)
    return torch.cdist(x, y, compute_mode=_EXACT)
