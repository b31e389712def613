"""Calls that may use the memory of an input: where a graph shows that nothing else will look at it.

In a graph the output of one layer often goes into one other and nowhere else. A `ReLU` after a `BatchNormalization`
can then write over its input, which saves memory and the time to get it. Classes say by `_fresh_from` with how many
inputs or more their output is a tensor of its own, which they do not need on the way back. Whatever could see the
difference - a hook, a penalty on the activity, a mask - makes the call an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.modules import module as torch_module

from kerastorch.activations.functions import linear

# How layers show what torch computed with the channels second, and the way back: images, volumes.
_CHANNELS_LAST = {4: (0, 2, 3, 1), 5: (0, 2, 3, 4, 1)}
_CHANNELS_SECOND = {4: (0, 3, 1, 2), 5: (0, 4, 1, 2, 3)}


def overwritten(
    layer: Any, inputs: Any, producer: Any, in_place: Callable, place: int = 0, others: Sequence = ()
) -> Any:
    """Returns what a layer makes of inputs, one of which nothing else will look at.

    Args:
        layer: the layer to apply.
        inputs: its input: a tensor, or a list of them.
        producer: the layer that has just made the tensor to write over.
        in_place: what the layer computes, element by element, in the memory of its first argument; `others` follow.
        place: where in a list that tensor is.
        others: tensors of the same shape that take part.
    """
    x = inputs[place] if isinstance(inputs, list) else inputs
    # What an activation puts out is often kept for the way back.
    kept = _is_watched(producer, x) or getattr(producer, "activation", linear) is not linear
    if kept or any(_is_watched(layer, t) or t.shape != x.shape for t in (x, *others)):
        return layer(inputs)
    base = x._base
    if base is None:
        return in_place(x, *others)
    # A change of a view is costly on the way back; one of the tensor that it shows is not.
    order = _CHANNELS_LAST.get(x.ndim)
    if order is None or base.ndim != x.ndim or not _same_memory(base.permute(order), x):
        return layer(inputs)
    return in_place(base, *(t.permute(_CHANNELS_SECOND[x.ndim]) for t in others)).permute(order)


def _is_watched(layer: Any, x: torch.Tensor) -> bool:
    return is_observed(layer, x) or hasattr(x, "_keras_mask")


def is_observed(layer: Any, x: torch.Tensor) -> bool:
    """Returns whether somebody sees what goes through a layer, or it has more to do than to compute.

    Args:
        layer: the layer.
        x: its input, or its output.
    """
    return bool(
        type(x) is not torch.Tensor
        or x.dtype is not layer._compute_torch_dtype
        or layer.activity_regularizer is not None
        or layer._forward_hooks
        or layer._forward_pre_hooks
        or layer._backward_hooks
        or layer._backward_pre_hooks
        or torch_module._global_forward_hooks
        or torch_module._global_forward_pre_hooks
        or torch_module._global_backward_hooks
        or torch.compiler.is_compiling()
    )


def _same_memory(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and a.stride() == b.stride() and a.storage_offset() == b.storage_offset()
