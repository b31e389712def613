"""Losses beside Keras's: the same options and inputs, values and gradients that must be equal."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from kerastorch import losses

DISTINCT = ["mean", "mean_with_sample_weight", "sum", "none"]
REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]


def pair(name: str, options: dict, reduction: str | None = "sum_over_batch_size", **more: Any) -> tuple:
    """Returns our loss and Keras's."""
    kwargs = {**options, "reduction": reduction, **more}
    return getattr(losses, name)(**kwargs), getattr(keras.losses, name)(**kwargs)


def agree(ours: torch.Tensor, theirs: torch.Tensor, rtol: float = 1e-5, atol: float = 1e-6) -> None:
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=rtol, atol=atol)


def value_and_gradient(
    loss: Any, y_true: np.ndarray, y_pred: np.ndarray, weight: Any = None, mask: Any = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns what the loss gives and the gradient of its sum by the predictions."""
    x = torch.tensor(y_pred, requires_grad=True)
    if mask is not None:
        x._keras_mask = torch.tensor(mask)
    kwargs = {} if weight is None else {"sample_weight": weight}
    out = loss(torch.tensor(y_true), x, **kwargs)
    out.sum().backward()
    return out, x.grad


def agree_with_gradients(
    both: Any, y_true: np.ndarray, y_pred: np.ndarray, weight: Any = None, mask: Any = None
) -> None:
    """Compares two losses, or loss functions, on the same targets, predictions, weights and mask.

    With a mask Keras on torch multiplies the weights in place: it cannot broadcast them, and changes the user's.
    """
    ours, theirs = both
    value, gradient = value_and_gradient(loss=ours, y_true=y_true, y_pred=y_pred, weight=weight, mask=mask)
    if mask is not None and weight is not None:
        weight = np.broadcast_to(weight, np.shape(mask)).copy()
    its_value, its_gradient = value_and_gradient(theirs, y_true, y_pred, weight, mask)
    agree(value, its_value)
    agree(gradient, its_gradient)
