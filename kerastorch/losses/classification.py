"""Crossentropies and the divergence of distributions, as classes."""

from __future__ import annotations

from typing import Any

from kerastorch.errors import InvalidArgumentError
from kerastorch.losses.crossentropy import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from kerastorch.losses.functional import kl_divergence
from kerastorch.losses.loss import BuiltinLoss
from kerastorch.registry import builtin


@builtin("keras.losses")
class BinaryCrossentropy(BuiltinLoss):
    """The crossentropy of yes-or-no predictions.

    Args:
        from_logits: whether the predictions are logits rather than probabilities.
        label_smoothing: how far targets move towards one half, in [0, 1]; 0 by default.
        axis: the axis to average over, the last one by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> BinaryCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])
        tensor(0.6931)

    Source: `torch.nn.BCEWithLogitsLoss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@builtin("keras.losses")
class BinaryFocalCrossentropy(BuiltinLoss):
    """The binary crossentropy with less weight on what is easy to predict.

    Args:
        apply_class_balancing: whether targets of 1 weigh `alpha` and targets of 0 weigh `1 - alpha`.
        alpha: that weight, 0.25 by default.
        gamma: the power of the error that is the weight, 2 by default.
        from_logits: whether the predictions are logits rather than probabilities.
        label_smoothing: how far targets move towards one half, in [0, 1]; 0 by default.
        axis: the axis to average over, the last one by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> BinaryFocalCrossentropy()([[1.0]], [[0.5]])
        tensor(0.1733)

    Source: Lin et al., "Focal Loss for Dense Object Detection" (2017).
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.apply_class_balancing = apply_class_balancing
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@builtin("keras.losses")
class CategoricalCrossentropy(BuiltinLoss):
    """The crossentropy of class probabilities with one-hot or soft targets.

    Args:
        from_logits: whether the predictions are logits rather than probabilities.
        label_smoothing: the share of the targets, in [0, 1], that is spread over all classes; 0 by default.
        axis: the axis of the classes, the last one by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        tensor(0.6931)

    Source: `torch.nn.CrossEntropyLoss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@builtin("keras.losses")
class CategoricalFocalCrossentropy(BuiltinLoss):
    """The categorical crossentropy with less weight on what is easy to predict.

    Args:
        alpha: the weight of the loss, or one weight per class; 0.25 by default.
        gamma: the power of the error that is the weight, 2 by default.
        from_logits: whether the predictions are logits rather than probabilities.
        label_smoothing: the share of the targets, in [0, 1], that is spread over all classes; 0 by default.
        axis: the axis of the classes, the last one by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
        tensor(0.0433)

    Source: Lin et al., "Focal Loss for Dense Object Detection" (2017).
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.alpha = alpha
        self.gamma = gamma
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@builtin("keras.losses")
class SparseCategoricalCrossentropy(BuiltinLoss):
    """The crossentropy of class probabilities with class numbers as targets.

    Args:
        from_logits: whether the predictions are logits rather than probabilities.
        ignore_class: a class number whose samples do not count; None for none.
        axis: the axis of the classes, the last one by default.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])
        tensor(0.6931)

    Source: `torch.nn.CrossEntropyLoss`.
    """

    _unwritten = {"axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis


@builtin("keras.losses")
class KLDivergence(BuiltinLoss):
    """The Kullback-Leibler divergence of the predictions from the targets.

    Args:
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown.

    Example:
        >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]])
        tensor(0.)

    Source: `torch.nn.KLDivLoss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


@builtin("keras.losses")
class CategoricalGeneralizedCrossEntropy(BuiltinLoss):
    """The crossentropy of class probabilities with class numbers as targets, made robust against wrong ones.

    Args:
        q: the power of the probabilities, in (0, 1), 0.5 by default: near 0 the loss is the crossentropy, near 1 the
            absolute error.
        reduction: how to reduce the values of the samples; see `Loss`.
        name: the name.
        dtype: the type to compute in; None is `floatx()`.

    Raises:
        InvalidArgumentError: when the reduction is unknown, or `q` lies outside of (0, 1).

    Example:
        >>> CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]])
        tensor(1.)

    Source: Zhang and Sabuncu, "Generalized Cross Entropy Loss" (2018).
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise InvalidArgumentError(f"q must be in the interval (0, 1). Received: q={q}.")
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
        self.q = q
