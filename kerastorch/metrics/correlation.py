"""How targets and predictions vary together, for each sample along an axis."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.config import epsilon
from kerastorch.dtypes import torch_dtype
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import check_same_shape, to_pair
from kerastorch.metrics.reduction import FixedMean


def _pair(name: str, y_true: Any, y_pred: Any) -> tuple[torch.Tensor, torch.Tensor]:
    y_true, y_pred = to_pair(y_true, y_pred)
    if not y_pred.is_floating_point():
        y_pred = y_pred.to(torch_dtype(None))
    y_true, y_pred = squeeze_or_expand_to_same_rank(y_true.to(y_pred.dtype), y_pred)
    check_same_shape(name, y_true, y_pred, broadcast=True)
    return y_true, y_pred


@registry.builtin_function("keras.metrics")
def pearson_correlation(y_true: Any, y_pred: Any, axis: int | tuple[int, ...] = -1) -> torch.Tensor:
    """Returns Pearson's correlation coefficient, from -1 to 1.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: the axis, or axes, along which they vary.

    Returns:
        A tensor without that axis; nan where the targets or the predictions do not vary.

    Raises:
        ShapeError: when the shapes do not broadcast.

    Example:
        >>> pearson_correlation([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])
        tensor([1.0000, 0.9934])

    Source: `keras.metrics.pearson_correlation`.
    """
    y_true, y_pred = _pair("pearson_correlation", y_true, y_pred)
    y_true = y_true - y_true.mean(axis, keepdim=True)
    y_pred = y_pred - y_pred.mean(axis, keepdim=True)
    y_true = y_true / y_true.square().mean(axis, keepdim=True).sqrt()
    y_pred = y_pred / y_pred.square().mean(axis, keepdim=True).sqrt()
    return (y_true * y_pred).mean(axis)


@registry.builtin_function("keras.metrics")
def concordance_correlation(y_true: Any, y_pred: Any, axis: int | tuple[int, ...] = -1) -> torch.Tensor:
    """Returns Lin's concordance correlation coefficient, which a shift or a scale of the predictions lowers.

    Args:
        y_true: targets.
        y_pred: predictions of the same shape.
        axis: the axis, or axes, along which they vary.

    Returns:
        A tensor without that axis.

    Raises:
        ShapeError: when the shapes do not broadcast.

    Example:
        >>> concordance_correlation([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])
        tensor([0.9756, 0.9877])

    Source: `keras.metrics.concordance_correlation`.
    """
    y_true, y_pred = _pair("concordance_correlation", y_true, y_pred)
    true_mean, pred_mean = y_true.mean(axis, keepdim=True), y_pred.mean(axis, keepdim=True)
    covariance = (y_true - pred_mean) * (y_pred - pred_mean)
    variances = (y_true - true_mean).square() + (y_pred - pred_mean).square()
    norm = variances.mean(axis, keepdim=True) + (true_mean - pred_mean).square()
    return (2 * covariance / (norm + epsilon())).mean(axis)


@registry.builtin("keras.metrics")
class PearsonCorrelation(FixedMean):
    """The mean of Pearson's correlation coefficient.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        axis: the axis, or axes, along which targets and predictions vary.

    Example:
        >>> metric = PearsonCorrelation()
        >>> metric.update_state([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])
        >>> round(float(metric.result()), 4)
        0.9967

    Source: `keras.metrics.PearsonCorrelation`.
    """

    _direction = "up"

    def __init__(
        self,
        name: str | None = "pearson_correlation",
        dtype: Any = None,
        axis: int | tuple[int, ...] = -1,
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)
        self.axis = axis


@registry.builtin("keras.metrics")
class ConcordanceCorrelation(FixedMean):
    """The mean of Lin's concordance correlation coefficient.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        axis: the axis, or axes, along which targets and predictions vary.

    Example:
        >>> metric = ConcordanceCorrelation()
        >>> metric.update_state([[0, 1, 0.5], [1, 1, 0.2]], [[0.1, 0.9, 0.5], [1, 0.9, 0.2]])
        >>> round(float(metric.result()), 4)
        0.9816

    Source: `keras.metrics.ConcordanceCorrelation`.
    """

    _direction = "up"

    def __init__(
        self,
        name: str | None = "concordance_correlation",
        dtype: Any = None,
        axis: int | tuple[int, ...] = -1,
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
        self.axis = axis
