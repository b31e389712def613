"""Sums of weighted values divided by how many values there are, whatever the weights add up to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerastorch import registry
from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import leading_weight
from kerastorch.metrics.reduction import Mean, MeanMetricWrapper


@registry.builtin("keras.metrics")
class SumOverBatchSize(Mean):
    """The sum of all values times their weights, divided by the number of values.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = SumOverBatchSize()
        >>> metric.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
        >>> float(metric.result())
        1.0

    Source: `tf_keras.src.metrics.base_metric.SumOverBatchSize`.
    """

    def __init__(self, name: str | None = "sum_over_batch_size", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def _accumulate(self, values: Any, sample_weight: Any) -> None:
        values = as_tensor(values, self._torch_dtype, self.total.device)
        if sample_weight is not None:
            weight = as_tensor(sample_weight, self._torch_dtype, values.device)
            values, weight = squeeze_or_expand_to_same_rank(values, weight)
            values = values * leading_weight(weight, values)
        self.total.add_(values.sum())
        self.count.add_(self._one, alpha=values.numel())


@registry.builtin("keras.metrics")
class SumOverBatchSizeMetricWrapper(MeanMetricWrapper, SumOverBatchSize):
    """A function of labels and predictions, summed with weights and divided by how many values it gave.

    Args:
        fn: a function `(y_true, y_pred, **kwargs)` that returns a value for each sample.
        name: the name; None makes one from the class.
        dtype: the type to compute in; None takes `floatx()`.
        **kwargs: further arguments for `fn`.

    Example:
        >>> from kerastorch.losses.functional import mean_absolute_error
        >>> metric = SumOverBatchSizeMetricWrapper(mean_absolute_error)
        >>> metric.update_state([[1.0], [2.0]], [[3.0], [2.0]], sample_weight=[0.5, 1.0])
        >>> float(metric.result())
        0.5

    Source: `tf_keras.src.metrics.base_metric.SumOverBatchSizeMetricWrapper`.
    """

    def __init__(self, fn: Callable, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(fn, name, dtype, **kwargs)
