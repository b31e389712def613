"""The area under the curve of two rates, over all thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

import torch

from kerastorch import registry
from kerastorch.config import epsilon
from kerastorch.core.bounds import PYTHON_FLOAT, reserve
from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean
from kerastorch.losses.inputs import as_tensor
from kerastorch.metrics.arrays import divide_no_nan
from kerastorch.metrics.confusion import CELLS, ThresholdMetric
from kerastorch.metrics.metric import Metric
from kerastorch.metrics.thresholds import Counter, are_even, broadcast_weight, prepare

_CURVES = {"roc": "ROC", "pr": "PR", "prgain": "PRGAIN"}
_SUMMATIONS = {"interpolation": "interpolation", "minoring": "minoring", "majoring": "majoring"}


def _choice(value: Any, known: dict[str, str], what: str) -> str:
    text = str(value.value if isinstance(value, Enum) else value)
    if text.lower() not in known:
        raise InvalidArgumentError(
            f'Invalid AUC {what} value: "{text}". Expected one of {list(known.values())}.'
            f"{did_you_mean(text, known.values())}"
        )
    return known[text.lower()]


@registry.builtin("keras.metrics")
class AUC(ThresholdMetric):
    """The area under the ROC curve or the precision-recall curve.

    Args:
        num_thresholds: how many thresholds from 0 to 1 make the curve, evenly spaced; more is more exact.
        curve: `"ROC"` (true positive rate over false positive rate), `"PR"` (precision over recall) or `"PRGAIN"`
            (precision gain over recall gain).
        summation_method: `"interpolation"` takes the mid-point rule, for `"PR"` the interpolation of Davis and
            Goadrich; `"minoring"` takes the lower end of every step, `"majoring"` the upper.
        name: the name; None makes one.
        dtype: the type to compute in; None takes `floatx()`.
        thresholds: the thresholds between 0 and 1, in place of `num_thresholds`.
        multi_label: True averages the areas of the labels; False takes all labels together.
        num_labels: how many labels there are, for `multi_label`; None takes it from the first batch.
        label_weights: a weight for each label.
        from_logits: whether predictions are logits in place of probabilities.

    Raises:
        InvalidArgumentError: when `curve`, `summation_method`, `num_thresholds` or `num_labels` cannot be used.

    Example:
        >>> metric = AUC(num_thresholds=3)
        >>> metric.update_state([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
        >>> float(metric.result())
        0.75

    Source: `keras.metrics.AUC`; Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves".
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        if num_labels and not multi_label:
            raise InvalidArgumentError("`num_labels` is needed only when `multi_label` is True.")
        if thresholds is None and num_thresholds <= 1:
            raise InvalidArgumentError(
                f"Argument `num_thresholds` must be an integer > 1. Received: num_thresholds={num_thresholds}."
            )
        super().__init__(name=name, dtype=dtype)
        self.curve = _choice(curve, _CURVES, "curve")
        self.summation_method = _choice(summation_method, _SUMMATIONS, "summation method")
        self._init_from_thresholds = thresholds is not None
        if thresholds is None:
            reserve((num_thresholds,), PYTHON_FLOAT)
            inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        else:
            inner = sorted(float(t) for t in thresholds)
        self.num_thresholds = len(inner) + 2
        self.thresholds = [-epsilon(), *inner, 1.0 + epsilon()]
        self._even = thresholds is None or are_even([0.0, *inner, 1.0])
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights: Any = None
        if label_weights is not None:
            self.label_weights = as_tensor(label_weights, self._torch_dtype)
        self._from_logits = from_logits
        self._built = False
        if not multi_label or num_labels:
            self._build(num_labels)

    def _build(self, labels: int | None) -> None:
        shape = (self.num_thresholds,) if labels is None else (self.num_thresholds, labels)
        self._count_at(Counter(self.thresholds, self._even, labels), CELLS, shape)
        self._built = True

    def _build_for(self, y_pred: torch.Tensor) -> None:
        if y_pred.ndim != 2:
            raise ShapeError(
                f"`y_pred` must have rank 2 when `multi_label=True`. Found rank {y_pred.ndim}. "
                f"Full shape received for `y_pred`: {tuple(y_pred.shape)}"
            )
        self._build(y_pred.shape[1])

    def _build_like(self, metric: Metric) -> None:
        self._build(metric.variables[0].shape[1])

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if not isinstance(y_pred, torch.Tensor):
            y_pred = as_tensor(y_pred, None, self._device)
        if not self._built:
            self._build_for(y_pred)
        if self._from_logits:
            y_pred = y_pred.to(self._variables[0].dtype).sigmoid()
        labels, scores, weights = prepare(y_true, y_pred, sample_weight, self._variables[0])
        if self.label_weights is not None and not self.multi_label:
            label_weights = broadcast_weight(self._weights_of_labels(), scores)
            weights = label_weights if weights is None else weights * label_weights
        self._counter.update(self._counts, labels, scores, weights)

    def _weights_of_labels(self) -> torch.Tensor:
        if self.label_weights.device != self._device:
            self.label_weights = self.label_weights.to(self._device)
        return self.label_weights

    def result(self) -> torch.Tensor:
        if not self._built:
            return torch.zeros((), dtype=self._torch_dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        x, y = self._points()
        left, right = y[:-1], y[1:]
        if self.summation_method == "interpolation":
            heights = (left + right) / 2
        elif self.summation_method == "minoring":
            heights = torch.minimum(left, right)
        else:
            heights = torch.maximum(left, right)
        return self._total((x[:-1] - x[1:]) * heights)

    def _points(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The points of the curve, one for each threshold, from the lowest threshold to the highest."""
        tp, fp, tn, fn = self.variables
        if self.curve == "PRGAIN":
            # Undefined without true positives (then recall gain 0, precision gain 1); recall gain is never negative.
            scale = divide_no_nan(tp + fn, tn + fp)
            none = tp == 0
            recall_gain = 1.0 - scale * divide_no_nan(fn, tp)
            precision_gain = 1.0 - scale * divide_no_nan(fp, tp)
            return recall_gain.masked_fill(none, 0.0).clamp_min(0.0), precision_gain.masked_fill(none, 1.0)
        recall = divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            return divide_no_nan(fp, fp + tn), recall
        return recall, divide_no_nan(tp, tp + fp)

    def interpolate_pr_auc(self) -> torch.Tensor:
        """Returns the area under the precision-recall curve, interpolated as Davis and Goadrich do.

        Between two thresholds the true positives grow linearly with the predicted positives P, so that the
        precision is `slope + intercept / P`; its integral has a logarithm.
        """
        tp, fp, _, fn = self.variables
        positives = tp + fp
        gained = tp[:-1] - tp[1:]
        slope = divide_no_nan(gained, (positives[:-1] - positives[1:]).clamp_min(0))
        intercept = tp[1:] - slope * positives[1:]
        both = (positives[:-1] > 0) & (positives[1:] > 0)
        ratio = divide_no_nan(positives[:-1], positives[1:].clamp_min(0)).masked_fill(~both, 1.0)
        areas = slope * (gained + intercept * ratio.log())
        return self._total(divide_no_nan(areas, (tp[1:] + fn[1:]).clamp_min(0)))

    def _total(self, areas: torch.Tensor) -> torch.Tensor:
        if not self.multi_label:
            return areas.sum()
        by_label = areas.sum(0)
        if self.label_weights is None:
            return by_label.mean()
        weights = self._weights_of_labels()
        return divide_no_nan((by_label * weights).sum(), weights.sum())

    def get_config(self) -> dict:
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if self.label_weights is None else self.label_weights.tolist(),
            "from_logits": self._from_logits,
        }
        if self._init_from_thresholds:
            config["thresholds"] = self.thresholds[1:-1]
        return config
