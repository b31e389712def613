"""How often predictions are right."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.metrics.functional import (
    binary_matches,
    categorical_matches,
    equal_matches,
    sparse_categorical_matches,
    sparse_top_k_matches,
    top_k_matches,
)
from kerastorch.metrics.reduction import FixedMean


@registry.builtin("keras.metrics", "acc", "ACC")
class Accuracy(FixedMean):
    """How often predictions equal labels.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Accuracy()
        >>> metric.update_state([1, 2, 3, 4], [0, 2, 3, 4])
        >>> float(metric.result())
        0.75

    Source: `keras.metrics.Accuracy`.
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(equal_matches, name, dtype)


@registry.builtin("keras.metrics")
class BinaryAccuracy(FixedMean):
    """How often predictions are on the side of the threshold that the label is on.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        threshold: above it a prediction is 1. For logits take 0.

    Raises:
        InvalidArgumentError: when `dtype` is no data type.

    Example:
        >>> metric = BinaryAccuracy()
        >>> metric.update_state([[1], [1], [0], [0]], [[0.98], [1.0], [0.0], [0.6]])
        >>> float(metric.result())
        0.75

    Source: `keras.metrics.BinaryAccuracy`.
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_matches, name, dtype, threshold=threshold)
        self.threshold = threshold


@registry.builtin("keras.metrics")
class CategoricalAccuracy(FixedMean):
    """How often the largest prediction is that of the one-hot label; probabilities and logits do equally.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = CategoricalAccuracy()
        >>> metric.update_state([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]])
        >>> float(metric.result())
        0.5

    Source: `keras.metrics.CategoricalAccuracy`.
    """

    _direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_matches, name, dtype)


@registry.builtin("keras.metrics")
class SparseCategoricalAccuracy(FixedMean):
    """How often the largest prediction is that of the class number; probabilities and logits do equally.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = SparseCategoricalAccuracy()
        >>> metric.update_state([[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]])
        >>> float(metric.result())
        0.5

    Source: `keras.metrics.SparseCategoricalAccuracy`.
    """

    _direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_matches, name, dtype)


@registry.builtin("keras.metrics")
class TopKCategoricalAccuracy(FixedMean):
    """How often the one-hot label is among the k largest predictions.

    Args:
        k: how many predictions count.
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = TopKCategoricalAccuracy(k=2)
        >>> metric.update_state([[0, 0, 1], [0, 1, 0]], [[0.9, 0.1, 0.8], [0.05, 0.95, 0.0]])
        >>> float(metric.result())
        1.0

    Source: `keras.metrics.TopKCategoricalAccuracy`.
    """

    _direction = "up"

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_matches, name, dtype, k=k)
        self.k = k


@registry.builtin("keras.metrics")
class SparseTopKCategoricalAccuracy(FixedMean):
    """How often the class number is among the k largest predictions.

    Args:
        k: how many predictions count.
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        from_sorted_ids: whether predictions are class numbers, best first, in place of scores.

    Example:
        >>> metric = SparseTopKCategoricalAccuracy(k=2)
        >>> metric.update_state([2, 1], [[0.9, 0.1, 0.8], [0.05, 0.95, 0.0]])
        >>> float(metric.result())
        1.0

    Source: `keras.metrics.SparseTopKCategoricalAccuracy`.
    """

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_matches, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
        self.k = k
        self.from_sorted_ids = from_sorted_ids

    def get_config(self) -> dict:
        config = super().get_config()
        if not self.from_sorted_ids:
            del config["from_sorted_ids"]
        return config
