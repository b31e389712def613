"""Crossentropies of predictions, one value for each sample.

Legend: B batch, C classes, `...` any further axes.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core import crossentropy
from kerastorch.errors import ShapeError
from kerastorch.ops.base import floating, indices, like, op

_nn = op("keras.ops.nn")


def _alike(target: Any, output: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and predictions of one shape and type."""
    if not isinstance(output, torch.Tensor) or not output.is_floating_point():
        output = floating(output)
    if not isinstance(target, torch.Tensor) or target.dtype is not output.dtype:
        target = like(target, output)
    if target.shape != output.shape:
        raise ShapeError(
            "Arguments `target` and `output` must have the same shape. "
            f"Received: target.shape={tuple(target.shape)}, output.shape={tuple(output.shape)}."
        )
    return target, output


@_nn
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Returns the crossentropy of each yes-or-no prediction.

    Args:
        target: targets in [0, 1].
        output: predictions of the same shape.
        from_logits: whether they are logits rather than probabilities. Probabilities are kept `epsilon()` away from 0
            and 1.

    Returns:
        A tensor of the same shape.

    Raises:
        ShapeError: when the shapes differ.

    Example:
        >>> [round(v, 4) for v in binary_crossentropy([1.0, 0.0], [0.5, 0.25]).tolist()]
        [0.6931, 0.2877]

    Source: `keras.ops.binary_crossentropy`, `torch.nn.functional.binary_cross_entropy_with_logits`.
    """
    return crossentropy.binary(*_alike(target, output), from_logits)


@_nn
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Returns the crossentropy of class probabilities with one-hot or soft targets.

    Args:
        target: probabilities of the classes, (B, ..., C).
        output: predictions of the same shape.
        from_logits: whether they are logits rather than probabilities. Probabilities are scaled to the sum 1 and kept
            `epsilon()` away from 0 and 1.
        axis: the axis of the classes.

    Returns:
        A tensor (B, ...).

    Raises:
        InvalidArgumentError: when there is no such axis.
        ShapeError: when the shapes differ, or there are no axes.

    Example:
        >>> [round(v, 4) for v in categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).tolist()]
        [0.6931]

    Source: `keras.ops.categorical_crossentropy`, `torch.nn.functional.cross_entropy`.
    """
    target, output = _alike(target, output)
    if not output.ndim:
        raise ShapeError("Arguments `target` and `output` must be at least rank 1.")
    return crossentropy.categorical(target, output, from_logits, axis)


@_nn
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Returns the crossentropy of class probabilities with class numbers as targets.

    Args:
        target: class numbers, (B, ...) or with the axis of the classes of length one.
        output: predictions, (B, ..., C).
        from_logits: whether they are logits rather than probabilities. Probabilities are scaled to the sum 1 and kept
            `epsilon()` away from 0 and 1.
        axis: the axis of the classes.

    Returns:
        A tensor (B, ...).

    Raises:
        InvalidArgumentError: when a target is no class number (on a CPU; a GPU stops with torch's own error).
        ShapeError: when the shapes do not fit.

    Example:
        >>> [round(v, 4) for v in sparse_categorical_crossentropy([1], [[0.5, 0.5]]).tolist()]
        [0.6931]

    Source: `keras.ops.sparse_categorical_crossentropy`, `torch.nn.functional.cross_entropy`.
    """
    if not isinstance(output, torch.Tensor) or not output.is_floating_point():
        output = floating(output)
    labels = indices(target, output.device)
    if axis != -1 or labels.shape != output.shape[:-1]:
        labels = _fitting(labels, output, axis)
    return crossentropy.sparse(labels, output, from_logits, axis)


def _fitting(labels: torch.Tensor, output: torch.Tensor, axis: int) -> torch.Tensor:
    """Labels of the shape of the output without its classes; their own axis of length one goes."""
    if not -output.ndim <= axis < output.ndim:
        raise ShapeError(
            f"Argument `output` has no axis {axis}. Received: output.shape={tuple(output.shape)}."
        )
    if labels.ndim == output.ndim and labels.shape[axis] == 1:
        labels = labels.squeeze(axis)
    place = axis % output.ndim
    if labels.shape != output.shape[:place] + output.shape[place + 1 :]:
        raise ShapeError(
            "Arguments `target` and `output` must have the same shape up until the last dimension. "
            f"Received: target.shape={tuple(labels.shape)}, output.shape={tuple(output.shape)}."
        )
    return labels
