"""Small helpers that all metrics share: labels and predictions as tensors, safe division, masks as weights."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.errors import ShapeError
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


def best_class(scores: torch.Tensor, axis: int = -1) -> torch.Tensor:
    """Returns the number of the largest score along an axis; of one-hot labels, which may be booleans, the class.

    Example:
        >>> best_class(torch.tensor([[False, True], [True, False]]))
        tensor([1, 0])
    """
    return (scores.to(torch.uint8) if scores.dtype is torch.bool else scores).argmax(axis)


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


def leading_weight(weight: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Returns weights in the shape of the values; those of the leading axes hold for all that is in them.

    Args:
        weight: weights that broadcast to the values, or have the shape of their first axes.
        values: the values.

    Raises:
        ShapeError: when the weights do not fit.

    Example:
        >>> leading_weight(torch.tensor([1.0, 2.0]), torch.zeros(2, 3))
        tensor([[1., 1., 1.],
                [2., 2., 2.]])
    """
    if 0 < weight.ndim < values.ndim:
        weight = weight.reshape(*weight.shape, *[1] * (values.ndim - weight.ndim))
    try:
        return weight.expand(values.shape)
    except RuntimeError as error:
        raise ShapeError(
            "Argument `sample_weight` does not fit the values of the metric. Expected the shape of the values, "
            f"{tuple(values.shape)}, or of their first axes. Received: sample_weight.shape={tuple(weight.shape)}."
        ) from error


def check_same_shape(name: str, y_true: torch.Tensor, y_pred: torch.Tensor, broadcast: bool = False) -> None:
    """Checks that labels and predictions have the same shape.

    Args:
        name: the metric, for the error.
        y_true: labels.
        y_pred: predictions.
        broadcast: whether it is enough that one broadcasts to the other.

    Raises:
        ShapeError: when they differ.
    """
    if y_true.shape == y_pred.shape:
        return
    sizes = zip(y_true.shape[::-1], y_pred.shape[::-1], strict=False)
    if not broadcast or any(a != b and 1 not in (a, b) for a, b in sizes):
        raise ShapeError(
            f"The labels and the predictions of the metric {name!r} must have the same shape. Received: "
            f"y_true.shape={tuple(y_true.shape)}, y_pred.shape={tuple(y_pred.shape)}."
        )


def check_2d(metric: Any, y_true_shape: tuple[int | None, ...], y_pred_shape: tuple[int | None, ...]) -> None:
    """Checks that labels and predictions have one axis for the batch and one for the outputs.

    Args:
        metric: the metric, for the error.
        y_true_shape: the shape of the labels.
        y_pred_shape: the shape of the predictions.

    Raises:
        ShapeError: when they have other axes, or the number of outputs is not known.
    """
    if len(y_pred_shape) == len(y_true_shape) == 2 and None not in (y_pred_shape[-1], y_true_shape[-1]):
        return
    known = (
        ", with output_dim fully defined (not None)" if len(y_pred_shape) == len(y_true_shape) == 2 else ""
    )
    raise ShapeError(
        f"{type(metric).__name__} expects 2D inputs with shape (batch_size, output_dim){known}. Received input shapes: "
        f"y_pred.shape={y_pred_shape} and y_true.shape={y_true_shape}."
    )
