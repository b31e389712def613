"""Small helpers that all metrics share: labels and predictions as tensors, safe division, masks as weights."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank


def to_pair(
    y_true: Any, y_pred: Any, device: torch.device | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns labels and predictions as tensors on the device of the predictions.

    Args:
        y_true: labels.
        y_pred: predictions.
        device: where predictions go that are no tensor; None takes the current device.
    """
    if type(y_pred) is not torch.Tensor and not isinstance(y_pred, torch.Tensor):
        y_pred = as_tensor(y_pred, None, device)
    if type(y_true) is not torch.Tensor or y_true.device != y_pred.device:
        y_true = as_tensor(y_true, None, y_pred.device)
    return y_true, y_pred


def divide_no_nan(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Returns `a / b`, and 0 where `b` is 0.

    Example:
        >>> float(divide_no_nan(torch.tensor(3.0), torch.tensor(0.0)))
        0.0
    """
    return (a / b).masked_fill_(b == 0, 0.0)


def mask_of(value: Any) -> Any:
    """Returns the Keras mask that a tensor carries, or None."""
    return getattr(value, "_keras_mask", None)


def masked_weight(sample_weight: Any, mask: Any, dtype: torch.dtype) -> torch.Tensor:
    """Returns the sample weights with 0 where `mask` is False.

    Args:
        sample_weight: weights, or None for ones.
        mask: True where a step counts.
        dtype: the type of the result.
    """
    counted = as_tensor(mask, dtype)
    if sample_weight is None:
        return counted
    weight = as_tensor(sample_weight, dtype, counted.device)
    counted, weight = squeeze_or_expand_to_same_rank(counted, weight)
    missing = counted.ndim - weight.ndim
    if missing > 0 and weight.ndim:  # weights of the leading axes, such as one for each sample
        weight = weight.reshape(*weight.shape, *[1] * missing)
    elif missing < 0:
        counted = counted.reshape(*counted.shape, *[1] * -missing)
    return weight * counted
