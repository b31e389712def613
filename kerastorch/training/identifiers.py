"""Losses, metrics and optimizers as users write them in `compile`, made into objects."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError
from kerastorch.losses import identifiers as losses
from kerastorch.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from kerastorch.losses.loss import Loss, LossFunctionWrapper
from kerastorch.metrics import identifiers as metrics
from kerastorch.metrics.accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from kerastorch.metrics.foreign import SklearnMetric, TorchMetric, is_sklearn_function, is_torchmetric
from kerastorch.metrics.metric import Metric
from kerastorch.metrics.probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from kerastorch.metrics.reduction import MeanMetricWrapper
from kerastorch.naming import to_snake_case
from kerastorch.optimizers import identifiers as optimizers
from kerastorch.training.foreign import TorchLoss, is_torch_loss

_ACCURACIES = {"accuracy", "acc"}
_CROSSENTROPIES = {"crossentropy", "ce"}
SPECIAL_METRICS = _ACCURACIES | _CROSSENTROPIES


def is_by_shape(identifier: Any) -> bool:
    """Returns whether what a string means depends on the shapes of targets and outputs."""
    return isinstance(identifier, str) and identifier.lower() in _ACCURACIES | _CROSSENTROPIES


def _kind(y_true: torch.Tensor, y_pred: torch.Tensor) -> int:
    """0 for binary targets, 1 for class numbers, 2 for one-hot rows."""
    if y_pred.shape[-1] == 1:
        return 0
    sparse = y_true.ndim < y_pred.ndim or (y_true.shape[-1] == 1 and y_pred.shape[-1] > 1)
    return 1 if sparse else 2


def make_loss(identifier: Any) -> Callable | None:
    """Returns the loss for an identifier; a string that depends on shapes stays a string.

    Args:
        identifier: a name, config, class, object or function of Keras's or torch's, or None.

    Raises:
        InvalidArgumentError: when it is no loss; the error suggests the nearest name.
    """
    if identifier is None or (is_by_shape(identifier) and identifier.lower() in _CROSSENTROPIES):
        return identifier
    if is_torch_loss(identifier):
        return TorchLoss(identifier)
    loss = losses.get(identifier)
    if isinstance(loss, Loss):
        return loss
    if not callable(loss):
        raise InvalidArgumentError(f"Could not interpret loss identifier: {identifier!r}.")
    return LossFunctionWrapper(loss, name=identifier if isinstance(identifier, str) else _name_of(loss))


class LossSum:
    """Several losses of one output, added.

    Args:
        losses: the losses, as `make_loss` returns them.
        weights: a factor for each; None for 1.
    """

    def __init__(self, losses: list[Any], weights: list[Any] | None = None) -> None:
        self.losses = losses
        self.weights = weights or [1.0] * len(losses)
        self.name = "+".join(str(getattr(loss, "name", loss)) for loss in losses)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> torch.Tensor:
        total: Any = 0.0
        for loss, weight in zip(self.losses, self.weights, strict=True):
            total = total + weight * loss(y_true, y_pred, sample_weight=sample_weight)
        return total


def make_losses(identifier: Any, weights: Sequence[Any] | None = None) -> Any:
    """Returns the loss of one output, for which several may be listed: they are added.

    Args:
        identifier: what `make_loss` takes, or a list of that.
        weights: a factor for each loss of a list; None for 1.

    Raises:
        InvalidArgumentError: when one of them is no loss.
    """
    if not isinstance(identifier, (list, tuple)):
        return make_loss(identifier)
    kept = [i for i, one in enumerate(identifier) if one is not None]
    made = [make_loss(identifier[i]) for i in kept]
    if len(made) < 2 and weights is None:
        return made[0] if made else None
    return LossSum(made, None if weights is None else [weights[i] for i in kept])


def loss_for_shapes(loss: Any, y_true: torch.Tensor, y_pred: torch.Tensor) -> Any:
    """Returns the loss that `"crossentropy"` means for these targets and outputs; any other loss as it is."""
    if isinstance(loss, LossSum):
        return LossSum([loss_for_shapes(one, y_true, y_pred) for one in loss.losses], loss.weights)
    if not isinstance(loss, str):
        return loss
    function = (binary_crossentropy, sparse_categorical_crossentropy, categorical_crossentropy)[
        _kind(y_true, y_pred)
    ]
    return LossFunctionWrapper(function, name=loss)


class MetricByShape(Metric):
    """`"accuracy"` or `"crossentropy"`: which one is decided by the shapes of the first batch.

    Args:
        identifier: the string; it is also the metric's name.
    """

    def __init__(self, identifier: str) -> None:
        super().__init__(name=identifier)
        self.chosen: Metric | None = None

    def choose(self, y_true: torch.Tensor, y_pred: torch.Tensor) -> Metric:
        """Returns the metric for these targets and outputs: the first answer stays."""
        if self.chosen is None:
            accuracies = (BinaryAccuracy, SparseCategoricalAccuracy, CategoricalAccuracy)
            entropies = (BinaryCrossentropy, SparseCategoricalCrossentropy, CategoricalCrossentropy)
            classes: Any = accuracies if self.name.lower() in _ACCURACIES else entropies
            self.chosen = classes[_kind(y_true, y_pred)](name=self.name)
        return self.chosen

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.choose(y_true, y_pred).update_state(y_true, y_pred, sample_weight)

    def result(self) -> Any:
        return 0.0 if self.chosen is None else self.chosen.result()

    def reset_state(self) -> None:
        if self.chosen is not None:
            self.chosen.reset_state()


def make_metric(identifier: Any) -> Metric:
    """Returns the metric for an identifier.

    Args:
        identifier: a name, config, class, object or function of Keras's, a torchmetrics object, or a function of
            scikit-learn's.

    Raises:
        InvalidArgumentError: when it is no metric; the error suggests the nearest name.
    """
    if is_by_shape(identifier):
        return MetricByShape(identifier)
    if isinstance(identifier, Metric):
        return identifier
    if is_torchmetric(identifier):
        return TorchMetric(identifier)
    if is_sklearn_function(identifier):
        return SklearnMetric(identifier)
    if isinstance(identifier, torch.nn.Module) or (inspect.isclass(identifier) and is_torch_loss(identifier)):
        loss = TorchLoss(identifier)
        return MeanMetricWrapper(
            lambda y_true, y_pred: loss._unreduced(*loss._torch_layout(y_pred, y_true)), loss.name
        )
    found = metrics.get(identifier)
    if isinstance(found, Metric):
        if isinstance(identifier, str):
            found.name = identifier
        return found
    if not callable(found):
        raise InvalidArgumentError(f"Could not interpret metric identifier: {identifier!r}.")
    return MeanMetricWrapper(found, name=identifier if isinstance(identifier, str) else _name_of(found))


def make_optimizer(identifier: Any) -> Any:
    """Returns the optimizer for an identifier; a torch optimizer's class becomes a function of the parameters.

    Args:
        identifier: a name, config, class or object of Keras's, or an object, class or `functools.partial` of torch's.

    Raises:
        InvalidArgumentError: when it is no optimizer; the error suggests the nearest name.
    """
    target = identifier.func if isinstance(identifier, functools.partial) else identifier
    if isinstance(identifier, torch.optim.Optimizer) or (isinstance(target, type) and is_torch_class(target)):
        return identifier
    return optimizers.get(identifier() if isinstance(identifier, functools.partial) else identifier)


def is_torch_class(optimizer: type) -> bool:
    """Returns whether a class is an optimizer that wants the parameters when it is made."""
    return issubclass(optimizer, torch.optim.Optimizer) and not hasattr(optimizer, "update_step")


def _name_of(function: Any) -> str:
    own = getattr(function, "name", None) or getattr(function, "__name__", None)
    return own or to_snake_case(type(function).__name__)
