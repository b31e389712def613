"""How far numbers are from their targets."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.errors import ShapeError
from kerastorch.losses.functional import (
    cosine_similarity,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import check_same_shape, divide_no_nan
from kerastorch.metrics.reduction import FixedMean, Mean


@registry.builtin("keras.metrics", "mse", "MSE")
class MeanSquaredError(FixedMean):
    """The mean of squared differences.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = MeanSquaredError()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
        >>> round(float(metric.result()), 4)
        0.25

    Source: `keras.metrics.MeanSquaredError`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


@registry.builtin("keras.metrics", "mae", "MAE")
class MeanAbsoluteError(FixedMean):
    """The mean of absolute differences.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = MeanAbsoluteError()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
        >>> round(float(metric.result()), 4)
        0.25

    Source: `keras.metrics.MeanAbsoluteError`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


@registry.builtin("keras.metrics", "mape", "MAPE")
class MeanAbsolutePercentageError(FixedMean):
    """The mean of absolute differences in percent of the targets.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = MeanAbsolutePercentageError()
        >>> metric.update_state([[2.0, 4.0]], [[1.0, 5.0]])
        >>> round(float(metric.result()), 4)
        37.5

    Source: `keras.metrics.MeanAbsolutePercentageError`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


@registry.builtin("keras.metrics", "msle", "MSLE")
class MeanSquaredLogarithmicError(FixedMean):
    """The mean of squared differences of logarithms of one plus the values.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = MeanSquaredLogarithmicError()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
        >>> round(float(metric.result()), 4)
        0.1201

    Source: `keras.metrics.MeanSquaredLogarithmicError`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


@registry.builtin("keras.metrics", "logcosh", "log_cosh")
class LogCoshError(FixedMean):
    """The mean of the logarithm of the hyperbolic cosine of the differences.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = LogCoshError()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
        >>> round(float(metric.result()), 4)
        0.1084

    Source: `keras.metrics.LogCoshError`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, name, dtype)


def _cosine(y_true: Any, y_pred: Any, axis: int = -1) -> torch.Tensor:
    return cosine_similarity(y_true, y_pred, axis=axis).neg()


@registry.builtin("keras.metrics", "cosine", "cosine_proximity")
class CosineSimilarity(FixedMean):
    """The mean cosine of the angle between targets and predictions; 1 where the directions agree.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.
        axis: the axis of the vectors.

    Example:
        >>> metric = CosineSimilarity()
        >>> metric.update_state([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]])
        >>> round(float(metric.result()), 4)
        0.5

    Source: `keras.metrics.CosineSimilarity`.
    """

    _direction = "up"

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(_cosine, name, dtype, axis=axis)
        self.axis = axis

    def get_config(self) -> dict:
        config = super().get_config()
        if self.axis == -1:  # Keras writes no axis at all
            del config["axis"]
        return config


@registry.builtin("keras.metrics")
class RootMeanSquaredError(Mean):
    """The square root of the mean of squared differences.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = RootMeanSquaredError()
        >>> metric.update_state([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
        >>> float(metric.result())
        0.5

    Source: `keras.metrics.RootMeanSquaredError`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        y_pred = as_tensor(y_pred, self._torch_dtype)
        y_true = as_tensor(y_true, self._torch_dtype, y_pred.device)
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        check_same_shape(self.name, y_true, y_pred, broadcast=True)
        self._accumulate((y_pred - y_true).square(), sample_weight)

    def result(self) -> torch.Tensor:
        return super().result().sqrt()


@registry.builtin("keras.metrics")
class MeanRelativeError(Mean):
    """The mean of absolute differences divided by given numbers.

    Args:
        normalizer: what to divide by, numbers of a shape that broadcasts to the predictions; where one is 0 the error
            counts as 0.
        name: the name; None makes one from the class.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = MeanRelativeError(normalizer=[1, 3, 2, 3])
        >>> metric.update_state([1, 3, 2, 3], [2, 4, 6, 8])
        >>> float(metric.result())
        1.25

    Source: `tf_keras.metrics.MeanRelativeError`.
    """

    _direction = "down"

    def __init__(self, normalizer: Any, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name, dtype)
        self.normalizer = as_tensor(normalizer, self._torch_dtype, self._device)

    def to(self, device: Any) -> MeanRelativeError:
        super().to(device)
        self.normalizer = self.normalizer.to(self._device)
        return self

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Takes one batch into account.

        Args:
            y_true: targets.
            y_pred: predictions of the same shape.
            sample_weight: weights, or None for ones.

        Raises:
            ShapeError: when the shapes do not fit.
        """
        y_pred = as_tensor(y_pred, self._torch_dtype, self._device)
        y_true = as_tensor(y_true, self._torch_dtype, y_pred.device)
        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
        check_same_shape(self.name, y_true, y_pred)
        errors, normalizer = squeeze_or_expand_to_same_rank((y_true - y_pred).abs(), self.normalizer)
        try:
            normalizer = normalizer.expand(errors.shape)
        except RuntimeError as error:
            raise ShapeError(
                f"The normalizer of the metric {self.name!r} has shape {tuple(normalizer.shape)}, which does not "
                f"broadcast to the predictions. Received: y_pred.shape={tuple(y_pred.shape)}."
            ) from error
        self._accumulate(divide_no_nan(errors, normalizer), sample_weight)

    def get_config(self) -> dict:
        return {**super().get_config(), "normalizer": self.normalizer.tolist()}
