"""The best of one rate at the thresholds where another is high enough."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.bounds import PYTHON_FLOAT, reserve
from kerastorch.errors import InvalidArgumentError
from kerastorch.metrics.arrays import divide_no_nan
from kerastorch.metrics.confusion import CELLS, ThresholdMetric
from kerastorch.metrics.thresholds import Counter

# A rate is its first cell divided by the sum of both.
_RATES = {
    "sensitivity": ("true_positives", "false_negatives"),
    "recall": ("true_positives", "false_negatives"),
    "specificity": ("true_negatives", "false_positives"),
    "precision": ("true_positives", "false_positives"),
}


class _OperatingPoint(ThresholdMetric):
    """The largest value of one rate where another reaches a given value."""

    _direction = "up"
    _given: str
    _asked: str

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        if not 0 <= value <= 1:
            raise InvalidArgumentError(
                f"Argument `{self._given}` must be in the range [0, 1]. Received: {self._given}={value}."
            )
        if num_thresholds <= 0:
            raise InvalidArgumentError(
                "Argument `num_thresholds` must be an integer > 0. "
                f"Received: num_thresholds={num_thresholds}."
            )
        super().__init__(name=name, dtype=dtype)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        reserve((num_thresholds,), PYTHON_FLOAT)
        inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        self.thresholds = [0.5] if num_thresholds == 1 else [0.0, *inner, 1.0]
        self._count_at(Counter(self.thresholds, num_thresholds > 1), CELLS)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._update(y_true, y_pred, sample_weight, class_id=self.class_id)

    def _rate(self, name: str) -> torch.Tensor:
        hits, missed = (getattr(self, cell) for cell in _RATES[name])
        return divide_no_nan(hits, hits + missed)

    def result(self) -> torch.Tensor:
        feasible = self._rate(self._given) >= self.value
        return self._rate(self._asked).masked_fill_(~feasible, 0.0).max()

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            self._given: self.value,
            "class_id": self.class_id,
        }


@registry.builtin("keras.metrics")
class SensitivityAtSpecificity(_OperatingPoint):
    """The best sensitivity at thresholds where the specificity is at least the given one.

    Args:
        specificity: the least specificity that is asked for, from 0 to 1.
        num_thresholds: how many thresholds to try, evenly spaced from 0 to 1; one means 0.5.
        class_id: the one class to look at; None for all.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `specificity` is not from 0 to 1, or `num_thresholds` is not positive.

    Example:
        >>> metric = SensitivityAtSpecificity(0.5)
        >>> metric.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> round(float(metric.result()), 4)
        0.5

    Source: `keras.metrics.SensitivityAtSpecificity`.
    """

    _given, _asked = "specificity", "sensitivity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


@registry.builtin("keras.metrics")
class SpecificityAtSensitivity(_OperatingPoint):
    """The best specificity at thresholds where the sensitivity is at least the given one.

    Args:
        sensitivity: the least sensitivity that is asked for, from 0 to 1.
        num_thresholds: how many thresholds to try, evenly spaced from 0 to 1; one means 0.5.
        class_id: the one class to look at; None for all.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `sensitivity` is not from 0 to 1, or `num_thresholds` is not positive.

    Example:
        >>> metric = SpecificityAtSensitivity(0.5)
        >>> metric.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> round(float(metric.result()), 4)
        0.6667

    Source: `keras.metrics.SpecificityAtSensitivity`.
    """

    _given, _asked = "sensitivity", "specificity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


@registry.builtin("keras.metrics")
class PrecisionAtRecall(_OperatingPoint):
    """The best precision at thresholds where the recall is at least the given one.

    Args:
        recall: the least recall that is asked for, from 0 to 1.
        num_thresholds: how many thresholds to try, evenly spaced from 0 to 1; one means 0.5.
        class_id: the one class to look at; None for all.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `recall` is not from 0 to 1, or `num_thresholds` is not positive.

    Example:
        >>> metric = PrecisionAtRecall(0.5)
        >>> metric.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> round(float(metric.result()), 4)
        0.5

    Source: `keras.metrics.PrecisionAtRecall`.
    """

    _given, _asked = "recall", "precision"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


@registry.builtin("keras.metrics")
class RecallAtPrecision(_OperatingPoint):
    """The best recall at thresholds where the precision is at least the given one.

    Args:
        precision: the least precision that is asked for, from 0 to 1.
        num_thresholds: how many thresholds to try, evenly spaced from 0 to 1; one means 0.5.
        class_id: the one class to look at; None for all.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Raises:
        InvalidArgumentError: when `precision` is not from 0 to 1, or `num_thresholds` is not positive.

    Example:
        >>> metric = RecallAtPrecision(0.5)
        >>> metric.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> round(float(metric.result()), 4)
        1.0

    Source: `keras.metrics.RecallAtPrecision`.
    """

    _given, _asked = "precision", "recall"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
