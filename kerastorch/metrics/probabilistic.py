"""How far probabilities are from labels: crossentropies, divergences and hinge losses as metrics."""

from __future__ import annotations

from typing import Any

from kerastorch import registry
from kerastorch.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerastorch.losses.functional import categorical_hinge, hinge, kl_divergence, poisson, squared_hinge
from kerastorch.metrics.reduction import FixedMean


@registry.builtin("keras.metrics", "kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(FixedMean):
    """The mean Kullback-Leibler divergence of the predictions from the labels.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = KLDivergence()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]])
        >>> round(float(metric.result()), 4)
        0.4581

    Source: `keras.metrics.KLDivergence`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(kl_divergence, name, dtype)


@registry.builtin("keras.metrics")
class Poisson(FixedMean):
    """The mean of `y_pred - y_true * log(y_pred)`.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Poisson()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
        >>> round(float(metric.result()), 4)
        0.5

    Source: `keras.metrics.Poisson`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, name, dtype)


@registry.builtin("keras.metrics", "bce", "BCE")
class BinaryCrossentropy(FixedMean):
    """The mean crossentropy of labels 0 and 1.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        from_logits: whether predictions are logits in place of probabilities.
        label_smoothing: how much of the labels, from 0 to 1, is spread evenly over the classes.

    Example:
        >>> metric = BinaryCrossentropy()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]])
        >>> round(float(metric.result()), 4)
        0.8149

    Source: `keras.metrics.BinaryCrossentropy`.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing
        )
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing


@registry.builtin("keras.metrics")
class CategoricalCrossentropy(FixedMean):
    """The mean crossentropy of one-hot labels.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        from_logits: whether predictions are logits in place of probabilities.
        label_smoothing: how much of the labels, from 0 to 1, is spread evenly over the classes.
        axis: the axis of the classes.

    Example:
        >>> metric = CategoricalCrossentropy()
        >>> metric.update_state([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]])
        >>> round(float(metric.result()), 4)
        1.1769

    Source: `keras.metrics.CategoricalCrossentropy`.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@registry.builtin("keras.metrics")
class SparseCategoricalCrossentropy(FixedMean):
    """The mean crossentropy of class numbers.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        from_logits: whether predictions are logits in place of probabilities.
        ignore_class: a class number whose samples count as 0; None takes all.
        axis: the axis of the classes.

    Example:
        >>> metric = SparseCategoricalCrossentropy()
        >>> metric.update_state([1, 2], [[0.05, 0.95, 0.0], [0.1, 0.8, 0.1]])
        >>> round(float(metric.result()), 4)
        1.1769

    Source: `keras.metrics.SparseCategoricalCrossentropy`.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis


@registry.builtin("keras.metrics")
class Hinge(FixedMean):
    """The mean hinge loss of labels -1 and 1, or 0 and 1.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Hinge()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]])
        >>> round(float(metric.result()), 4)
        1.3

    Source: `keras.metrics.Hinge`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, name, dtype)


@registry.builtin("keras.metrics")
class SquaredHinge(FixedMean):
    """The mean squared hinge loss of labels -1 and 1, or 0 and 1.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = SquaredHinge()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]])
        >>> round(float(metric.result()), 4)
        1.86

    Source: `keras.metrics.SquaredHinge`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, name, dtype)


@registry.builtin("keras.metrics")
class CategoricalHinge(FixedMean):
    """The mean hinge loss of one-hot labels.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = CategoricalHinge()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[0.6, 0.4], [0.4, 0.6]])
        >>> round(float(metric.result()), 4)
        1.4

    Source: `keras.metrics.CategoricalHinge`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(categorical_hinge, name, dtype)
