"""Losses of numbers, margins and distributions: functions `(y_true, y_pred) -> one value per sample`.

Legend: B batch, D features, `...` any further axes. Targets and predictions are `(B, ..., D)`, the result is
`(B, ...)`. The crossentropies are in `crossentropy.py`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from kerastorch.config import epsilon
from kerastorch.losses.inputs import loss_function
from kerastorch.registry import builtin

Axis = int | tuple[int, ...] | None


@builtin("keras.losses", "mse", "MSE")
@loss_function(squeeze=True)
def mean_squared_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean of squared differences over the last axis.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 1.0]])
        tensor([0.5000])

    Source: `torch.nn.functional.mse_loss`.
    """
    return (y_true - y_pred).square().mean(-1)


@builtin("keras.losses", "mae", "MAE")
@loss_function(squeeze=True)
def mean_absolute_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean of absolute differences over the last axis.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[3.0, 1.0]])
        tensor([1.5000])

    Source: `torch.nn.functional.l1_loss`.
    """
    return (y_true - y_pred).abs().mean(-1)


@builtin("keras.losses", "mape", "MAPE")
@loss_function(squeeze=True)
def mean_absolute_percentage_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean absolute difference over the last axis, in percent of the targets.

    Targets nearer to zero than `epsilon()` count as `epsilon()`.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`, in percent.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 1.0]], [[1.0, 1.0]])
        tensor([25.])

    Source: Keras.
    """
    return 100.0 * ((y_true - y_pred) / y_true.abs().clamp(min=epsilon())).abs().mean(-1)


@builtin("keras.losses", "msle", "MSLE")
@loss_function(squeeze=True)
def mean_squared_logarithmic_error(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean squared difference of `log(1 + x)` over the last axis; negative values count as zero.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> mean_squared_logarithmic_error([[2.0]], [[2.0]])
        tensor([0.])

    Source: Keras.
    """
    low = epsilon()
    return (y_pred.clamp(min=low).log1p() - y_true.clamp(min=low).log1p()).square().mean(-1)


@builtin("keras.losses", "cosine", "cosine_proximity")
@loss_function(squeeze=True)
def cosine_similarity(y_true: torch.Tensor, y_pred: torch.Tensor, axis: int = -1) -> torch.Tensor:
    """Returns minus the cosine of the angle between targets and predictions; -1 is the best value.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.
        axis: the axis of the vectors, the last one by default.

    Returns:
        A tensor without that axis; 0 where a vector is zero.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 1.0]])
        tensor([-1., -0.])

    Source: Keras.
    """
    top = min(1.0 / epsilon(), torch.finfo(y_pred.dtype).max)

    def unit(x: torch.Tensor) -> torch.Tensor:
        return x * x.square().sum(axis, keepdim=True).rsqrt().clamp(max=top)

    return -(unit(y_true) * unit(y_pred)).sum(axis)


@builtin("keras.losses", "huber_loss")
@loss_function(squeeze=True)
def huber(y_true: torch.Tensor, y_pred: torch.Tensor, delta: float = 1.0) -> torch.Tensor:
    """Returns the mean over the last axis of a loss that is quadratic near zero and linear beyond `delta`.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.
        delta: the difference at which the loss becomes linear, 1 by default.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> huber([[0.0, 0.0]], [[1.0, 3.0]])
        tensor([1.5000])

    Source: Huber, "Robust Estimation of a Location Parameter" (1964); `torch.nn.functional.huber_loss`.
    """
    y_true, y_pred = torch.broadcast_tensors(y_true, y_pred)
    return F.huber_loss(y_pred, y_true, reduction="none", delta=delta).mean(-1)


@builtin("keras.losses", "logcosh")
@loss_function(squeeze=True)
def log_cosh(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean over the last axis of the logarithm of the hyperbolic cosine of the differences.

    Args:
        y_true: targets of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> log_cosh([[0.0]], [[0.0]])
        tensor([0.])

    Source: Keras.
    """
    error = y_pred - y_true
    return (error + F.softplus(-2.0 * error) - math.log(2.0)).mean(-1)


def _signs(y_true: torch.Tensor) -> torch.Tensor:
    """Targets of -1 and 1 from targets that are all 0 or 1; any others as they are."""
    binary = (y_true * y_true == y_true).all()
    return torch.where(binary, 2.0 * y_true - 1.0, y_true)


@builtin("keras.losses")
@loss_function()
def hinge(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean over the last axis of `max(1 - y_true * y_pred, 0)`.

    Args:
        y_true: targets of shape `(B, ..., D)`, all of them -1 or 1, or all of them 0 or 1.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> hinge([[1.0, 0.0]], [[0.5, -2.0]])
        tensor([0.2500])

    Source: Keras.
    """
    return (1.0 - _signs(y_true) * y_pred).clamp(min=0.0).mean(-1)


@builtin("keras.losses")
@loss_function()
def squared_hinge(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean over the last axis of the square of `max(1 - y_true * y_pred, 0)`.

    Args:
        y_true: targets of shape `(B, ..., D)`, all of them -1 or 1, or all of them 0 or 1.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> squared_hinge([[1.0, 0.0]], [[0.0, -2.0]])
        tensor([0.5000])

    Source: Keras.
    """
    return (1.0 - _signs(y_true) * y_pred).clamp(min=0.0).square().mean(-1)


@builtin("keras.losses")
@loss_function()
def categorical_hinge(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns how far the score of the right class fails to exceed the best wrong one by 1.

    Args:
        y_true: targets of 0 and 1, of shape `(B, ..., D)`.
        y_pred: predictions of the same shape.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]])
        tensor([0.5000])

    Source: Keras.
    """
    right = (y_true * y_pred).sum(-1)
    wrong = ((1.0 - y_true) * y_pred).amax(-1)
    return (wrong - right + 1.0).clamp(min=0.0)


@builtin("keras.losses", "kld", "KLD", "kullback_leibler_divergence")
@loss_function()
def kl_divergence(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the Kullback-Leibler divergence of the predictions from the targets over the last axis.

    Args:
        y_true: probabilities of shape `(B, ..., D)`.
        y_pred: probabilities of the same shape. Both are kept at least `epsilon()` from zero.

    Returns:
        A tensor of shape `(B, ...)`, in nats.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]])
        tensor([0.])

    Source: Kullback and Leibler, "On Information and Sufficiency" (1951).
    """
    y_true = y_true.clamp(epsilon(), 1.0)
    y_pred = y_pred.clamp(epsilon(), 1.0)
    return (y_true * (y_true / y_pred).log()).sum(-1)


@builtin("keras.losses")
@loss_function()
def poisson(y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor:
    """Returns the mean over the last axis of `y_pred - y_true * log(y_pred)`.

    Args:
        y_true: counts of shape `(B, ..., D)`.
        y_pred: predicted rates of the same shape, at least 0.

    Returns:
        A tensor of shape `(B, ...)`.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> poisson([[0.0]], [[2.0]])
        tensor([2.])

    Source: `torch.nn.functional.poisson_nll_loss` with `log_input=False`.
    """
    return (y_pred - y_true * (y_pred + epsilon()).log()).mean(-1)


@builtin("keras.losses")
@loss_function()
def dice(y_true: torch.Tensor, y_pred: torch.Tensor, axis: Axis = None) -> torch.Tensor:
    """Returns 1 minus the Dice coefficient, twice the overlap over the sum of both.

    Args:
        y_true: targets in [0, 1], of any shape.
        y_pred: predictions of the same shape.
        axis: the axes to sum over; None, the default, takes all of them, the batch too.

    Returns:
        A tensor without those axes.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> dice([[1.0, 1.0]], [[1.0, 1.0]])
        tensor(0.)

    Source: Milletari et al., "V-Net" (2016).
    """
    overlap = (y_true * y_pred).sum(axis)
    return 1.0 - 2.0 * overlap / (y_true.sum(axis) + y_pred.sum(axis) + epsilon())


@builtin("keras.losses")
@loss_function()
def tversky(
    y_true: torch.Tensor, y_pred: torch.Tensor, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None
) -> torch.Tensor:
    """Returns 1 minus the Tversky index, a Dice coefficient that weighs both kinds of error.

    Args:
        y_true: targets in [0, 1], of any shape.
        y_pred: predictions of the same shape.
        alpha: the weight of what is in the targets and not in the predictions.
        beta: the weight of what is in the predictions and not in the targets.
        axis: the axes to sum over; None, the default, takes all of them, the batch too.

    Returns:
        A tensor without those axes.

    Raises:
        ShapeError: when the shapes do not fit.

    Example:
        >>> tversky([[1.0, 1.0]], [[1.0, 1.0]])
        tensor(0.)

    Source: Salehi et al., "Tversky loss function for image segmentation" (2017); the roles of `alpha` and `beta` are
    those of Keras.
    """
    overlap = (y_true * y_pred).sum(axis)
    missed = ((1.0 - y_pred) * y_true).sum(axis)
    extra = (y_pred * (1.0 - y_true)).sum(axis)
    return 1.0 - overlap / (overlap + alpha * missed + beta * extra + epsilon())
