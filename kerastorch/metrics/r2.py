"""The share of the variance of the targets that predictions explain."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import check_2d, check_same_shape, leading_weight, to_pair
from kerastorch.metrics.metric import Metric

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@registry.builtin("keras.metrics")
class R2Score(Metric):
    """The coefficient of determination: 1 for perfect predictions, 0 for always predicting the mean.

    Args:
        class_aggregation: `"uniform_average"` is the mean over the outputs, `"variance_weighted_average"` weights
            them by their variance, None gives one score for each.
        num_regressors: how many inputs the model has, for the adjusted score; 0 for the plain one.
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `class_aggregation` is unknown or `num_regressors` is negative.

    Example:
        >>> metric = R2Score()
        >>> metric.update_state([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
        >>> round(float(metric.result()), 4)
        0.5714

    Source: `keras.metrics.R2Score`.
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AGGREGATIONS:
            raise InvalidArgumentError(
                f"Invalid value for argument `class_aggregation`. Expected one of {_AGGREGATIONS}. "
                f"Received: class_aggregation={class_aggregation!r}."
            )
        if num_regressors < 0:
            raise InvalidArgumentError(
                "Invalid value for argument `num_regressors`. Expected a value >= 0. "
                f"Received: num_regressors={num_regressors}."
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), name="num_samples")
        self._built = False

    def _build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        check_2d(self, y_true_shape, y_pred_shape)
        shape = (y_pred_shape[-1],)
        self.squared_sum = self.add_variable(shape, name="squared_sum")
        self.sum = self.add_variable(shape, name="sum")
        self.total_mse = self.add_variable(shape, name="residual")
        self.count = self.add_variable(shape, name="count")
        self._built = True

    def _build_like(self, metric: Metric) -> None:
        self._build((0, metric.variables[1].numel()), (0, metric.variables[1].numel()))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = to_pair(y_true, y_pred, self._device)
        y_true, y_pred = y_true.to(self._torch_dtype), y_pred.to(self._torch_dtype)
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        if not self._built:
            self._build(tuple(y_true.shape), tuple(y_pred.shape))
        check_same_shape(self.name, y_true, y_pred)
        if sample_weight is None:
            weight = torch.ones_like(y_true)
        else:
            weight = leading_weight(as_tensor(sample_weight, self._torch_dtype, y_true.device), y_true)
        weighted = y_true * weight
        self.sum.add_(weighted.sum(0))
        self.squared_sum.add_((y_true * weighted).sum(0))
        self.total_mse.add_(((y_true - y_pred).square() * weight).sum(0))
        self.count.add_(weight.sum(0))
        self.num_samples.add_(y_true.numel())

    def result(self) -> torch.Tensor:
        if not self._built:
            return torch.full((), torch.nan, dtype=self._torch_dtype)
        variance = self.squared_sum - self.sum * (self.sum / self.count)
        scores = 1 - self.total_mse / variance
        scores = scores.masked_fill(scores.isinf(), 0.0)
        if self.class_aggregation == "uniform_average":
            scores = scores.mean()
        elif self.class_aggregation == "variance_weighted_average":
            scores = (variance * scores).sum() / variance.sum()
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, score: torch.Tensor) -> torch.Tensor:
        spare = float(self.num_samples) - 1 - self.num_regressors
        if spare < 0:
            warnings.warn(
                "More independent predictors than datapoints in adjusted R2 score. "
                "Falling back to standard R2 score.",
                stacklevel=4,
            )
            return score
        if spare == 0:
            warnings.warn(
                "Division by zero in Adjusted R2 score. Falling back to standard R2 score.", stacklevel=4
            )
            return score
        return 1 - (1 - score) * (self.num_samples - 1) / spare

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
