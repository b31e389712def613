"""Crossentropies of tensors that fit each other: what the losses and the functions of `keras.ops` share.

Where predictions are probabilities that a softmax or sigmoid of this library has just made, the crossentropy is
computed from that activation's input (see `kerastorch.core.logits`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from kerastorch.config import epsilon
from kerastorch.core.logits import logits_of

# An `ignore_index` that no label has: torch's default, -100, would drop such labels without a word.
NO_LABEL = -(2**62)


def class_logits(y_pred: torch.Tensor, from_logits: bool, axis: int) -> torch.Tensor | None:
    """Returns the logits over `axis`: the predictions, those that a softmax remembers, or None."""
    if from_logits:
        return y_pred
    logits = logits_of(y_pred, "softmax")
    if logits is None or (axis != -1 and axis != y_pred.ndim - 1):
        return None
    return logits


def binary(y_true: torch.Tensor, y_pred: torch.Tensor, from_logits: bool) -> torch.Tensor:
    """Returns the crossentropy of each yes-or-no prediction.

    Args:
        y_true: targets in [0, 1].
        y_pred: predictions, of the same shape and type.
        from_logits: whether they are logits rather than probabilities.
    """
    logits = y_pred if from_logits else logits_of(y_pred, "sigmoid")
    if logits is not None:
        return F.binary_cross_entropy_with_logits(logits, y_true, reduction="none")
    return binary_from_probabilities(y_true, y_pred)


def binary_from_probabilities(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the crossentropy of each yes-or-no prediction; NaN stays NaN, on every device.

    `torch.nn.functional.binary_cross_entropy` stops at NaN with an error, which on a GPU ends the process.
    """
    if y_pred.dtype in (torch.float16, torch.bfloat16):  # epsilon is too small for their precision
        return binary_from_probabilities(y_true.float(), y_pred.float()).to(y_pred.dtype)
    low = epsilon()
    p = y_pred.clamp(low, 1.0 - low)
    return -(y_true * p.log() + (1.0 - y_true) * (-p).log1p())


def scaled(y_pred: torch.Tensor, axis: int) -> torch.Tensor:
    """Returns probabilities with the sum 1 along an axis that stay `epsilon()` away from 0 and 1."""
    low = epsilon()
    return (y_pred / y_pred.sum(axis, keepdim=True)).clamp(low, 1.0 - low)


def categorical(y_true: torch.Tensor, y_pred: torch.Tensor, from_logits: bool, axis: int) -> torch.Tensor:
    """Returns the crossentropy of class probabilities with one-hot or soft targets, without the axis of the classes.

    Args:
        y_true: probabilities of the classes.
        y_pred: predictions of the same shape.
        from_logits: whether they are logits rather than probabilities.
        axis: the axis of the classes.
    """
    logits = y_pred if from_logits else class_logits(y_pred, from_logits, axis)
    logs = scaled(y_pred, axis).log() if logits is None else logits.log_softmax(axis)
    return -(y_true * logs).sum(axis)


def sparse(labels: torch.Tensor, y_pred: torch.Tensor, from_logits: bool, axis: int) -> torch.Tensor:
    """Returns the crossentropy of class probabilities with class numbers as targets.

    Args:
        labels: class numbers, int64, in the shape of the predictions without the axis of the classes.
        y_pred: predictions.
        from_logits: whether they are logits rather than probabilities.
        axis: the axis of the classes.
    """
    logits = y_pred if from_logits else class_logits(y_pred, from_logits, axis)
    if logits is not None and logits.ndim == 2 and axis in (1, -1):
        return F.cross_entropy(logits, labels, reduction="none", ignore_index=NO_LABEL)
    if logits is not None:
        flat = logits.movedim(axis, -1).reshape(-1, logits.shape[axis])
        losses = F.cross_entropy(flat, labels.reshape(-1), reduction="none", ignore_index=NO_LABEL)
        return losses.reshape(labels.shape)
    picked = y_pred.gather(axis, labels.unsqueeze(axis)).squeeze(axis) / y_pred.sum(axis)
    low = epsilon()
    return -picked.clamp(low, 1.0 - low).log()
