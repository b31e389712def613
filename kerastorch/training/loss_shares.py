"""What the loss of a part of a batch counts for in the loss of the batch.

A mean over the samples counts by the rows of the part. A sum counts whole, a mean over what is not masked, or over the
weights, by the entries or weights of the part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from kerastorch.losses.inputs import convert_structure, device_of
from kerastorch.losses.loss import Loss
from kerastorch.losses.reduction import AVERAGES, reduce_weighted_values
from kerastorch.training.foreign import TorchLoss
from kerastorch.training.identifiers import LossSum
from kerastorch.training.outputs import at
from kerastorch.training.plan import Plan, Target

BY_ROWS, WHOLE = "by rows", "whole"


@torch.no_grad()
def amount_of(loss: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
    """Returns what a loss divides by on a part of a batch.

    Args:
        loss: the loss.
        y_true: the targets of the part.
        y_pred: the outputs for the part.
        sample_weight: the weights of the part, or None.

    Returns:
        `BY_ROWS`, also where a loss does not say how it reduces; `WHOLE` for a sum, which is divided by nothing; or
        else the entries that are not masked, or the weights, added up.

    Example:
        >>> amount_of(torch.nn.functional.mse_loss, torch.ones(3, 1), torch.ones(3, 1))
        'by rows'
    """
    if isinstance(loss, TorchLoss):
        return _amount_of_torch(loss, y_true, y_pred, sample_weight)
    if not isinstance(loss, Loss) or type(loss).__call__ is not Loss.__call__:
        return BY_ROWS
    mask = getattr(y_pred, "_keras_mask", None)
    y_pred = convert_structure(y_pred, loss._torch_dtype, device_of(y_pred))
    y_true = convert_structure(y_true, None if loss._keeps_labels else loss._torch_dtype, device_of(y_pred))
    values = loss.call(y_true, y_pred)
    if not isinstance(values, torch.Tensor) or values.ndim == 0:
        return BY_ROWS
    own_mask = getattr(values, "_keras_mask", None)
    if own_mask is not None:
        mask = own_mask if mask is None else mask & own_mask
    if loss.reduction not in AVERAGES:
        return WHOLE
    weight = sample_weight if loss.reduction == "mean_with_sample_weight" else None
    return _counted(values, weight, mask)


def _amount_of_torch(loss: TorchLoss, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
    if loss._own_reduction == "sum":
        return WHOLE
    mask = getattr(y_pred, "_keras_mask", None)
    if mask is not None:
        return mask.reshape(len(mask), -1).any(-1).sum()
    labels = loss._torch_layout(y_pred, y_true)[1]
    if not loss._wants_classes or labels.is_floating_point() or sample_weight is not None:
        return BY_ROWS
    kept = labels != getattr(loss.loss, "ignore_index", -100)
    weights = getattr(loss.loss, "weight", None)
    return kept.sum() if weights is None else weights.to(labels.device)[labels[kept]].sum()


def _counted(values: torch.Tensor, weight: Any, mask: Any) -> Any:
    if weight is None and mask is None:
        return BY_ROWS
    return reduce_weighted_values(torch.ones_like(values), weight, mask, "sum")


def amounts_of(plan: Plan, y: Any, y_pred: Any, sample_weight: Any) -> list[Any]:
    """Returns the amounts of all losses of a plan on a part of a batch, which `plan.locate` has seen.

    Args:
        plan: the compiled losses.
        y: the targets.
        y_pred: the outputs.
        sample_weight: the weights, or None.
    """
    amounts = []
    for target in plan._with_loss:
        weights = sample_weight if sample_weight is None else plan.weights_of(target, sample_weight)
        for loss in _simple(target.loss):
            amounts.append(amount_of(loss, at(y, target.y_path), at(y_pred, target.path), weights))
    return amounts


def factors(amounts: list[list[Any]], rows: list[int]) -> list[list[Any]]:
    """Returns by what each loss is multiplied on each part, beside the part's share of the rows.

    Args:
        amounts: for each part the amount of each loss.
        rows: the rows of each part.

    Example:
        >>> factors([[BY_ROWS, WHOLE], [BY_ROWS, WHOLE]], [3, 1])
        [[1.0, 1.3333333333333333], [1.0, 4.0]]
    """
    totals = [None if isinstance(own[0], str) else sum(own) for own in zip(*amounts, strict=True)]
    whole = sum(rows)
    return [
        [_factor(amount, total, whole / count) for amount, total in zip(of_part, totals, strict=True)]
        for of_part, count in zip(amounts, rows, strict=True)
    ]


def _factor(amount: Any, total: Any, rest: float) -> Any:
    if isinstance(amount, str):
        return 1.0 if amount == BY_ROWS else rest
    return torch.where(total == 0, 0.0, amount / total) * rest


class _Scaled:
    """A loss times a factor that can be set."""

    def __init__(self, loss: Any) -> None:
        self.loss, self.factor = loss, 1.0
        self.name = getattr(loss, "name", loss)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if sample_weight is None:
            return self.loss(y_true, y_pred) * self.factor
        return self.loss(y_true, y_pred, sample_weight=sample_weight) * self.factor


@contextmanager
def scaled_losses(plan: Plan | None) -> Iterator[list[Any]]:
    """Puts objects whose `factor` can be set into the place of the losses of a plan, for a `with` block.

    Args:
        plan: the compiled losses.
    """
    before = [] if plan is None else [(target, target.loss) for target in plan._with_loss]
    found: list[Any] = []
    try:
        for target, loss in before:
            scaled = [_Scaled(one) for one in _simple(loss)]
            found.extend(scaled)
            _put(target, scaled, loss)
        yield found
    finally:
        for target, loss in before:
            target.loss = loss


def _put(target: Target, scaled: list[Any], loss: Any) -> None:
    target.loss = LossSum(scaled, loss.weights) if isinstance(loss, LossSum) else scaled[0]


def _simple(loss: Any) -> list[Any]:
    return loss.losses if isinstance(loss, LossSum) else [loss]
