"""Losses of torch in the place of Keras's."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import torch

from kerastorch.losses.loss import Loss
from kerastorch.losses.reduction import reduce_weighted_values
from kerastorch.naming import to_snake_case


def is_torch_loss(loss: Any) -> bool:
    """Returns whether a loss takes `(prediction, target)`: a torch module or a function of torch."""
    if isinstance(loss, torch.nn.Module) or (inspect.isclass(loss) and issubclass(loss, torch.nn.Module)):
        return True
    module = getattr(loss, "__module__", "") or ""
    return inspect.isroutine(loss) and module.split(".")[0] == "torch"


class TorchLoss(Loss):
    """A torch loss, called in torch's order `(prediction, target)`.

    Args:
        loss: a module such as `torch.nn.CrossEntropyLoss()`, its class, or a function of `torch.nn.functional`.

    Without sample weights and a mask, torch reduces as the module says. With them, and where the module does not
    reduce, the loss is taken sample by sample: the weighted samples are added for `reduction="sum"`, else averaged.
    """

    def __init__(self, loss: Any) -> None:
        loss = loss() if inspect.isclass(loss) else loss
        super().__init__(name=getattr(loss, "__name__", None) or to_snake_case(type(loss).__name__))
        self.loss = loss
        self._unreduced = _without_reduction(loss)
        self._own_reduction = getattr(loss, "reduction", "mean")
        self._wants_classes = isinstance(loss, (torch.nn.CrossEntropyLoss, torch.nn.NLLLoss)) or loss in (
            torch.nn.functional.cross_entropy,
            torch.nn.functional.nll_loss,
        )

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> torch.Tensor:
        mask = getattr(y_pred, "_keras_mask", None)
        y_pred, y_true = self._torch_layout(y_pred, y_true)
        if sample_weight is None and mask is None and self._own_reduction != "none" and len(y_pred):
            return self.loss(y_pred, y_true)
        values = self._unreduced(y_pred, y_true)
        reduction = "sum" if self._own_reduction == "sum" else "mean"
        if values.ndim > 1:
            values = getattr(values.flatten(1), reduction)(-1)
        if mask is not None and mask.ndim > values.ndim:
            mask = mask.reshape(len(mask), -1).any(-1)
        return reduce_weighted_values(values, sample_weight, mask, reduction, values.dtype)

    def _torch_layout(self, y_pred: torch.Tensor, y_true: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        if not self._wants_classes:
            if y_true.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1:
                y_true = y_true.unsqueeze(-1)
            # Whole numbers of the shape of the output are values; of another shape, or for this loss, they are classes.
            values = y_true.shape == y_pred.shape and not isinstance(self.loss, torch.nn.MultiLabelMarginLoss)
            return y_pred, y_true.to(y_pred.dtype) if values and not y_true.is_floating_point() else y_true
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1 and y_pred.shape[-1] != 1:
            y_true = y_true.squeeze(-1)
        if y_true.ndim == y_pred.ndim - 1:
            y_true = y_true.long()
        if y_pred.ndim > 2:  # Keras keeps classes last, torch second
            y_pred = y_pred.movedim(-1, 1)
            y_true = y_true.movedim(-1, 1) if y_true.ndim == y_pred.ndim else y_true
        return y_pred, y_true


def _without_reduction(loss: Any) -> Callable:
    if isinstance(loss, torch.nn.Module):
        per_sample: Any = copy.deepcopy(loss)
        per_sample.reduction = "none"
        return per_sample
    return lambda prediction, target: loss(prediction, target, reduction="none")
