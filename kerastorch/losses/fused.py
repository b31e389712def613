"""The mean of a loss over a whole batch in as few torch calls as possible.

Without weights, masks and ignored classes, Keras's mean over samples of means per sample is the mean over all values,
which torch computes in one call for the common losses. Each function here takes float tensors of one type (class
numbers of any type for the sparse crossentropy) and gives what `function(y_true, y_pred).mean()` gives.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from kerastorch.core.crossentropy import NO_LABEL, binary_from_probabilities, class_logits
from kerastorch.core.logits import logits_of
from kerastorch.losses import crossentropy, functional
from kerastorch.losses.inputs import check_shapes, squeeze_or_expand_to_same_rank


def _paired(name: str, y_true: torch.Tensor, y_pred: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and predictions of different shapes, made equal."""
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
    if y_true.shape == y_pred.shape:
        return y_true, y_pred
    check_shapes(name, y_true.shape, y_pred.shape)
    y_true, y_pred = torch.broadcast_tensors(y_true, y_pred)
    return y_true, y_pred


def squared_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean squared error over all values."""
    if y_true.shape != y_pred.shape:
        y_true, y_pred = _paired("mean_squared_error", y_true, y_pred)
    return F.mse_loss(y_pred, y_true)


def absolute_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean absolute error over all values."""
    if y_true.shape != y_pred.shape:
        y_true, y_pred = _paired("mean_absolute_error", y_true, y_pred)
    return F.l1_loss(y_pred, y_true)


def huber(y_true: torch.Tensor, y_pred: torch.Tensor, delta: float = 1.0) -> torch.Tensor:
    """Returns the mean Huber loss over all values."""
    if y_true.shape != y_pred.shape:
        y_true, y_pred = _paired("huber", y_true, y_pred)
    return F.huber_loss(y_pred, y_true, delta=delta)


def binary(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the mean binary crossentropy over all values; the axis makes no difference."""
    if y_true.shape != y_pred.shape:
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        check_shapes("binary_crossentropy", y_true.shape, y_pred.shape, same_shape=True)
    if label_smoothing:
        y_true = crossentropy.smooth_binary(y_true, label_smoothing)
    logits = y_pred if from_logits else logits_of(y_pred, "sigmoid")
    if logits is None:
        return binary_from_probabilities(y_true, y_pred).mean()
    return F.binary_cross_entropy_with_logits(logits, y_true)


def categorical(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the mean categorical crossentropy over all samples."""
    logits = class_logits(y_pred, from_logits, axis)
    if (
        logits is None
        or y_true.shape != y_pred.shape
        or y_pred.shape[-1] == 1
        or axis not in (-1, y_pred.ndim - 1)
    ):
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        return crossentropy.categorical_crossentropy(
            y_true, y_pred, from_logits, label_smoothing, axis
        ).mean()
    if logits.ndim > 2:
        logits, y_true = logits.flatten(0, -2), y_true.flatten(0, -2)
    return F.cross_entropy(logits, y_true, label_smoothing=label_smoothing)


def sparse(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> torch.Tensor:
    """Returns the mean sparse categorical crossentropy over all samples whose class is not ignored."""
    logits = class_logits(y_pred, from_logits, axis)
    if logits is None or axis not in (-1, y_pred.ndim - 1):
        losses = crossentropy.sparse_categorical_crossentropy(y_true, y_pred, from_logits, ignore_class, axis)
        if ignore_class is None:
            return losses.mean()
        return losses.sum() / losses._keras_mask.sum().clamp(min=1)  # type: ignore[attr-defined]
    labels = y_true if y_true.dtype is torch.int64 else y_true.long()
    if logits.ndim == 2 and labels.ndim < 3:  # torch itself sees whether the shapes fit
        labels = labels.squeeze(1) if labels.ndim == 2 else labels
    else:
        labels = crossentropy.class_labels(labels, y_pred, axis)
        logits, labels = logits.reshape(-1, logits.shape[-1]), labels.reshape(-1)
    try:
        if ignore_class is None:
            return F.cross_entropy(logits, labels, ignore_index=NO_LABEL)
        total = F.cross_entropy(logits, labels, ignore_index=ignore_class, reduction="sum")
    except (IndexError, ValueError, RuntimeError) as error:
        crossentropy.class_labels(y_true, y_pred, axis)
        crossentropy.explain_label_error(y_pred, axis, error)
        raise
    return total / (labels != ignore_class).sum().clamp(min=1)


MEANS: dict[Callable, Callable[..., torch.Tensor]] = {
    functional.mean_squared_error: squared_error,
    functional.mean_absolute_error: absolute_error,
    functional.huber: huber,
    crossentropy.binary_crossentropy: binary,
    crossentropy.categorical_crossentropy: categorical,
    crossentropy.sparse_categorical_crossentropy: sparse,
}
