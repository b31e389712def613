"""Losses of margins and of overlaps, as classes."""

from __future__ import annotations

from typing import Any

from kerastorch.losses.functional import (
    Axis,
    categorical_hinge,
    dice,
    hinge,
    squared_hinge,
    tversky,
)
from kerastorch.losses.loss import BuiltinLoss
from kerastorch.registry import builtin


@builtin("keras.losses")
class Hinge(BuiltinLoss):
    """The hinge loss of targets -1 and 1, or 0 and 1.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> Hinge()([[1.0, 0.0]], [[0.5, -2.0]])
        tensor(0.2500)

    Source: Keras.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@builtin("keras.losses")
class SquaredHinge(BuiltinLoss):
    """The square of the hinge loss of targets -1 and 1, or 0 and 1.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> SquaredHinge()([[1.0, 0.0]], [[0.0, -2.0]])
        tensor(0.5000)

    Source: Keras.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@builtin("keras.losses")
class CategoricalHinge(BuiltinLoss):
    """The margin between the score of the right class and the best wrong one.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]])
        tensor(0.5000)

    Source: Keras.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)


@builtin("keras.losses")
class Dice(BuiltinLoss):
    """One minus the Dice coefficient of a segmentation.

    Args:
        axis: the axes to sum over; None, the default, takes all of them, the batch too.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> Dice()([[1.0, 1.0]], [[1.0, 1.0]])
        tensor(0.)

    Source: Milletari et al., "V-Net" (2016).
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Axis = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)
        self.axis = axis


@builtin("keras.losses")
class Tversky(BuiltinLoss):
    """One minus the Tversky index of a segmentation.

    Args:
        alpha: the weight of what is in the targets and not in the predictions.
        beta: the weight of what is in the predictions and not in the targets.
        axis: the axes to sum over; None, the default, takes all of them, the batch too.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> Tversky()([[1.0, 1.0]], [[1.0, 1.0]])
        tensor(0.)

    Source: Salehi et al., "Tversky loss function for image segmentation" (2017).
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Axis = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
        self.alpha = alpha
        self.beta = beta
        self.axis = axis
