"""Metrics of other libraries in the place of Keras's: objects of torchmetrics, functions of scikit-learn.

Neither library is imported: what they make is known by its methods and by where it is from.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from kerastorch.core.variable import host_array
from kerastorch.errors import ArgumentTypeError, DataError, InvalidArgumentError
from kerastorch.losses.inputs import as_tensor
from kerastorch.metrics.metric import Metric
from kerastorch.naming import to_snake_case


def is_torchmetric(metric: Any) -> bool:
    """Returns whether a metric is a torchmetrics object: it has `update`, `compute` and `reset`."""
    return not inspect.isclass(metric) and all(
        callable(getattr(metric, name, None)) for name in ("update", "compute", "reset")
    )


class TorchMetric(Metric):
    """A torchmetrics object, updated with `(prediction, target)`.

    Args:
        metric: the object.
        name: the name in logs; None takes that of the class.
    """

    def __init__(self, metric: Any, name: str | None = None) -> None:
        super().__init__(name=name or to_snake_case(type(metric).__name__))
        self.metric = metric
        self._place: torch.device | None = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None:
            raise InvalidArgumentError(
                "An object of torchmetrics takes no sample weights. Pass it in `metrics`, not in `weighted_metrics`."
            )
        if self._place != y_pred.device:
            self.metric.to(y_pred.device)
            self._place = y_pred.device
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 and y_pred.shape[-1] != 1:
            y_true = y_true.squeeze(-1)
        self.metric.update(y_pred, y_true)

    def result(self) -> Any:
        return self.metric.compute()

    def reset_state(self) -> None:
        self.metric.reset()

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        for other in metrics:
            self.metric.merge_state(getattr(other, "metric", other))


def is_sklearn_function(metric: Any) -> bool:
    """Returns whether a metric is a function of scikit-learn's, perhaps with arguments given by `functools.partial`."""
    function = _function_of(metric)
    return inspect.isroutine(function) and str(getattr(function, "__module__", "")).startswith("sklearn.")


def _function_of(metric: Any) -> Any:
    return metric.func if isinstance(metric, functools.partial) else metric


class SklearnMetric(Metric):
    """A function of scikit-learn's, computed from all labels and predictions since the last reset.

    Updates only keep what they are given, on the device; the function runs when somebody reads the result. Functions
    of class labels get labels: the best class of each row, or, of single values and for several labels a row,
    whether a prediction is above 0.5. Functions of scores and of numbers get the predictions as they are.

    Args:
        function: a function of `sklearn.metrics`, or a `functools.partial` of one.
        name: the name in logs; None takes that of the function.
    """

    def __init__(self, function: Callable, name: str | None = None) -> None:
        super().__init__(name=name or _function_of(function).__name__)
        self.function = function
        arguments = inspect.signature(function).parameters
        self._weighted = "sample_weight" in arguments
        classifies = _function_of(function).__module__.endswith("._classification")
        self._wants_labels = classifies and list(arguments)[1:2] not in (
            ["y_proba"],
            ["y_prob"],
            ["pred_decision"],
        )
        self._wants_scores = not self._wants_labels and list(arguments)[1:2] != ["y_pred"]
        self._seen: list[tuple[torch.Tensor, ...]] = []
        self._value: Any = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None and not self._weighted:
            raise ArgumentTypeError(f"The function {self.name!r} of scikit-learn takes no sample weights.")
        batch = (y_true, y_pred) if sample_weight is None else (y_true, y_pred, sample_weight)
        self._seen.append(tuple(as_tensor(x).detach().clone() for x in batch))
        self._value = None

    def result(self) -> Any:
        """Returns what the function returns for everything seen, 0 where that is nothing.

        Raises:
            DataError: when the function cannot take the labels and predictions.
        """
        if self._value is None and self._seen:
            arrays = [host_array(torch.cat(parts)) for parts in zip(*self._seen, strict=True)]
            y_true, y_pred = self._as_wanted(*arrays[:2])
            weights = {"sample_weight": arrays[2].reshape(-1)} if len(arrays) == 3 else {}
            try:
                self._value = self.function(y_true, y_pred, **weights)
            except (ValueError, TypeError) as error:
                raise DataError(
                    f"Metric {self.name!r}: the function of scikit-learn cannot be computed for labels of shape "
                    f"{y_true.shape} and predictions of shape {y_pred.shape}. The error was: {error}"
                ) from error
        return 0.0 if self._value is None else self._value

    def _as_wanted(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        y_true, y_pred = (x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in (y_true, y_pred))
        if self._wants_labels:
            return _labels(y_true, y_pred)
        if self._wants_scores and y_true.ndim == 1 and y_pred.ndim == 2 and y_pred.shape[1] == 2:
            return y_true, y_pred[:, 1]  # of two classes scikit-learn wants the score of the second
        return y_true, y_pred

    def reset_state(self) -> None:
        self._seen, self._value = [], None

    def merge_state(self, metrics: Iterable[Metric]) -> None:
        for other in metrics:
            self._seen.extend(getattr(other, "_seen", ()))
        self._value = None


def _labels(y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted labels beside true ones, both as whole numbers."""
    if not np.issubdtype(y_pred.dtype, np.floating):
        return y_true, y_pred
    if y_pred.ndim == 1:
        return y_true.astype(int), (y_pred > 0.5).astype(int)
    if y_true.ndim < y_pred.ndim:
        return y_true.astype(int), y_pred.argmax(-1)
    if (y_true.sum(-1) == 1).all():
        return y_true.argmax(-1), y_pred.argmax(-1)
    return y_true.astype(int), (y_pred > 0.5).astype(int)
