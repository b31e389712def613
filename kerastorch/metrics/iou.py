"""How well predicted regions cover the labelled ones: intersection over union of classes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.config import epsilon
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.losses.inputs import as_tensor
from kerastorch.metrics.arrays import best_class, leading_weight, to_pair
from kerastorch.metrics.counting import add_pairs
from kerastorch.metrics.metric import Metric


@registry.builtin("keras.metrics")
class IoU(Metric):
    """The mean of intersection over union of some classes, from a confusion matrix of everything seen.

    For one class it is true positives / (true positives + false positives + false negatives). Classes that never
    occur are left out of the mean.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes to average.
        name: the name; None makes one.
        dtype: the type of the confusion matrix; None takes `"int32"`. Weights that are not whole need a float type.
        ignore_class: a label whose elements do not count, such as 255 for "void"; None counts all.
        sparse_y_true: whether labels are class numbers; otherwise their largest value along `axis` counts.
        sparse_y_pred: whether predictions are class numbers; otherwise their largest value along `axis` counts.
        axis: the axis of the classes where labels or predictions are not class numbers.

    Raises:
        InvalidArgumentError: when a target class is out of range.

    Example:
        >>> metric = IoU(num_classes=2, target_class_ids=[0])
        >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(float(metric.result()), 4)
        0.3333

    Source: `keras.metrics.IoU`.
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int32")
        if max(target_class_ids) >= num_classes:
            raise InvalidArgumentError(
                f"Target class id {max(target_class_ids)} is out of range, which is [0, {num_classes})."
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self._warned = False
        self.total_cm = self.add_variable(
            (num_classes, num_classes), dtype=self.dtype, name="total_confusion_matrix"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = to_pair(y_true, y_pred, self._device)
        if not self.sparse_y_true:
            y_true = best_class(y_true, self.axis)
        if not self.sparse_y_pred:
            y_pred = best_class(y_pred, self.axis)
        self._count(y_true, y_pred, sample_weight)

    def _count(self, labels: torch.Tensor, predictions: torch.Tensor, sample_weight: Any) -> None:
        if labels.numel() != predictions.numel():
            raise ShapeError(
                "There must be a label for each prediction. Received classes of shapes: "
                f"y_true.shape={tuple(labels.shape)}, y_pred.shape={tuple(predictions.shape)}."
            )
        weight = None if sample_weight is None else self._flat_weight(sample_weight, labels)
        labels, predictions = labels.reshape(-1).long(), predictions.reshape(-1).long()
        strays = add_pairs(self.total_cm, labels, predictions, weight, self.ignore_class)
        if strays and not self._warned:
            self._warned = True
            warnings.warn(
                f"Metric {self.name!r}: labels or predictions out of range, which is [0, {self.num_classes}), are left "
                "out. Pass `ignore_class` where a label means that an element does not count.",
                stacklevel=5,
            )

    def _flat_weight(self, sample_weight: Any, labels: torch.Tensor) -> torch.Tensor:
        weight = as_tensor(sample_weight, None, labels.device)
        if weight.is_floating_point() and not self._torch_dtype.is_floating_point:
            warnings.warn(
                f"The weights are floats, but {self.name!r} counts in {self.dtype}: casting rounds them down. "
                "Give the metric `dtype='float32'`.",
                stacklevel=5,
            )
        weight = weight.to(self._torch_dtype)
        if weight.numel() == labels.numel():
            return weight.reshape(-1)
        return leading_weight(weight, labels).reshape(-1)

    def result(self) -> torch.Tensor:
        matrix = self.total_cm
        hits = matrix.diagonal()
        union = (matrix.sum(0) + matrix.sum(1) - hits)[self.target_class_ids].float()
        occurs = union > 1e-9
        scores = hits[self.target_class_ids].float() / (union + epsilon())
        return scores.masked_fill(~occurs, 0.0).sum() / (occurs.sum() + epsilon())

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }

    def _config_without(self, *keys: str) -> dict:
        return {key: value for key, value in IoU.get_config(self).items() if key not in keys}


@registry.builtin("keras.metrics")
class BinaryIoU(IoU):
    """The mean of intersection over union of the classes 0 and 1, for predictions that are probabilities or logits.

    Args:
        target_class_ids: `[0]`, `[1]` or `[0, 1]`.
        threshold: a prediction of at least that is of class 1.
        name: the name; None makes one.
        dtype: the type of the confusion matrix; None takes `"int32"`.

    Example:
        >>> metric = BinaryIoU(threshold=0.3)
        >>> metric.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
        >>> round(float(metric.result()), 4)
        0.3333

    Source: `keras.metrics.BinaryIoU`.
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = to_pair(y_true, y_pred, self._device)
        self._count(y_true, y_pred >= self.threshold, sample_weight)

    def get_config(self) -> dict:
        unused = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**self._config_without(*unused), "threshold": self.threshold}


@registry.builtin("keras.metrics")
class MeanIoU(IoU):
    """The mean of intersection over union of all classes.

    Args:
        num_classes: how many classes there are.
        name: the name; None makes one.
        dtype: the type of the confusion matrix; None takes `"int32"`.
        ignore_class: a label whose elements do not count; None counts all.
        sparse_y_true: whether labels are class numbers; otherwise their largest value along `axis` counts.
        sparse_y_pred: whether predictions are class numbers; otherwise their largest value along `axis` counts.
        axis: the axis of the classes where labels or predictions are not class numbers.

    Example:
        >>> metric = MeanIoU(num_classes=2)
        >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(float(metric.result()), 4)
        0.3333

    Source: `keras.metrics.MeanIoU`.
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )

    def get_config(self) -> dict:
        return self._config_without("target_class_ids")


@registry.builtin("keras.metrics")
class OneHotIoU(IoU):
    """The mean of intersection over union of some classes, for one-hot labels.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes to average.
        name: the name; None makes one.
        dtype: the type of the confusion matrix; None takes `"int32"`.
        ignore_class: a class whose elements do not count; None counts all.
        sparse_y_pred: whether predictions are class numbers; otherwise their largest value along `axis` counts.
        axis: the axis of the classes.

    Example:
        >>> metric = OneHotIoU(num_classes=2, target_class_ids=[1])
        >>> metric.update_state([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
        >>> round(float(metric.result()), 4)
        0.5

    Source: `keras.metrics.OneHotIoU`.
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict:
        return self._config_without("sparse_y_true")


@registry.builtin("keras.metrics")
class OneHotMeanIoU(MeanIoU):
    """The mean of intersection over union of all classes, for one-hot labels.

    Args:
        num_classes: how many classes there are.
        name: the name; None makes one.
        dtype: the type of the confusion matrix; None takes `"int32"`.
        ignore_class: a class whose elements do not count; None counts all.
        sparse_y_pred: whether predictions are class numbers; otherwise their largest value along `axis` counts.
        axis: the axis of the classes.

    Example:
        >>> metric = OneHotMeanIoU(num_classes=2)
        >>> metric.update_state([[0, 1], [1, 0]], [[0.2, 0.8], [0.6, 0.4]])
        >>> round(float(metric.result()), 4)
        1.0

    Source: `keras.metrics.OneHotMeanIoU`.
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict:
        return self._config_without("target_class_ids", "sparse_y_true")
