"""The weighted harmonic mean of precision and recall."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.config import epsilon
from kerastorch.errors import InvalidArgumentError
from kerastorch.losses.inputs import as_tensor
from kerastorch.metrics.arrays import check_2d, check_same_shape, leading_weight, to_pair
from kerastorch.metrics.metric import Metric

_AVERAGES = (None, "micro", "macro", "weighted")
_CELLS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")


@registry.builtin("keras.metrics", "fbeta_score")
class FBetaScore(Metric):
    """The F-beta score: the harmonic mean of precision and recall, with recall weighted by `beta`.

    Args:
        average: None gives one score for each class; `"micro"` counts all classes together; `"macro"` is the mean
            over the classes; `"weighted"` is their mean weighted by how often each occurs.
        beta: how much more recall counts than precision.
        threshold: from 0 to 1; a prediction above it is positive. None takes the largest of each sample.
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `average`, `beta` or `threshold` cannot be used.

    Example:
        >>> metric = FBetaScore(beta=2.0, threshold=0.5)
        >>> metric.update_state([[1, 1], [1, 0], [1, 1]], [[0.2, 0.6], [0.2, 0.6], [0.6, 0.8]])
        >>> [round(x, 4) for x in metric.result().tolist()]
        [0.3846, 0.9091]

    Source: `keras.metrics.FBetaScore`.
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if average not in _AVERAGES:
            raise InvalidArgumentError(
                f"Invalid `average` argument value. Expected one of: {{None, 'micro', 'macro', 'weighted'}}. "
                f"Received: average={average}"
            )
        if not isinstance(beta, float):
            raise InvalidArgumentError(
                "Invalid `beta` argument value. It should be a Python float. "
                f"Received: beta={beta} of type '{type(beta)}'"
            )
        if beta <= 0:
            raise InvalidArgumentError(
                f"Invalid `beta` argument value. It should be > 0. Received: beta={beta}"
            )
        if threshold is not None and not isinstance(threshold, float):
            raise InvalidArgumentError(
                "Invalid `threshold` argument value. It should be a Python float. "
                f"Received: threshold={threshold} of type '{type(threshold)}'"
            )
        if threshold is not None and not 0 < threshold <= 1:
            raise InvalidArgumentError(
                "Invalid `threshold` argument value. It should verify 0 < threshold <= 1. "
                f"Received: threshold={threshold}"
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        check_2d(self, y_true_shape, y_pred_shape)
        shape = () if self.average == "micro" else (y_pred_shape[-1],)
        for cell in _CELLS:
            setattr(self, cell, self.add_variable(shape, dtype=self.dtype, name=cell))
        self._built = True

    def _build_like(self, metric: Metric) -> None:
        self._build((0, metric.variables[0].numel()), (0, metric.variables[0].numel()))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = to_pair(y_true, y_pred, self._device)
        y_true, y_pred = y_true.to(self._torch_dtype), y_pred.to(self._torch_dtype)
        if not self._built:
            self._build(tuple(y_true.shape), tuple(y_pred.shape))
        check_same_shape(self.name, y_true, y_pred)
        if self.threshold is None:
            # Ties are all positive; a row of zeros has no positive.
            positive = (y_pred >= y_pred.amax(-1, keepdim=True)) & (y_pred.abs() > 1e-9)
        else:
            positive = y_pred > self.threshold
        picked = positive.to(self._torch_dtype)
        weight = None
        if sample_weight is not None:
            weight = leading_weight(as_tensor(sample_weight, self._torch_dtype, y_pred.device), y_pred)
        parts = (picked * y_true, picked * (1 - y_true), (1 - picked) * y_true, y_true)
        for variable, part in zip(self._variables, parts, strict=True):
            part = part if weight is None else part * weight
            variable.add_(part.sum() if self.average == "micro" else part.sum(0))

    def result(self) -> torch.Tensor:
        if not self._built:
            return torch.zeros((), dtype=self._torch_dtype)
        hits, wrong, missed, support = self._variables
        precision = hits / (hits + wrong + epsilon())
        recall = hits / (hits + missed + epsilon())
        square = self.beta**2
        score = (1 + square) * precision * recall / (square * precision + recall + epsilon())
        if self.average == "weighted":
            return (score * (support / (support.sum() + epsilon()))).sum()
        return score if self.average is None else score.mean()

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


@registry.builtin("keras.metrics")
class F1Score(FBetaScore):
    """The F1 score: the harmonic mean of precision and recall.

    Args:
        average: None gives one score for each class; `"micro"` counts all classes together; `"macro"` is the mean
            over the classes; `"weighted"` is their mean weighted by how often each occurs.
        threshold: from 0 to 1; a prediction above it is positive. None takes the largest of each sample.
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `average` or `threshold` cannot be used.

    Example:
        >>> metric = F1Score(threshold=0.5)
        >>> metric.update_state([[1, 1], [1, 0], [1, 1]], [[0.2, 0.6], [0.2, 0.6], [0.6, 0.8]])
        >>> [round(x, 4) for x in metric.result().tolist()]
        [0.5, 0.8]

    Source: `keras.metrics.F1Score`.
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict:
        config = super().get_config()
        del config["beta"]
        return config
