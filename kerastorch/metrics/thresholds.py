"""Counting true and false positives and negatives at one or many thresholds, in one pass over the predictions.

Legend: N predictions, T thresholds, L labels of a multi-label problem. A prediction is positive where it is above
the threshold. With many thresholds each prediction is put into one of T + 1 buckets by how many thresholds lie below
it; the counts are running sums over the buckets, so that the work is N + T and not N times T.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from kerastorch.config import epsilon
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.losses.inputs import as_tensor
from kerastorch.losses.reduction import squeeze_or_expand_to_same_rank
from kerastorch.metrics.arrays import to_pair
from kerastorch.metrics.counting import add_counts
from kerastorch.metrics.reduction import count_true

_FEW = 8  # so many thresholds are compared one by one faster than each prediction is searched for among them
LOWEST = -1e10  # below every prediction: the threshold when the k largest predictions are the positive ones


def parse_thresholds(thresholds: Any, default: float = 0.5) -> list[float]:
    """Returns the thresholds as a list.

    Args:
        thresholds: a number from 0 to 1, a list of them, or None.
        default: what None stands for.

    Raises:
        InvalidArgumentError: when one is not from 0 to 1.
    """
    if thresholds is None:
        return [default]
    given = list(thresholds) if isinstance(thresholds, (list, tuple, np.ndarray)) else [thresholds]
    wrong = [t for t in given if t is None or not 0 <= t <= 1]
    if wrong:
        raise InvalidArgumentError(f"Threshold values must be in [0, 1]. Received: {wrong}.")
    return given


def are_even(thresholds: Sequence[float]) -> bool:
    """Returns whether thresholds divide 0 to 1 into equal parts.

    Example:
        >>> are_even([0.0, 0.5, 1.0]), are_even([0.5])
        (True, False)
    """
    count = len(thresholds)
    if count < 3:
        return False
    even = np.arange(count, dtype=np.float32) / (count - 1)
    return bool(np.allclose(thresholds, even, atol=epsilon()))


class Counter:
    """Counts at fixed thresholds.

    With one threshold the counts go straight where they belong. With more, batches only fill the buckets, which
    `settle` turns into counts when somebody looks; the buckets stay one tensor, so that a captured step can fill them.

    Args:
        thresholds: the thresholds, in the order of the results.
        even: whether they divide 0 to 1 into equal parts; the first and last may lie just outside.
        labels: for multi-label problems, how many labels are counted by themselves; else None.
    """

    def __init__(self, thresholds: Sequence[float], even: bool, labels: int | None = None) -> None:
        self.size = len(thresholds)
        self.single = float(thresholds[0]) if self.size == 1 else None
        self._even = even
        self._labels = labels
        self._lowest = 1.0 if even and (thresholds[0] < 0 or thresholds[-1] > 1) else 0.0
        order = np.argsort(thresholds, kind="stable")
        self._sorted = torch.tensor(np.asarray(thresholds)[order])
        in_order = bool((order == np.arange(self.size)).all())
        self._rank = None if in_order else torch.tensor(np.argsort(order))
        groups = 1 if labels is None else labels
        self.buckets = torch.zeros(0 if self.size == 1 else groups * 2 * (self.size + 1))
        self._offsets = (
            None if labels is None else torch.arange(groups, dtype=torch.int32) * 2 * (self.size + 1)
        )

    def to(self, device: torch.device) -> None:
        """Moves what is kept in tensors."""
        for key, value in vars(self).items():
            if isinstance(value, torch.Tensor):
                setattr(self, key, value.to(device))

    def update(
        self,
        counts: dict[str, Any],
        labels: torch.Tensor,
        scores: torch.Tensor,
        weights: torch.Tensor | None,
    ) -> None:
        """Takes a batch into account.

        Args:
            counts: what to count, of `"tp"`, `"fp"`, `"tn"` and `"fn"`, and where to add it: tensors (T) or (T, L).
            labels: True for positive ones, of any shape; (N, L) for multi-label problems.
            scores: predictions of that shape.
            weights: weights of that shape, or None.
        """
        if self.single is not None:
            _add_at_one_threshold(counts, labels, scores > self.single, weights)
            return
        bucket = self._bucket_of(scores)
        bucket = bucket.add_(labels, alpha=self.size + 1).int()
        if self._offsets is not None:
            bucket += self._offsets
        add_counts(self.buckets, bucket.reshape(-1), None if weights is None else weights.reshape(-1))

    def _bucket_of(self, scores: torch.Tensor) -> torch.Tensor:
        """How many thresholds lie below each prediction; predictions that are no numbers lie below all."""
        if self._even:  # whole numbers in float32, which is faster than integers
            bucket = scores.float().mul(self.size - 1).ceil_()
            return bucket.clamp_(self._lowest, self.size - 1.0).nan_to_num_(self._lowest)
        if self._sorted.dtype != scores.dtype:
            self._sorted = self._sorted.to(scores.dtype)
        if self.size <= _FEW:
            above = self._sorted.view(-1, *[1] * scores.ndim)
            return (scores > above).sum(0, dtype=torch.int32)
        return torch.searchsorted(
            self._sorted, scores.nan_to_num(nan=-torch.inf).contiguous(), out_int32=True
        )

    def settle(self, counts: dict[str, Any]) -> None:
        """Adds what is in the buckets to the counts and empties them.

        Args:
            counts: where to add it, as for `update`.
        """
        if self.single is not None:
            return
        shape = (2, self.size + 1) if self._labels is None else (self._labels, 2, self.size + 1)
        buckets = self.buckets.view(shape)
        below = buckets.cumsum(-1)[..., :-1]
        above = buckets.flip(-1).cumsum(-1)[..., :-1].flip(-1)
        if self._rank is not None:
            below, above = below.index_select(-1, self._rank), above.index_select(-1, self._rank)
        cells = {
            "tp": above[..., 1, :],
            "fp": above[..., 0, :],
            "fn": below[..., 1, :],
            "tn": below[..., 0, :],
        }
        for key, total in counts.items():
            total.add_(cells[key].mT if self._labels is not None else cells[key])
        self.buckets.zero_()


def _add_at_one_threshold(
    counts: dict[str, Any], labels: torch.Tensor, positive: torch.Tensor, weights: torch.Tensor | None
) -> None:
    for key, total in counts.items():
        if key == "tp":
            flags = labels & positive
        elif key == "fp":
            flags = positive > labels
        elif key == "fn":
            flags = labels > positive
        else:
            flags = (labels | positive).logical_not_()
        total.add_(count_true(flags, torch.float32) if weights is None else (flags * weights).sum())


def prepare(
    y_true: Any,
    y_pred: Any,
    sample_weight: Any,
    like: torch.Tensor,
    top_k: int | None = None,
    class_id: int | None = None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """Returns labels as booleans, predictions, and weights or None, all of one shape.

    Args:
        y_true: labels; all that is not 0 is positive.
        y_pred: predictions of the same shape, up to a last axis of size 1.
        sample_weight: one weight for all, one for each sample, or one for each prediction; None for ones.
        like: a tensor whose type the predictions and weights get, on the device for what is no tensor.
        top_k: how many of the largest predictions of a sample stay, the others becoming negative; None for all.
        class_id: the one class to look at; None for all.

    Raises:
        ShapeError: when the shapes do not fit, or `class_id` is given for predictions without classes.
        InvalidArgumentError: when `top_k` is more than there are classes.
    """
    y_true, y_pred = to_pair(y_true, y_pred, like.device)
    if y_pred.dtype != like.dtype:
        y_pred = y_pred.to(like.dtype)
    y_pred, y_true = squeeze_or_expand_to_same_rank(y_pred, y_true)
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"Shapes {tuple(y_true.shape)} of y_true and {tuple(y_pred.shape)} of y_pred are incompatible. "
            "Expected equal shapes."
        )
    labels = y_true if y_true.dtype is torch.bool else y_true.bool()
    if sample_weight is not None:
        weight = as_tensor(sample_weight, like.dtype, y_pred.device).unsqueeze(-1)
        _, sample_weight = squeeze_or_expand_to_same_rank(labels, weight, expand_rank_1=False)
    if top_k is not None:
        y_pred = _only_top_k(y_pred, top_k)
    if class_id is not None:
        labels, y_pred = _only_class(labels, y_pred, class_id)
    if sample_weight is not None:
        sample_weight = broadcast_weight(sample_weight, y_pred)
    return labels, y_pred, sample_weight


def broadcast_weight(weight: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Returns weights in the shape of the predictions.

    Raises:
        ShapeError: when they do not broadcast to it.
    """
    try:
        return weight.expand(like.shape)
    except RuntimeError as error:
        raise ShapeError(
            f"Weights of shape {tuple(weight.shape)} do not fit predictions of shape {tuple(like.shape)}. Expected "
            "one weight for all, one for each sample, or one for each prediction."
        ) from error


def _only_class(
    labels: torch.Tensor, scores: torch.Tensor, class_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    if scores.ndim == 1:
        raise ShapeError(
            "When class_id is provided, y_pred must be a 2D array with shape (num_samples, num_classes), found "
            f"shape: {tuple(scores.shape)}."
        )
    if not -scores.shape[-1] <= class_id < scores.shape[-1]:
        raise InvalidArgumentError(
            f"Argument `class_id` must be in [0, {scores.shape[-1]}). Received: class_id={class_id}."
        )
    return labels[..., class_id, None], scores[..., class_id, None]


def _only_top_k(scores: torch.Tensor, k: int) -> torch.Tensor:
    if k > scores.shape[-1]:
        raise InvalidArgumentError(
            f"Argument `top_k` is {k}, but the predictions have only {scores.shape[-1]} classes: "
            f"y_pred.shape={tuple(scores.shape)}."
        )
    best = scores.topk(k, dim=-1)
    return torch.full_like(scores, LOWEST).scatter_(-1, best.indices, best.values)
