"""Lengths of vectors and tensors, and clipping by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kerastorch.compat.tensorflow.operation import as_tensor, integers, operands, operation
from kerastorch.errors import ArgumentTypeError


@operation("tf.linalg")
def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None) -> Any:
    """Returns the norm of vectors or matrices.

    Args:
        tensor: the numbers.
        ord: `"euclidean"`, `"fro"`, 1, 2, infinity or a positive number.
        axis: one axis for vectors, two for matrices; None takes all numbers as one vector.
        keepdims: whether the axes stay, with length one. Default: False.

    Example:
        >>> norm([3.0, 4.0]).tolist(), norm([[3.0, -4.0]], ord=1, axis=1).tolist()
        (5.0, [7.0])

    Source: `tf.norm`, `torch.linalg.norm`
    """
    x, keep = as_tensor(tensor), bool(keepdims)
    axes = None if axis is None else integers(axis)
    if ord in ("euclidean", "fro") or axes is None or len(axes) == 1:
        order = 2 if ord in ("euclidean", "fro") else ord
        return torch.linalg.vector_norm(x, order, axes, keep)
    return torch.linalg.matrix_norm(x, ord, axes, keep)


@operation("tf.linalg")
def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None) -> Any:
    """Returns a tensor divided by its norm, and the norm.

    Args:
        tensor: the numbers.
        ord: the norm, as in `norm`.
        axis: the axes, as in `norm`.

    Returns:
        A tuple `(normalized, norm)`.

    Example:
        >>> normalize([3.0, 4.0])[1].tolist()
        [5.0]

    Source: `tf.linalg.normalize`
    """
    x = as_tensor(tensor)
    length = norm(x, ord, axis, keepdims=True)
    return x / length, length


@operation("tf.linalg")
def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    """Returns a tensor scaled to length one along axes.

    Args:
        x: a float tensor.
        axis: the axes; None takes all of them.
        epsilon: the least value of the squared length. Default: 1e-12.

    Example:
        >>> [round(v, 2) for v in l2_normalize([3.0, 4.0]).tolist()]
        [0.6, 0.8]

    Source: `tf.math.l2_normalize`
    """
    x = as_tensor(x)
    axes = list(range(x.ndim)) if axis is None else integers(axis)
    return x * torch.rsqrt(torch.clamp(torch.sum(x * x, axes, keepdim=True), min=epsilon))


def _tensors(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise ArgumentTypeError(f"Expected a list of tensors. Received: {t_list!r}.")
    return [None if t is None else as_tensor(t) for t in t_list]


@operation("tf.linalg")
def global_norm(t_list: Sequence[Any]) -> Any:
    """Returns the length of several tensors taken as one vector.

    Args:
        t_list: the tensors; None is passed over.

    Raises:
        ArgumentTypeError: when it is no list.

    Example:
        >>> float(global_norm([[3.0], None, [[4.0]]]))
        5.0

    Source: `tf.linalg.global_norm`
    """
    lengths = [torch.linalg.vector_norm(t) for t in _tensors(t_list) if t is not None]
    return torch.linalg.vector_norm(torch.stack(lengths))


@operation()
def clip_by_global_norm(t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None) -> Any:
    """Returns tensors scaled down together so that their common length is at most a limit, and that length.

    Args:
        t_list: the tensors; None stays None.
        clip_norm: the largest length.
        use_norm: the length of the tensors where it is known already.

    Returns:
        A tuple of the list of tensors and the length before clipping.

    Raises:
        ArgumentTypeError: when it is no list.

    Example:
        >>> clipped, length = clip_by_global_norm([[3.0], [4.0]], 1.0)
        >>> [[round(v, 2) for v in t.tolist()] for t in clipped], float(length)
        ([[0.6], [0.8]], 5.0)

    Source: `tf.clip_by_global_norm`
    """
    tensors = _tensors(t_list)
    length = global_norm(tensors) if use_norm is None else as_tensor(use_norm)
    limit = torch.as_tensor(clip_norm, dtype=length.dtype, device=length.device)
    scale = limit / torch.maximum(length, limit)  # NaN where the length is not finite, as in TensorFlow
    scale = torch.where(torch.isfinite(length), scale, float("nan"))
    return [None if t is None else t * scale.to(t.dtype) for t in tensors], length


@operation()
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None) -> Any:
    """Returns a tensor scaled down so that its length is at most a limit.

    Args:
        t: a float tensor.
        clip_norm: the largest length.
        axes: the axes along which lengths are taken; None takes all of them.

    Example:
        >>> [round(v, 2) for v in clip_by_norm([3.0, 4.0], 1.0).tolist()]
        [0.6, 0.8]

    Source: `tf.clip_by_norm`
    """
    t, limit = operands(t, clip_norm)
    length = torch.linalg.vector_norm(t, 2, None if axes is None else integers(axes), True)
    return t * limit / torch.maximum(length, limit)
