"""Training goes on when the device runs out of memory: the batch is taken in parts, whose gradients are added up.

The loss of the batch is a sum over its parts, see `loss_shares`, and so is its gradient: the optimizer takes one step
for the whole batch. Only what looks at several samples at once differs, such as `BatchNormalization`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.strings import StringTensor
from kerastorch.data.convert import batch_length
from kerastorch.data.parts import unpack
from kerastorch.training.loss_shares import amounts_of, factors, scaled_losses
from kerastorch.training.steps import Steps
from kerastorch.training.undo import Saved


class MicroBatches:
    """What a run of `fit` does when a batch does not fit into memory.

    Args:
        model: the model that is trained.
        is_first: says whether the present step is the first of its epoch, so that the metrics begin with it.

    Attributes:
        rows: the rows of the parts that fit, None as long as whole batches do.
    """

    def __init__(self, model: Any, is_first: Callable[[], bool]) -> None:
        self._model, self._is_first = model, is_first
        self.rows: int | None = None
        self._amounts: list[str] | None = None  # of the losses, where they are the same for all parts

    def around(self, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Returns a training step that takes a batch in parts where it has to.

        Args:
            step: the step for a whole batch. One that the user has written cannot be divided, and stays as it is.
        """
        if self._model._has_own_train_step():
            return _explained(step, self._model)

        def run(batch: Any) -> Any:
            if self.rows is not None and _rows(batch) > self.rows:
                return self._in_parts(batch)
            try:
                return step(batch)
            except torch.OutOfMemoryError as error:
                if not _is_divisible(batch):
                    raise _not_divided(
                        self._model, "its tensors differ in their number of rows", error
                    ) from error
                counted = _has_reached(error.__traceback__, Steps._update_weights)
            # The error, which holds the tensors of the step, is gone here.
            if not counted and self._is_first():
                self._model.reset_metrics()  # some of them may have seen the batch
            return self._in_parts(batch, failed=True, counted=counted)

        return run

    def _in_parts(self, batch: Any, failed: bool = False, counted: bool = False) -> Any:
        """Trains on a batch in parts, each time of half the size until they fit.

        Args:
            batch: the batch.
            failed: whether it did not fit as a whole.
            counted: whether statistics and metrics have taken it into account then.
        """
        total = _rows(batch)
        rows = min(self.rows or total, math.ceil(total / 2))
        while True:
            _free_memory(self._model)
            try:
                logs = self._train(batch, rows, counted)
                break
            except torch.OutOfMemoryError as error:
                failed, reason = True, str(error)
            if rows == 1:
                raise torch.OutOfMemoryError(_no_row_fits(self._model, total, reason))
            rows = math.ceil(rows / 2)
        if failed:
            self.rows = rows
            warnings.warn(_in_words(self._model, total, rows), stacklevel=2)
        return logs

    def _train(self, batch: Any, rows: int, counted: bool) -> Any:
        """Trains on a batch in parts of some rows; if that fails, the model is as it was before."""
        model, saved = self._model, Saved(self._model)
        _clear_gradients(model)
        try:
            parts = list(_parts(batch, rows))
            of_parts = self._factors(parts)
            saved.restore()
            self._accumulate(parts, of_parts)
            if counted:
                saved.restore()
        except BaseException:
            saved.restore()
            _clear_gradients(model)
            raise
        if model._grad_owners is not None:
            model._step_optimizer()
        return model.get_metrics_result()

    def _factors(self, parts: list[Any]) -> list[list[Any]]:
        """What each loss is multiplied by on each part; where masks or weights say so, it takes a look at all parts."""
        amounts = [self._amounts or self._amounts_of(parts[0])]
        if all(isinstance(amount, str) for amount in amounts[0]):
            self._amounts = amounts[0]
            amounts *= len(parts)
        else:
            amounts.extend(map(self._amounts_of, parts[1:]))
        return factors(amounts, [_rows(part) for part in parts])

    @torch.no_grad()
    def _amounts_of(self, part: Any) -> list[Any]:
        x, y, sample_weight = unpack(part)
        y_pred = self._model._forward(x)
        plan = self._model._plan_for(y_pred)
        if plan is None:
            return []
        plan.locate(y, y_pred)
        return amounts_of(plan, y, y_pred, sample_weight)

    def _accumulate(self, parts: list[Any], of_parts: list[list[Any]]) -> None:
        total = sum(_rows(part) for part in parts)
        with scaled_losses(self._model._plan) as losses:
            for part, own in zip(parts, of_parts, strict=True):
                for loss, factor in zip(losses, own, strict=True):
                    loss.factor = factor
                self._add_gradients(part, _rows(part) / total)

    def _add_gradients(self, part: Any, share: float) -> None:
        model, (x, y, sample_weight) = self._model, unpack(part)
        y_pred = model._forward(x)
        options = model._loss_options(True)
        loss = model.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **options)
        with torch.no_grad():
            model._loss_tracker.add(loss.detach(), _rows(part))
            model.compute_metrics(x, y, y_pred, sample_weight=sample_weight)
        if not loss.requires_grad:
            model._report_no_gradient()
            return
        if model._grad_owners is None:
            model._prepare_optimizer()
        model._backward(loss * share)


def _explained(step: Callable[[Any], Any], model: Any) -> Callable[[Any], Any]:
    def run(batch: Any) -> Any:
        try:
            return step(batch)
        except torch.OutOfMemoryError as error:
            raise _not_divided(model, "the model has a `train_step` of its own", error) from error

    return run


def _not_divided(model: Any, why: str, error: torch.OutOfMemoryError) -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError(
        f"The device ran out of memory, and the batch cannot be divided: {why}. Train model {model.name!r} with a "
        f"smaller `batch_size`; `model.estimate_memory(batch_size)` says what a batch takes. torch said: {error}"
    )


def _rows(batch: Any) -> int:
    return batch_length(unpack(batch)[0]) or 1


def _is_divisible(batch: Any) -> bool:
    """Whether everything in a batch has the same number of rows."""
    return len({leaf.shape[0] for leaf in tree.flatten(batch) if _has_rows(leaf)}) == 1


def _has_rows(leaf: Any) -> bool:
    return isinstance(leaf, (torch.Tensor, StringTensor)) and leaf.ndim > 0


def _parts(batch: Any, rows: int) -> Iterator[Any]:
    for start in range(0, _rows(batch), rows):
        part = slice(start, start + rows)
        yield tree.map_structure(lambda leaf, p=part: leaf[p] if _has_rows(leaf) else leaf, batch)


def _has_reached(trace: TracebackType | None, function: Any) -> bool:
    """Whether an error came out of a function."""
    while trace is not None:
        if trace.tb_frame.f_code is function.__code__:
            return True
        trace = trace.tb_next
    return False


def _clear_gradients(model: Any) -> None:
    for parameter in model.parameters():
        parameter.grad = None


def _free_memory(model: Any) -> None:
    """Gives back what the step that failed has left, so that smaller parts find room."""
    _clear_gradients(model)
    if model._data_device().type == "cuda":
        torch.cuda.empty_cache()


def _in_words(model: Any, total: int, rows: int) -> str:
    normalizing = [layer.name for layer in model.modules() if "BatchNorm" in type(layer).__name__]
    text = (
        f"The device ran out of memory: model {model.name!r} trains on a batch of {total} samples in "
        f"{math.ceil(total / rows)} parts of at most {rows}, whose gradients are added up to that of the batch. "
    )
    if normalizing:
        text += (
            f"These layers normalize by the samples of a part, not of the batch: {', '.join(normalizing)}. "
        )
    return (
        text
        + "A smaller `batch_size` avoids this; `model.estimate_memory(batch_size)` says what a batch takes."
    )


def _no_row_fits(model: Any, total: int, reason: str) -> str:
    return (
        f"The device ran out of memory, and a part of one sample does not fit either: model {model.name!r} cannot be "
        f"trained on this batch of {total} samples here. Its weights and its optimizer are as they were before this "
        f"step. A smaller model, smaller inputs, or `mixed_precision.set_global_policy('mixed_bfloat16')` need less. "
        f"torch said: {reason}"
    )
