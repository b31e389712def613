"""What can be known to be wrong about data before the first step: sizes, shapes, weights, and labels against classes.

A loss looks at the values of labels and weights itself where they are on a CPU. On a GPU it would have to wait for
them: this look at all of them at once is the only one.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.spec import KerasTensor
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import DataError, did_you_mean
from kerastorch.losses.crossentropy import (
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from kerastorch.losses.loss import LossFunctionWrapper
from kerastorch.losses.sequences import ctc
from kerastorch.training.identifiers import loss_for_shapes
from kerastorch.training.outputs import at
from kerastorch.training.plan import Plan, Target, call_loss

_MOST_ZEROS = 1 << 20  # larger outputs are tried with one row
_MOST_VALUES = 1 << 22  # looking at more labels or weights would take longer than a few milliseconds
_OF_CLASS_NUMBERS = (sparse_categorical_crossentropy, categorical_generalized_cross_entropy, ctc)


def check_not_empty(plan: Plan | None, x: Any, y: Any) -> None:
    """Checks that arrays hold samples.

    Args:
        plan: the compiled losses, if they are known.
        x: the inputs as the user gave them.
        y: the targets as the user gave them.

    Raises:
        DataError: when an array of targets is empty; it names every output and its loss.
    """
    if plan is not None and any(shape[0] == 0 for shape in _shapes(y)):
        waiting = [f"output {t.name!r}: the loss {_name(t)!r}" for t in plan.targets if t.loss is not None]
        raise DataError(
            f"The arrays hold no samples: expected at least one. Received shapes: {{'x': {_shapes(x)}, 'y': "
            f"{_shapes(y)}}}. Waiting for samples: {'; '.join(waiting)}."
        )


def _shapes(arrays: Any) -> list[tuple[int, ...]]:
    """The shapes of an array, or of those in a list or dictionary."""
    parts = arrays.values() if isinstance(arrays, dict) else arrays
    parts = parts if isinstance(arrays, (dict, list, tuple)) else [arrays]
    return [tuple(part.shape) for part in parts if getattr(part, "shape", None)]


def _name(target: Target) -> str:
    return getattr(target.loss, "name", target.loss)


def check_weights(plan: Plan | None, batches: Any) -> None:
    """Checks that no sample weight of arrays is negative.

    Args:
        plan: the compiled losses, if they are known.
        batches: what gives the batches.

    Raises:
        DataError: when one is; it names the output and its loss.
    """
    weights = batches.arrays[2]
    if weights is None:
        return
    for target in plan.targets if plan is not None else [Target("output", (), "compiled")]:
        if target.loss is None:
            continue
        own = plan.weights_of(target, weights) if plan is not None else weights
        for leaf in tree.flatten(own):
            if not isinstance(leaf, torch.Tensor) or not 0 < leaf.numel() <= _MOST_VALUES:
                continue
            if (least := leaf.min().item()) < 0:
                raise DataError(
                    f"Output {target.name!r}: the loss {_name(target)!r} needs sample weights of at least 0. Received "
                    f"a weight of {least:.6g}, from `sample_weight` and `class_weight`. Where signed factors are "
                    "meant, such as the advantages of a policy gradient, multiply by them in a loss function."
                )


def check_inputs(model: Any, batches: Any) -> None:
    """Checks the first batch of arrays against the inputs of a model that has a graph.

    Args:
        model: the model.
        batches: what gives the batches; its `head()` is the first one, unshuffled.

    Raises:
        ShapeError: when number, names or shapes of the inputs do not fit.
    """
    model._standardize_inputs(batches.head()[0])


def check_targets(plan: Plan, outputs: Any, batches: Any) -> None:
    """Checks the targets and weights of arrays against the outputs and losses of a model that has a graph.

    The losses are tried on zeros of the right shapes, and only kerastorch's own: nothing is known about others.

    Args:
        plan: the compiled losses.
        outputs: the symbolic outputs.
        batches: what gives the batches.

    Raises:
        DataError: when targets or weights do not fit the outputs; it lists every fault that concerns their number.
        ShapeError: when the shape of a target does not fit its output.
    """
    _, y, weights = batches.head()
    _, whole, _ = batches.arrays
    _check_weight_names(plan, weights)
    for target, path in zip(plan.targets, plan.places(y), strict=True):
        if path is None or target.loss is None:
            continue
        y_true, output = at(y, path), at(outputs, target.path)
        if None in output.shape[1:]:
            continue
        rows = len(y_true) if len(y_true) * math.prod(output.shape[1:]) < _MOST_ZEROS else 1
        y_zero, y_pred = _zeros(y_true, rows), _zeros(output, rows)
        loss = loss_for_shapes(target.loss, y_zero, y_pred)
        if not _is_own(loss):
            continue
        w = None if weights is None else plan.weights_of(target, weights)
        call_loss(
            dataclasses.replace(target, loss=loss), y_zero, y_pred, None if w is None else _zeros(w, rows)
        )
        if getattr(loss, "fn", None) in _OF_CLASS_NUMBERS:
            _check_labels(target, loss, at(whole, path), y_pred)


def _check_weight_names(plan: Plan, weights: Any) -> None:
    names = plan.outputs.names
    known = {*names, *(path[0] for path in plan.outputs.paths if path)}
    unknown = [key for key in weights if key not in known] if isinstance(weights, dict) else []
    if unknown:
        raise DataError(
            f"`sample_weight` has the key {unknown[0]!r}, which is no output of the model. Expected some of {names}."
            f"{did_you_mean(str(unknown[0]), names)}"
        )


def _zeros(like: torch.Tensor | KerasTensor, rows: int) -> torch.Tensor:
    shape: Any = (rows, *like.shape[1:])
    return torch.zeros(shape, dtype=torch_dtype(like.dtype))


def _is_own(loss: Any) -> bool:
    own = type(loss).__module__.startswith("kerastorch.losses.")
    return own and (not isinstance(loss, LossFunctionWrapper) or loss.fn.__module__.startswith("kerastorch."))


def _check_labels(target: Target, loss: Any, labels: torch.Tensor, y_pred: torch.Tensor) -> None:
    """Looks once at all labels: a GPU would stop with an error that ends the process."""
    config = loss.get_config()
    if config.get("ignore_class") is not None:
        labels = labels[labels != config["ignore_class"]]
    if not 0 < labels.numel() <= _MOST_VALUES:
        return
    classes = y_pred.shape[config.get("axis", -1)]
    low, high = (int(v) for v in torch.aminmax(labels))
    if low < 0 or high >= classes:
        more = f"The layer that makes it needs {high + 1} units."
        hint = more if low >= 0 else "To leave out a label, pass `ignore_class`."
        raise DataError(
            f"Output {target.name!r}: the targets of the loss {loss.name!r} must be class numbers in [0, {classes}), "
            f"as the output has shape {('batch', *y_pred.shape[1:])} for {classes} classes. Received labels from {low} "
            f"to {high}. {hint}"
        )
