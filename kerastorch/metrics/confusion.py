"""Counts of right and wrong positives and negatives, precision and recall."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.metrics.arrays import divide_no_nan
from kerastorch.metrics.metric import Metric
from kerastorch.metrics.thresholds import LOWEST, Counter, are_even, parse_thresholds, prepare

CELLS = {"true_positives": "tp", "false_positives": "fp", "true_negatives": "tn", "false_negatives": "fn"}


class ThresholdMetric(Metric):
    """Counts of some of the four cells of the confusion matrix at every threshold."""

    _counter: Counter

    def _tensors(self) -> list[torch.Tensor]:
        return (
            [*super()._tensors(), self._counter.buckets] if "_counter" in vars(self) else super()._tensors()
        )

    _counts: dict[str, Any]

    def _count_at(
        self, counter: Counter, cells: dict[str, str], shape: tuple[int, ...] | None = None
    ) -> None:
        """Makes one variable for each cell; `cells` has the short name of the cell for the name of the variable."""
        self._counter = counter
        shape = shape or (counter.size,)
        self._counts = {cell: self.add_variable(shape, name=name) for name, cell in cells.items()}
        counter.to(self._variables[0].device)

    def _update(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any,
        top_k: int | None = None,
        class_id: int | None = None,
    ) -> None:
        data = prepare(y_true, y_pred, sample_weight, self._variables[0], top_k, class_id)
        self._counter.update(self._counts, *data)

    def _cell(self, name: str) -> Any:
        if name not in self._counts:
            raise AttributeError(f"{type(self).__name__} does not count {name!r}.")
        self._counter.settle(self._counts)
        return self._counts[name]

    @property
    def variables(self) -> list[Any]:
        """The counts, one variable for each cell."""
        if "_counter" in vars(self):
            self._counter.settle(self._counts)
        return super().variables

    def to(self, device: Any) -> Metric:
        super().to(device)
        if "_counter" in vars(self) and self._device is not None:
            self._counter.to(self._device)
        return self

    true_positives = property(lambda self: self._cell("tp"), doc="The true positives at every threshold.")
    false_positives = property(lambda self: self._cell("fp"), doc="The false positives at every threshold.")
    true_negatives = property(lambda self: self._cell("tn"), doc="The true negatives at every threshold.")
    false_negatives = property(lambda self: self._cell("fn"), doc="The false negatives at every threshold.")


class _ConditionCount(ThresholdMetric):
    """How many predictions lie in one cell of the confusion matrix."""

    _condition: str

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = parse_thresholds(thresholds)
        self._count_at(Counter(self.thresholds, are_even(self.thresholds)), {"accumulator": self._condition})

    @property
    def accumulator(self) -> Any:
        """The count at every threshold."""
        return self._cell(self._condition)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._update(y_true, y_pred, sample_weight)

    def result(self) -> torch.Tensor:
        return self.accumulator.sum() if len(self.thresholds) == 1 else self.accumulator.clone()

    def get_config(self) -> dict:
        return {**super().get_config(), "thresholds": self.init_thresholds}


@registry.builtin("keras.metrics")
class TruePositives(_ConditionCount):
    """The number of positive labels that are predicted positive, or the sum of their weights.

    Args:
        thresholds: a number from 0 to 1 or a list of them; a prediction above it is positive. None takes 0.5. With
            several, the result has one value for each. For logits take 0.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = TruePositives()
        >>> metric.update_state([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])
        >>> float(metric.result())
        2.0

    Source: `keras.metrics.TruePositives`.
    """

    _condition = "tp"


@registry.builtin("keras.metrics")
class TrueNegatives(_ConditionCount):
    """The number of negative labels that are predicted negative, or the sum of their weights.

    Args:
        thresholds: a number from 0 to 1 or a list of them; a prediction above it is positive. None takes 0.5. With
            several, the result has one value for each. For logits take 0.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = TrueNegatives()
        >>> metric.update_state([0, 1, 0, 0], [1.0, 1.0, 0.0, 0.0])
        >>> float(metric.result())
        2.0

    Source: `keras.metrics.TrueNegatives`.
    """

    _condition = "tn"


@registry.builtin("keras.metrics")
class FalsePositives(_ConditionCount):
    """The number of negative labels that are predicted positive, or the sum of their weights.

    Args:
        thresholds: a number from 0 to 1 or a list of them; a prediction above it is positive. None takes 0.5. With
            several, the result has one value for each. For logits take 0.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = FalsePositives()
        >>> metric.update_state([0, 1, 0, 0], [0.0, 0.0, 1.0, 1.0])
        >>> float(metric.result())
        2.0

    Source: `keras.metrics.FalsePositives`.
    """

    _condition = "fp"


@registry.builtin("keras.metrics")
class FalseNegatives(_ConditionCount):
    """The number of positive labels that are predicted negative, or the sum of their weights.

    Args:
        thresholds: a number from 0 to 1 or a list of them; a prediction above it is positive. None takes 0.5. With
            several, the result has one value for each. For logits take 0.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = FalseNegatives()
        >>> metric.update_state([0, 1, 1, 1], [0.0, 1.0, 0.0, 0.0])
        >>> float(metric.result())
        2.0

    Source: `keras.metrics.FalseNegatives`.
    """

    _condition = "fn"


class _Ratio(ThresholdMetric):
    """True positives divided by themselves and another cell."""

    _direction = "up"
    _missed: str

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        self.thresholds = parse_thresholds(thresholds, 0.5 if top_k is None else LOWEST)
        cells = {name: CELLS[name] for name in ("true_positives", self._missed)}
        self._count_at(Counter(self.thresholds, are_even(self.thresholds)), cells)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self._update(y_true, y_pred, sample_weight, self.top_k, self.class_id)

    def result(self) -> torch.Tensor:
        hits, missed = self.variables
        rate = divide_no_nan(hits, hits + missed)
        return rate[0] if len(self.thresholds) == 1 else rate

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


@registry.builtin("keras.metrics")
class Precision(_Ratio):
    """The share of positive predictions that are right; 0 where there are none.

    Args:
        thresholds: a number from 0 to 1 or a list of them; a prediction above it is positive. None takes 0.5, or no
            threshold where `top_k` is given. With several, the result has one value for each. For logits take 0.
        top_k: how many of the largest predictions of a sample can be positive; None for all.
        class_id: the one class to look at; None for all.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Precision()
        >>> metric.update_state([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])
        >>> round(float(metric.result()), 4)
        0.6667

    Source: `keras.metrics.Precision`.
    """

    _missed = "false_positives"


@registry.builtin("keras.metrics")
class Recall(_Ratio):
    """The share of positive labels that are predicted; 0 where there are none.

    Args:
        thresholds: a number from 0 to 1 or a list of them; a prediction above it is positive. None takes 0.5, or no
            threshold where `top_k` is given. With several, the result has one value for each. For logits take 0.
        top_k: how many of the largest predictions of a sample can be positive; None for all.
        class_id: the one class to look at; None for all.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Recall()
        >>> metric.update_state([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])
        >>> round(float(metric.result()), 4)
        0.6667

    Source: `keras.metrics.Recall`.
    """

    _missed = "false_negatives"
