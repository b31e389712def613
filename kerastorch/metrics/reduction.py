"""Sums and means over everything seen, and means of functions of labels and predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_dict, serialize_keras_object
from kerastorch.errors import ShapeError
from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import divide_no_nan, mask_of, masked_weight
from kerastorch.metrics.metric import Metric


def samplewise(
    values: torch.Tensor, sample_weight: Any, reduce: Callable, dtype: torch.dtype
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Returns one weighted value per sample, and one weight per sample where there are weights.

    Args:
        values: values of any rank; the first axis is the samples.
        sample_weight: weights of any rank up to that of the values, or None.
        reduce: `torch.sum` or `torch.mean`, for the axes after the first.
        dtype: the type to compute in.

    Raises:
        ShapeError: when the weights do not fit the values.
    """
    mask = mask_of(values)
    values = as_tensor(values, dtype)
    weight = None
    if sample_weight is not None:
        if mask is not None:
            sample_weight = masked_weight(sample_weight, mask, dtype)
        weight = as_tensor(sample_weight, dtype, values.device)
        values, weight = squeeze_or_expand_to_same_rank(values, weight)
        rank = weight.ndim
        values = _reduce_from(rank, values, reduce)
        weight = _broadcast(weight, values)
        values = values * weight
        weight = _reduce_from(1, weight, reduce)
    return _reduce_from(1, values, reduce), weight


def _reduce_from(axis: int, values: torch.Tensor, reduce: Callable) -> torch.Tensor:
    """Reduces the axes from `axis` on; torch is slow where there is one value along them, so these only go away."""
    if values.ndim <= axis:
        return values
    if values.shape[axis:].numel() == 1:
        return values.reshape(values.shape[:axis])
    return reduce(values, dim=tuple(range(axis, values.ndim)))


def _broadcast(weight: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    try:
        return weight.expand(values.shape)
    except RuntimeError as error:
        raise ShapeError(
            "Argument `sample_weight` does not fit the values of the metric. Expected a shape that broadcasts to "
            f"{tuple(values.shape)}. Received: sample_weight.shape={tuple(weight.shape)}."
        ) from error


def count_true(flags: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Returns how many elements are True, by the fastest way that the device has."""
    return flags.sum(dtype=dtype) if flags.is_cuda else flags.count_nonzero()


@registry.builtin("keras.metrics")
class Sum(Metric):
    """The sum of all values, weighted if there are weights.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Sum()
        >>> metric.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
        >>> float(metric.result())
        4.0

    Source: `keras.metrics.Sum`.
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), dtype=self.dtype, name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values = as_tensor(values, None, self.total.device)
        if sample_weight is not None:
            values, _ = samplewise(values, sample_weight, torch.sum, self._torch_dtype)
        self.total.add_(values.sum(dtype=self._torch_dtype))

    def result(self) -> torch.Tensor:
        return self.total.detach().clone()


@registry.builtin("keras.metrics")
class Mean(Metric):
    """The mean of all values, weighted if there are weights.

    It keeps their `total` and their `count`, the number of samples or the sum of their weights. Values with more
    than one axis are first averaged for each sample.

    Args:
        name: the name.
        dtype: the type to compute in; None takes `floatx()`.

    Example:
        >>> metric = Mean()
        >>> metric.update_state([1, 3, 5, 7])
        >>> float(metric.result())
        4.0
        >>> metric.update_state(10.0, sample_weight=4)
        >>> float(metric.result())
        7.0

    Source: `keras.metrics.Mean`.
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), dtype=self.dtype, name="total")
        self.count = self.add_variable((), dtype=self.dtype, name="count")
        # A scalar on the host: adding a multiple of it is cheaper than adding a Python number, on every device.
        self._one = torch.ones((), dtype=self._torch_dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        self._accumulate(values, sample_weight)

    def _accumulate(self, values: Any, sample_weight: Any) -> None:
        total = self.total
        if type(values) is not torch.Tensor or values.device != total.device:
            values = as_tensor(values, None, total.device)
        if sample_weight is None and self._accumulate_unweighted(values):
            return
        if values.ndim == 0 and type(sample_weight) in (int, float):
            total.add_(values, alpha=sample_weight)
            self.count.add_(self._one, alpha=sample_weight)
            return
        values, weight = samplewise(values, sample_weight, torch.mean, self._torch_dtype)
        total.add_(values.sum())
        if weight is None:
            self.count.add_(self._one, alpha=values.shape[0])
        else:
            self.count.add_(weight.sum())

    def _accumulate_unweighted(self, values: torch.Tensor) -> bool:
        """Adds values that the host can count; False where there are samples without values."""
        rank = values.ndim
        if rank == 0:
            self.total.add_(values)
            self.count.add_(self._one)
            return True
        size = values.shape[0]
        parts = 1 if rank == 1 else values.numel() // (size or 1)
        if parts == 0:
            return False
        dtype = self._torch_dtype
        whole = count_true(values, dtype) if values.dtype is torch.bool else values.sum(dtype=dtype)
        # The mean over the last axes is their sum divided by a number that the host knows.
        self.total.add_(whole, alpha=1 if parts == 1 else 1 / parts)
        self.count.add_(self._one, alpha=size)
        return True

    def result(self) -> torch.Tensor:
        return divide_no_nan(self.total, self.count)


@registry.builtin("keras.metrics")
class MeanMetricWrapper(Mean):
    """The mean of a function of labels and predictions.

    Args:
        fn: a function `(y_true, y_pred, **kwargs)` that returns a value for each sample.
        name: the name; None makes one from the class.
        dtype: the type to compute in; None takes `floatx()`.
        **kwargs: further arguments for `fn`.

    Example:
        >>> def squared_distance(y_true, y_pred):
        ...     return (y_true - y_pred) ** 2
        >>> metric = MeanMetricWrapper(squared_distance)
        >>> metric.update_state(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0]))
        >>> float(metric.result())
        2.0

    Source: `keras.metrics.MeanMetricWrapper`.
    """

    def __init__(self, fn: Callable, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if self._direction is None and (registry.home_of(fn) or ("",))[0] == "keras.losses":
            self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        mask = mask_of(y_pred)
        if mask is not None:
            sample_weight = masked_weight(sample_weight, mask, self._torch_dtype)
        self._accumulate(values, sample_weight)

    def get_config(self) -> dict:
        fn = serialize_keras_object(self._fn)
        return {**super().get_config(), "fn": fn, **serialize_dict(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config: dict) -> Any:
        if "fn" in config:
            config = {k: deserialize_keras_object(v, module="keras.metrics") for k, v in config.items()}
        return super().from_config(config)


class FixedMean(MeanMetricWrapper):
    """A mean of one function: its config holds the function's further arguments, not the function."""

    def get_config(self) -> dict:
        return {"name": self.name, "dtype": self.dtype, **self._fn_kwargs}
