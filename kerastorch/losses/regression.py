"""Losses of numbers, as classes."""

from __future__ import annotations

from typing import Any

from kerastorch.losses.functional import (
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from kerastorch.losses.loss import BuiltinLoss
from kerastorch.registry import builtin


@builtin("keras.losses")
class MeanSquaredError(BuiltinLoss):
    """The mean of squared differences of targets and predictions.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]])
        tensor(0.5000)

    Source: `torch.nn.MSELoss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@builtin("keras.losses")
class MeanAbsoluteError(BuiltinLoss):
    """The mean of absolute differences of targets and predictions.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> MeanAbsoluteError()([[0.0, 1.0]], [[3.0, 1.0]])
        tensor(1.5000)

    Source: `torch.nn.L1Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@builtin("keras.losses")
class MeanAbsolutePercentageError(BuiltinLoss):
    """The mean absolute difference in percent of the targets.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> MeanAbsolutePercentageError()([[2.0, 1.0]], [[1.0, 1.0]])
        tensor(25.)

    Source: Keras.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@builtin("keras.losses")
class MeanSquaredLogarithmicError(BuiltinLoss):
    """The mean squared difference of `log(1 + x)` of targets and predictions.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> MeanSquaredLogarithmicError()([[2.0]], [[2.0]])
        tensor(0.)

    Source: Keras.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


@builtin("keras.losses")
class CosineSimilarity(BuiltinLoss):
    """Minus the cosine of the angle between targets and predictions.

    Args:
        axis: the axis of the vectors, the last one by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]])
        tensor(-1.)

    Source: Keras.
    """

    _unwritten = {"axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
        self.axis = axis


@builtin("keras.losses")
class Huber(BuiltinLoss):
    """A loss that is quadratic near zero and linear beyond `delta`.

    Args:
        delta: the difference at which the loss becomes linear, 1 by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> Huber()([[0.0, 0.0]], [[1.0, 3.0]])
        tensor(1.5000)

    Source: `torch.nn.HuberLoss`.
    """

    _unwritten = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)
        self.delta = delta


@builtin("keras.losses")
class LogCosh(BuiltinLoss):
    """The logarithm of the hyperbolic cosine of the differences.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> LogCosh()([[0.0]], [[0.0]])
        tensor(0.)

    Source: Keras.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


@builtin("keras.losses")
class Poisson(BuiltinLoss):
    """The Poisson loss `y_pred - y_true * log(y_pred)` of predicted rates.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> Poisson()([[0.0]], [[2.0]])
        tensor(2.)

    Source: `torch.nn.PoissonNLLLoss` with `log_input=False`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
