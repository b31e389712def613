"""What losses do with their arguments first: conversion, symbolic tensors, and checks of shapes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.compiler import is_compiling
from torch.overrides import handle_torch_function, has_torch_function

from kerastorch import tree
from kerastorch.core.devices import current_device
from kerastorch.core.logits import carry_logits, logits_of, remember_logits
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import InvalidArgumentError, ShapeError


def as_tensor(x: Any, dtype: torch.dtype | None = None, device: torch.device | None = None) -> torch.Tensor:
    """Returns a tensor of the given type; logits that an activation left on `x` come along.

    Args:
        x: a tensor, an array, a number, or nested lists of them.
        dtype: the type; None keeps it, and makes Python floats `floatx()`.
        device: the device; None keeps that of a tensor, and puts anything else on the current one.

    Raises:
        InvalidArgumentError: when `x` holds no numbers.

    Example:
        >>> as_tensor([[1.0, 2.0]])
        tensor([[1., 2.]])
    """
    if isinstance(x, torch.Tensor):
        if (dtype is None or x.dtype == dtype) and (device is None or x.device == device):
            return x
        return carry_logits(x, x.to(device=device, dtype=dtype))
    if isinstance(x, (bool, int, float)):
        dtype = dtype or (torch_dtype(None) if isinstance(x, float) else None)
        return torch.tensor(x, dtype=dtype, device=device or current_device())
    if isinstance(x, (list, tuple)):
        leaves = tree.flatten(x)
        if any(isinstance(leaf, torch.Tensor) for leaf in leaves):
            return torch.stack([as_tensor(part, dtype, device) for part in x])
        if dtype is None and any(isinstance(leaf, float) for leaf in leaves):
            dtype = torch_dtype(None)
    array = np.asarray(x)
    if array.dtype.kind not in "biufc" and array.dtype.name != "bfloat16":
        raise InvalidArgumentError(
            f"Expected a tensor, an array or numbers. Received: {x!r} (of type {type(x).__name__})."
        )
    if array.dtype.name == "bfloat16":
        array, dtype = array.astype(np.float32), dtype or torch.bfloat16
    device = device or current_device()
    return torch.as_tensor(np.require(array, requirements=["C", "W"]), dtype=dtype, device=device)


def convert_structure(x: Any, dtype: torch.dtype | None, device: torch.device | None) -> Any:
    """Returns a nested structure of tensors for one of arrays; lists of plain numbers are one array.

    Raises:
        InvalidArgumentError: when a leaf holds no numbers.
    """
    if tree.is_nested(x) and (isinstance(x, dict) or any(hasattr(leaf, "shape") for leaf in tree.flatten(x))):
        return tree.map_structure(lambda leaf: as_tensor(leaf, dtype, device), x)
    return as_tensor(x, dtype, device)


def device_of(x: Any) -> torch.device | None:
    """Returns the device of a tensor, or of the first tensor of a structure; None without one."""
    for leaf in tree.flatten(x):
        if isinstance(leaf, torch.Tensor):
            return leaf.device
    return None


def squeeze_or_expand_to_same_rank(
    x1: torch.Tensor, x2: torch.Tensor, expand_rank_1: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns two tensors whose ranks no longer differ by a last axis of length one.

    Args:
        x1: a tensor, such as the targets.
        x2: a tensor, such as the predictions.
        expand_rank_1: whether a tensor of rank 1 gets the axis; else the other one loses it.

    Returns:
        Both tensors; unchanged where the ranks are equal, or the extra axis is longer than one.

    Example:
        >>> a, b = squeeze_or_expand_to_same_rank(torch.zeros(4), torch.zeros(4, 1))
        >>> a.shape, b.shape
        (torch.Size([4, 1]), torch.Size([4, 1]))
    """
    rank1, rank2 = x1.ndim, x2.ndim
    if rank1 == rank2 + 1 and x1.shape[-1] == 1:
        if rank2 == 1 and expand_rank_1:
            return x1, _with_axis(x2)
        return _without_axis(x1), x2
    if rank2 == rank1 + 1 and x2.shape[-1] == 1:
        if rank1 == 1 and expand_rank_1:
            return _with_axis(x1), x2
        return x1, _without_axis(x2)
    return x1, x2


def _with_axis(x: torch.Tensor) -> torch.Tensor:
    logits = logits_of(x, "sigmoid")
    out = x.unsqueeze(-1)
    return out if logits is None else remember_logits(out, logits.unsqueeze(-1), "sigmoid")


def _without_axis(x: torch.Tensor) -> torch.Tensor:
    logits = logits_of(x, "sigmoid")
    out = x.squeeze(-1)
    return out if logits is None else remember_logits(out, logits.squeeze(-1), "sigmoid")


def loss_function(
    squeeze: bool = False, keep_labels: bool = False, same_shape: bool = False
) -> Callable[[Callable[..., torch.Tensor]], Callable[..., torch.Tensor]]:
    """Makes a function of two float tensors a loss function, which takes arrays and symbolic tensors too.

    Args:
        squeeze: whether a last axis of length one may be missing in one of the two.
        keep_labels: whether the targets are class numbers, and keep their type.
        same_shape: whether targets and predictions must have one shape; else they must broadcast.

    Returns:
        A decorator for a function `(y_true, y_pred, ...)`. The function gets tensors on one device, the predictions
        in a float type and the targets in the same one.
    """

    def decorate(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        @functools.wraps(function)
        def loss(y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> torch.Tensor:
            if type(y_pred) is not torch.Tensor or type(y_true) is not torch.Tensor:
                if has_torch_function((y_true, y_pred)):
                    return handle_torch_function(loss, (y_true, y_pred), y_true, y_pred, *args, **kwargs)
                y_pred = as_tensor(y_pred, None, device_of(y_pred) or device_of(y_true))
                y_true = as_tensor(y_true, None, y_pred.device)
            if not y_pred.is_floating_point():
                y_pred = as_tensor(y_pred, torch_dtype(None))
            if not keep_labels:
                y_true = as_tensor(y_true, y_pred.dtype, y_pred.device)
                if y_true.shape != y_pred.shape:
                    if squeeze:
                        y_true, y_pred = squeeze_or_expand_to_same_rank(y_true, y_pred)
                    check_shapes(function.__name__, y_true.shape, y_pred.shape, same_shape)
            return function(y_true, y_pred, *args, **kwargs)

        loss.keeps_labels = keep_labels  # type: ignore[attr-defined]
        return loss

    return decorate


def check_shapes(name: str, y_true: Sequence[int], y_pred: Sequence[int], same_shape: bool = False) -> None:
    """Checks that the shapes of targets and predictions fit.

    Args:
        name: the loss, for the error.
        y_true: the shape of the targets.
        y_pred: the shape of the predictions.
        same_shape: whether broadcasting is not enough.

    Raises:
        ShapeError: when they do not fit.
    """
    true, pred = tuple(y_true), tuple(y_pred)
    pairs = zip(true[::-1], pred[::-1], strict=False)
    if true == pred or (not same_shape and all(a == b or 1 in (a, b) for a, b in pairs)):
        return
    hint = ""
    if name.startswith("categorical_cross") and true in (pred[:-1], (*pred[:-1], 1)):
        hint = f" For class numbers use `sparse_{name}`, or make the targets one-hot."
    raise ShapeError(
        f"The targets and the predictions of the loss {name!r} must have the same shape. "
        f"Received: y_true.shape={true}, y_pred.shape={pred}.{hint}"
    )


def check_labels(name: str, labels: torch.Tensor, y_pred: torch.Tensor, axis: int = -1) -> None:
    """Checks that labels are class numbers, on a CPU: on a GPU looking would mean to wait for it.

    Args:
        name: the loss, for the error.
        labels: the class numbers.
        y_pred: the predictions.
        axis: the axis of the classes.

    Raises:
        InvalidArgumentError: when a label lies outside of the classes.
    """
    if can_look(labels):
        low, high = torch.aminmax(labels)
        if low.item() < 0 or high.item() >= y_pred.shape[axis]:
            raise label_error(name, y_pred, axis, f"Received labels from {low.item()} to {high.item()}.")


def can_look(x: torch.Tensor) -> bool:
    """Returns whether the values of a tensor can be read at once and at no great cost."""
    return x.is_cpu and x.numel() > 0 and not is_compiling()


def label_error(name: str, y_pred: torch.Tensor, axis: int, received: str) -> InvalidArgumentError:
    """Returns the error for a label that is no class number.

    Args:
        name: the loss.
        y_pred: the predictions.
        axis: the axis of the classes.
        received: what was wrong, as a sentence.
    """
    classes = y_pred.shape[axis]
    hint = "" if name != "sparse_categorical_crossentropy" else " To leave a label out, pass `ignore_class`."
    return InvalidArgumentError(
        f"A label of the loss {name!r} lies outside of [0, {classes}), the {classes} classes of predictions of shape "
        f"{tuple(y_pred.shape)}. {received}{hint}"
    )
